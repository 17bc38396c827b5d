"""Outside agencies: admission, capacity and evaluation."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.reach import Reach
from backoffice.core.scoping import NOTHING, ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from visits.enums import AgencyState


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

        People of a territory manage the agencies that take cases there, and the applicants that they entered; they see
        the others of the published list.
        """
        seen = self.visible_to(user)
        if getattr(user, "reach", Reach.NONE) != Reach.TERRITORY:
            return seen
        here = AgencyTerritory.objects.filter(agency=OuterRef("pk"), territory__in=user.territory_ids)
        return seen.filter(Exists(here) | Q(entered_by=user, state=AgencyState.APPLICANT))


class Agency(models.Model):
    """A firm on the published list. Only an ACTIVE one gets cases."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    # Unified social credit code.
    registration = models.CharField(_("registration"), max_length=18)
    state = models.CharField(_("state"), max_length=12, choices=AgencyState.choices, default=AgencyState.APPLICANT)
    complaints_phone = models.CharField(_("complaints telephone"), max_length=30)
    admitted_on = models.DateField(_("admitted on"), null=True, blank=True)
    contract_number = models.CharField(_("contract number"), max_length=60, blank=True)
    contract_starts_on = models.DateField(_("contract begins on"), null=True, blank=True)
    contract_ends_on = models.DateField(_("contract ends on"))
    # Derived from the confirmed papers by services/agencies/papers.py: the last day on which all required ones are valid.
    papers_until = models.DateField(_("papers valid until"), null=True, blank=True)
    # The entry criteria of domain table b, as the agency states and proves them. The capital is in RMB.
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    registered_capital = models.DecimalField(
        _("registered capital in RMB"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    staff_count = models.PositiveIntegerField(_("number of staff"), null=True, blank=True)
    # What a person wrote when they last changed the state.
    state_note = SealedField(_("note on the state"), bound_to="code", null=True, default=None)
    no_subcontract_promise_on = models.DateField(_("promised not to subcontract on"), null=True, blank=True)
    coordinators = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("coordinators"), blank=True, related_name="agencies"
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("entered by"), null=True, blank=True, related_name="+"
    )
    admitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("admitted by"), null=True, blank=True, related_name="+"
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
            ),
            models.CheckConstraint(
                condition=Q(admitted_by__isnull=True) | Q(entered_by__isnull=False) & ~Q(admitted_by=F("entered_by")),
                name="agency_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(contract_starts_on__isnull=True) | Q(contract_ends_on__gt=F("contract_starts_on")),
                name="agency_contract_is_a_span",
            ),
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
