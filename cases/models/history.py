"""Retention rules: how long history that grows every day is kept. The administrator edits them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ReferenceQuerySet
from cases.enums import HistoryKind

# Records of collection are kept at least five years (Order 4/2024 of the NFRA).
LEAST_MONTHS_OF_CONTACTS = 60


class RetentionRuleQuerySet(ReferenceQuerySet["RetentionRule"]):
    pass


class RetentionRule(models.Model):
    """
    How many whole months a kind of history is kept; older months are dropped with their partitions.

    At least four: policy rules look back sixty days, which may touch three months, and a month ends later in some time
    zones.
    """

    LEAST_MONTHS = 4

    kind = models.CharField(_("kind"), max_length=10, choices=HistoryKind.choices, unique=True)
    months = models.PositiveSmallIntegerField(_("months kept"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = RetentionRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        constraints = [
            models.CheckConstraint(condition=models.Q(months__gte=4), name="retention_covers_the_windows"),
            models.CheckConstraint(
                condition=~models.Q(kind=HistoryKind.CONTACTS) | models.Q(months__gte=LEAST_MONTHS_OF_CONTACTS),
                name="contacts_are_kept_five_years",
                violation_error_message=_("Contact attempts are kept for at least 60 months."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
