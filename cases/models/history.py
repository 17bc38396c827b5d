"""How long what grows every day is kept: rules that the administrator owns."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ReferenceQuerySet
from cases.enums import HistoryKind


class RetentionRuleQuerySet(ReferenceQuerySet["RetentionRule"]):
    pass


class RetentionRule(models.Model):
    """
    How many whole months a kind of history is kept; months before that are dropped with their partitions.

    Never fewer than four: rules look back sixty days, and a month is only over when it is over everywhere.
    """

    LEAST_MONTHS = 4

    kind = models.CharField(_("kind"), max_length=10, choices=HistoryKind.choices, unique=True)
    months = models.PositiveSmallIntegerField(_("months kept"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = RetentionRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        constraints = [models.CheckConstraint(condition=models.Q(months__gte=4), name="retention_covers_the_windows")]

    def __str__(self) -> str:
        return self.get_kind_display()
