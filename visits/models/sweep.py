"""What the sweep for visits passed over: each case with its reason, and one line for each territory, day and reason."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.scoping import ScopedQuerySet
from cases.models import Case


class SweepLineQuerySet(ScopedQuerySet["SweepLine"]):
    territory_path = "territory"


class SweepLine(models.Model):
    """How many cases of a territory the sweep of a day passed over for one reason, or placed with a warning."""

    class Reason(models.TextChoices):
        NO_ADDRESS = "NO_ADDRESS", _("No confirmed residence; check the addresses")
        PROTECTED = "PROTECTED", _("A circumstance protects the borrower")
        LAST_RESORT = "LAST_RESORT", _("Steps before a visit are missing; try other channels")
        COOLING_OFF = "COOLING_OFF", _("No lawful time within the validity of an order; wait")
        NO_AGENCY = "NO_AGENCY", _("No agency has room; add capacity, or admit another agency")
        SHARE_CAP = "SHARE_CAP", _("Agencies with room hold their largest share; admit another agency")
        FEW_AGENCIES = "FEW_AGENCIES", _("Placed, but with too few agencies to keep shares; admit others")

    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name=_("territory"), related_name="+")
    business_date = models.DateField(_("business date"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    cases = models.PositiveIntegerField(_("cases"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = SweepLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("sweep result")
        verbose_name_plural = _("sweep results")
        constraints = [
            models.UniqueConstraint(fields=["business_date", "territory", "reason"], name="one_sweep_line_a_reason"),
            models.CheckConstraint(
                condition=Q(
                    reason__in=[
                        "NO_ADDRESS",
                        "PROTECTED",
                        "LAST_RESORT",
                        "COOLING_OFF",
                        "NO_AGENCY",
                        "SHARE_CAP",
                        "FEW_AGENCIES",
                    ]
                ),
                name="sweep_reason_is_listed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory_id} {self.business_date} {self.reason}"


class PassedOverQuerySet(ScopedQuerySet["PassedOver"]):
    territory_path = "case__territory"


class PassedOver(models.Model):
    """A case that needs a visit and could not have one, since `since`, when it was last looked at on `looked_on`."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, verbose_name=_("case"), related_name="+")
    reason = models.CharField(_("reason"), max_length=12, choices=SweepLine.Reason.choices)
    since = models.DateField(_("since"))
    looked_on = models.DateField(_("last looked at on"))

    objects = PassedOverQuerySet.as_manager()

    class Meta:
        verbose_name = _("case passed over")
        verbose_name_plural = _("cases passed over")

    def __str__(self) -> str:
        return f"{self.case_id} {self.reason}"
