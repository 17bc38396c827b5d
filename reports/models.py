"""Records of the reports floor: daily positions, cost rates, experiment arms, exports, bundles for legal recovery."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory, User
from backoffice.access.roles import CARDS, Role
from backoffice.core.reach import Reach
from backoffice.core.scoping import ReferenceQuerySet, ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from cases.enums import Channel
from cases.models import Borrower, Decision
from reports.enums import Arm, BundleLanguage, Experiment, ExportReport, ExportState


class DailyPositionQuerySet(ScopedQuerySet["DailyPosition"]):
    territory_path = "territory"


class DailyPosition(models.Model):
    """The portfolio of a territory at the end of a business date, by currency and bucket."""

    business_date = models.DateField(_("business date"))
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name=_("territory"), related_name="+")
    currency = models.CharField(_("currency"), max_length=3)
    bucket = models.CharField(_("bucket"), max_length=4)
    account_count = models.PositiveIntegerField(_("accounts"))
    outstanding = models.DecimalField(_("outstanding"), max_digits=18, decimal_places=2)
    arrears = models.DecimalField(_("arrears"), max_digits=18, decimal_places=2)
    open_cases = models.PositiveIntegerField(_("open cases"), default=0)

    objects = DailyPositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("daily position")
        verbose_name_plural = _("daily positions")
        constraints = [
            models.UniqueConstraint(
                fields=["business_date", "territory", "currency", "bucket"], name="one_position_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.business_date} {self.territory_id} {self.bucket}"


class CostRateQuerySet(ReferenceQuerySet["CostRate"]):
    pass


class CostRate(models.Model):
    """What one contact attempt by a channel costs the lender, where the attempt has no cost of its own."""

    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    amount = models.DecimalField(_("cost of one attempt"), max_digits=10, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    valid_from = models.DateField(_("valid from"))

    objects = CostRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("cost rate")
        verbose_name_plural = _("cost rates")
        constraints = [models.UniqueConstraint(fields=["channel", "currency", "valid_from"], name="one_rate_a_day")]

    def __str__(self) -> str:
        return f"{self.channel} {self.amount}"


class ExperimentArmQuerySet(ScopedQuerySet["ExperimentArm"]):
    territory_path = "borrower__territory"


class ExperimentArm(models.Model):
    """
    Which arm of an experiment a borrower was drawn into (80/10/10 by a hash).

    No experiment tries prices, and borrowers with a recorded circumstance are never drawn.
    """

    experiment = models.CharField(_("experiment"), max_length=60, choices=Experiment.choices)
    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="+")
    arm = models.CharField(_("arm"), max_length=12, choices=Arm.choices)
    drawn_on = models.DateField(_("drawn on"))

    objects = ExperimentArmQuerySet.as_manager()

    class Meta:
        verbose_name = _("experiment arm")
        verbose_name_plural = _("experiment arms")
        constraints = [models.UniqueConstraint(fields=["experiment", "borrower"], name="one_arm_a_borrower")]

    def __str__(self) -> str:
        return f"{self.experiment} {self.borrower_id}"


class ExportJobQuerySet(ScopedQuerySet[Any]):
    """
    The requester sees an export. Auditors see all; approvers those whose rows are of their territories.

    The rows of an export are of the territory it names, else of all territories of its requester.
    """

    def scope_for(self, user: Any) -> Q:
        own = Q(requested_by=user)
        if user.role == Role.AUDITOR:
            return Q()
        if user.role != Role.APPROVER:
            return own
        if user.reach == Reach.ALL:
            return Q()
        codes = list(Territory.objects.filter(pk__in=user.territory_ids).values_list("code", flat=True))
        within = Q(requested_by__in=_limited_to(user.territory_ids)) & ~Q(parameters__has_key="territory")
        return own | Q(parameters__territory__in=codes) | within


def _limited_to(territory_ids: tuple[int, ...]) -> Any:
    """Return the people who see these territories at most."""
    roles = [role for role, card in CARDS.items() if card.reach == Reach.TERRITORY]
    elsewhere = User.territories.through.objects.filter(user_id=OuterRef("pk")).exclude(territory_id__in=territory_ids)
    return User.objects.filter(~Exists(elsewhere), role__in=roles, all_territories=False).values("pk")


class ExportJob(models.Model):
    """A download that a second person approved; the file expires."""

    report = models.CharField(_("report"), max_length=60, choices=ExportReport.choices)
    parameters = models.JSONField(_("parameters"), default=dict)
    # What the sealed texts are bound to: known before the row has a number.
    text_ref = models.UUIDField(default=uuid4, editable=False)
    purpose = SealedField(_("purpose"), bound_to="text_ref", null=True, default=None)
    state = models.CharField(_("state"), max_length=10, choices=ExportState.choices, default=ExportState.REQUESTED)
    file = models.FileField(_("file"), blank=True)
    file_sha256 = models.CharField(_("file's SHA-256"), max_length=64, blank=True)
    row_count = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("requested by"), related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved by"), null=True, blank=True, related_name="+"
    )
    refused_reason = SealedField(_("refused because"), bound_to="text_ref", null=True, default=None)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = ExportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")), name="export_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ExportState.APPROVED, ExportState.READY, ExportState.EXPIRED])
                | Q(approved_by__isnull=False),
                name="export_approved_before_made",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(state=ExportState.READY), name="export_expiring")]

    def __str__(self) -> str:
        return f"{self.get_report_display()} {self.pk}"


class LegalBundleQuerySet(ScopedQuerySet["LegalBundle"]):
    """Bundles, seen by the territory of their decision's account."""

    territory_path = "decision__account__territory"


class LegalBundle(models.Model):
    """
    The documents of a decision for legal recovery in one file, which a second person approved; the file expires.

    It holds the borrower's identity in clear, so what it is for is asked, and each download is in the access log.
    """

    decision = models.ForeignKey(Decision, models.PROTECT, verbose_name=_("decision"), related_name="+")
    language = models.CharField(
        _("language"), max_length=8, choices=BundleLanguage.choices, default=BundleLanguage.CHINESE
    )
    # What the sealed texts are bound to: known before the row has a number.
    text_ref = models.UUIDField(default=uuid4, editable=False)
    purpose = SealedField(_("purpose"), bound_to="text_ref", null=True, default=None)
    state = models.CharField(_("state"), max_length=10, choices=ExportState.choices, default=ExportState.REQUESTED)
    file = models.FileField(_("file"), blank=True)
    file_sha256 = models.CharField(_("file's SHA-256"), max_length=64, blank=True)
    file_count = models.PositiveSmallIntegerField(_("files in it"), null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("requested by"), related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved by"), null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    refused_reason = SealedField(_("refused because"), bound_to="text_ref", null=True, default=None)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = LegalBundleQuerySet.as_manager()

    class Meta:
        verbose_name = _("bundle for legal recovery")
        verbose_name_plural = _("bundles for legal recovery")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")), name="bundle_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[ExportState.APPROVED, ExportState.READY, ExportState.EXPIRED])
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="bundle_approved_before_made",
            ),
            models.UniqueConstraint(
                fields=["decision"],
                condition=Q(state__in=[ExportState.REQUESTED, ExportState.APPROVED]),
                name="one_bundle_in_the_making",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(state=ExportState.READY), name="bundle_expiring")]

    def __str__(self) -> str:
        return f"L{self.pk:07d}" if self.pk else "L"
