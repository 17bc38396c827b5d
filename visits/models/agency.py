"""Outside agencies: admission, capacity, prices, evaluation and people."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.reach import Reach
from backoffice.core.scoping import NOTHING, ScopedQuerySet
from backoffice.core.sealed.fields import SealedField, masked
from backoffice.core.sealed.sealing import masked_name
from visits.enums import AgencyState, FeeBasis


class OfAgencyQuerySet(ScopedQuerySet[Any]):
    """
    The lender's people see all agencies; an agency's coordinators see their own; crews see none but
    themselves. `agency_path` leads from the row to its agency.
    """

    agency_path = "agency"

    def scope_for(self, user: Any) -> Q:
        if user.reach in (Reach.ALL, Reach.TERRITORY, Reach.CONFIGURATION):
            return Q()
        if user.reach == Reach.AGENCY:
            own = "coordinators" if self.agency_path == "" else f"{self.agency_path}__coordinators"
            return Q(**{own: user})
        return NOTHING


class AgencyQuerySet(OfAgencyQuerySet):
    agency_path = ""

    def managed_by(self, user: Any) -> Self:
        """
        Return the agencies that `user` may evaluate or change, if their role holds the permission.

        People of a territory manage the agencies that take cases there; they see the others of the published list.
        """
        seen = self.visible_to(user)
        if getattr(user, "reach", Reach.NONE) != Reach.TERRITORY:
            return seen
        here = AgencyTerritory.objects.filter(agency=OuterRef("pk"), territory__in=user.territory_ids)
        return seen.filter(Exists(here))


class CrewQuerySet(OfAgencyQuerySet):
    agency_path = "agency"

    def scope_for(self, user: Any) -> Q:
        if user.reach == Reach.CREW:
            return Q(user=user)
        return super().scope_for(user)


class CertificateQuerySet(OfAgencyQuerySet):
    agency_path = "member__agency"


class Agency(models.Model):
    """A firm on the published list. Only an ACTIVE one gets cases."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    # Unified social credit code.
    registration = models.CharField(_("registration"), max_length=18)
    state = models.CharField(_("state"), max_length=12, choices=AgencyState.choices, default=AgencyState.APPLICANT)
    complaints_phone = models.CharField(_("complaints telephone"), max_length=30)
    admitted_on = models.DateField(_("admitted on"), null=True, blank=True)
    contract_ends_on = models.DateField(_("contract ends on"))
    # What a person wrote when they last changed the state.
    state_note = SealedField(_("note on the state"), bound_to="code", null=True, default=None)
    no_subcontract_promise_on = models.DateField(_("promised not to subcontract on"), null=True, blank=True)
    coordinators = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("coordinators"), blank=True, related_name="agencies"
    )
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=AgencyState.ACTIVE.value)
                | Q(admitted_on__isnull=False, no_subcontract_promise_on__isnull=False),
                name="agency_active_was_admitted",
            )
        ]

    def __str__(self) -> str:
        return self.name


class AgencyTerritory(models.Model):
    """How many cases an agency takes in a territory at once."""

    agency = models.ForeignKey(Agency, models.CASCADE, verbose_name=_("agency"), related_name="capacities")
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name=_("territory"), related_name="+")
    capacity = models.PositiveIntegerField(_("capacity"))

    objects = OfAgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("capacity")
        verbose_name_plural = _("capacities")
        constraints = [models.UniqueConstraint(fields=["agency", "territory"], name="one_capacity_a_territory")]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.territory_id}"


class PriceCard(models.Model):
    """What an agency is paid, never for what a visit finds."""

    agency = models.ForeignKey(Agency, models.CASCADE, verbose_name=_("agency"), related_name="prices")
    basis = models.CharField(_("paid for"), max_length=25, choices=FeeBasis.choices)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)

    objects = OfAgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("price card")

    def __str__(self) -> str:
        return f"{self.get_basis_display()} {self.amount} {self.currency}"


class AgencyEvaluation(models.Model):
    """
    A yearly (and pre-expiry) evaluation with its score out of 100 (GB/T 45251, agency evaluation).

    `score` is null where the agency did too little to be scored. `score_low` and `score_high` are the ends of the interval
    in which the score lies with 90 % certainty; null for evaluations from before it was computed.
    """

    agency = models.ForeignKey(Agency, models.CASCADE, verbose_name=_("agency"), related_name="evaluations")
    evaluated_on = models.DateField(_("evaluated on"))
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    score_low = models.PositiveSmallIntegerField(_("score at least"), null=True)
    score_high = models.PositiveSmallIntegerField(_("score at most"), null=True)
    parts = models.JSONField(_("parts"), default=dict)
    evaluated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("evaluated by"), null=True, related_name="+"
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = OfAgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency evaluation")
        verbose_name_plural = _("agency evaluations")
        constraints = [models.CheckConstraint(condition=Q(score__lte=100), name="evaluation_score_to_100")]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.evaluated_on}"


class CrewMember(models.Model):
    """A person of an agency who goes to doors."""

    class Sex(models.TextChoices):
        FEMALE = "FEMALE", _("Female")
        MALE = "MALE", _("Male")

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="crew")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("login"),
        null=True,
        blank=True,
        related_name="crew_member",
    )
    external_ref = models.CharField(_("badge number"), max_length=40, unique=True)
    name = SealedField(_("full name"))
    # Known for the crew only: one of a pair shall be of the borrower's sex where possible.
    sex = models.CharField(_("sex"), max_length=10, choices=Sex.choices, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    screened_on = models.DateField(_("screened on"), null=True, blank=True)
    confidentiality_signed_on = models.DateField(_("confidentiality signed on"), null=True, blank=True)
    trained_until = models.DateField(_("training valid until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    masked_name = masked(masked_name, "name")

    objects = CrewQuerySet.as_manager()

    class Meta:
        verbose_name = _("crew member")
        verbose_name_plural = _("crew members")

    def __str__(self) -> str:
        return self.external_ref


class CrewCertificate(models.Model):
    """An exam or licence of a crew member."""

    member = models.ForeignKey(CrewMember, models.CASCADE, verbose_name=_("crew member"), related_name="certificates")
    kind = models.CharField(_("kind"), max_length=60)
    number = models.CharField(_("number"), max_length=60)
    valid_until = models.DateField(_("valid until"))

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind}"
