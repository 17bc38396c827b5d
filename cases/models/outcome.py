"""What became of an account later. Trials measure policies by it."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.enums import OutcomeKind
from cases.models.account import Account, OfAccountQuerySet


class ObservedOutcome(models.Model):
    """
    Whether an account turned out badly, observed on a day.

    Only trials read it, to measure a policy afterwards. It is not a feature that rules may use: on the business date
    nobody could know it.
    """

    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    account = models.ForeignKey(
        Account, models.CASCADE, verbose_name=_("account"), related_name="outcomes", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=20, choices=OutcomeKind.choices)
    observed_on = models.DateField(_("observed on"))
    is_bad = models.BooleanField(_("turned out badly"))
    created_at = models.DateTimeField(_("created at"))

    objects: Any = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("observed outcome")
        verbose_name_plural = _("observed outcomes")
        indexes = [
            models.Index(fields=["account", "kind", "observed_on"], name="outcome_by_account"),
            models.Index(fields=["observed_on", "kind"], name="outcome_by_day"),
        ]

    def __str__(self) -> str:
        return self.external_ref
