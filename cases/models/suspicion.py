"""Signals that make a borrower's data doubtful, and what was found of them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.enums import SignalKind
from cases.models.borrower import Borrower, OfBorrowerQuerySet
from cases.signal_enums import SignalAnswer


class SuspicionSignalQuerySet(OfBorrowerQuerySet):
    """Suspicion signals, seen by the territory of their borrower."""

    def open(self) -> Any:
        """Return those that nobody has answered or ended: they ask for a verification."""
        return self.filter(cleared_on__isnull=True)


class SuspicionSignal(models.Model):
    """
    A sign that stated facts do not fit. A reason to verify, never a finding about a person.

    It ends when its source ends it, or when it is answered: by a verification (`answered_in`, its source's number) or by a
    person with a reason. A confirmed one counts as a false statement until `counts_until`.
    """

    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="signals")
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=30, choices=SignalKind.choices)
    source = models.CharField(_("source"), max_length=60)
    confidence = models.DecimalField(_("confidence"), max_digits=3, decimal_places=2)
    noticed_on = models.DateField(_("noticed on"))
    cleared_on = models.DateField(_("ended on"), null=True, blank=True)
    answer = models.CharField(
        _("answer"), max_length=10, choices=SignalAnswer.choices, blank=True, default="", db_default=""
    )
    # No foreign key: a verification that answered signals could not be taken away without them.
    answered_in = models.CharField(
        _("answered by the verification"), max_length=80, blank=True, default="", db_default=""
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("answered by"), null=True, blank=True, related_name="+"
    )
    answer_reason = models.CharField(_("reason"), max_length=300, blank=True, default="", db_default="")
    counts_until = models.DateField(_("counts until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    objects: Any = SuspicionSignalQuerySet.as_manager()

    class Meta:
        verbose_name = _("suspicion signal")
        verbose_name_plural = _("suspicion signals")
        permissions = [("answer_suspicionsignal", "Can answer a suspicion signal")]
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1), name="signal_confidence_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(cleared_on__isnull=False), name="answered_signal_has_ended"
            ),
            models.CheckConstraint(
                condition=Q(answer=SignalAnswer.CONFIRMED, counts_until__isnull=False)
                | (~Q(answer=SignalAnswer.CONFIRMED) & Q(counts_until__isnull=True)),
                name="confirmed_signal_counts_until_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["borrower"], condition=Q(cleared_on__isnull=True), name="signal_open"),
            models.Index(fields=["borrower"], condition=Q(answer=SignalAnswer.CONFIRMED), name="signal_confirmed"),
        ]

    def __str__(self) -> str:
        return self.external_ref
