"""What two sources say of a borrower and that cannot both be true, with the document that would decide."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from cases.models import Borrower, SuspicionSignal
from visits.contradiction_enums import ContradictionState, Origin, Side, Subject
from visits.enums import DocumentKind
from visits.models.report import VisitReport

# Every source of a claim.
SOURCES = (*Origin.choices, *DocumentKind.choices)


class ContradictionQuerySet(ScopedQuerySet[Any]):
    """Seen by the territory of their borrower. People of outside firms see none."""

    territory_path = "borrower__territory"


class Contradiction(models.Model):
    """
    Two claims that cannot both be true. A reason to look, never a finding about a person.

    The values are kept masked and sealed; in clear they stand in their sources, which the references name: an application, a
    paper, a check-in, a verification. One row for each pair of values: a source that changes gives another row.
    """

    # A keyed digest of the subject, the two sources and the two values.
    external_ref = models.CharField(_("reference"), max_length=40, unique=True)
    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="contradictions")
    subject = models.CharField(_("subject"), max_length=20, choices=Subject.choices)
    left_source = models.CharField(_("first source"), max_length=25, choices=SOURCES)
    left_ref = models.CharField(_("row of the first source"), max_length=60)
    left_shown = SealedField(_("first value"))
    left_on = models.DateField(_("first value of"), null=True, blank=True)
    right_source = models.CharField(_("second source"), max_length=25, choices=SOURCES)
    right_ref = models.CharField(_("row of the second source"), max_length=60)
    right_shown = SealedField(_("second value"))
    right_on = models.DateField(_("second value of"), null=True, blank=True)
    # The part of an address that differs, or how many times one income is the other.
    detail = models.CharField(_("difference"), max_length=20, blank=True)
    weight = models.DecimalField(_("weight"), max_digits=3, decimal_places=2)
    decided_by = models.CharField(_("what would decide"), max_length=25, choices=DocumentKind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=ContradictionState.choices, default=ContradictionState.OPEN
    )
    wrong_side = models.CharField(_("which source is wrong"), max_length=5, choices=Side.choices, blank=True)
    # The document that decided ("paper:17"), or what a person wrote.
    settled_ref = models.CharField(_("settled by the document"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("settled by"), null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    signal = models.OneToOneField(
        SuspicionSignal, models.PROTECT, verbose_name=_("suspicion signal"), related_name="contradiction"
    )
    # The report with which it was found; None for one that a change of the application brought.
    report = models.ForeignKey(
        VisitReport, models.PROTECT, verbose_name=_("report"), null=True, blank=True, related_name="contradictions"
    )
    found_at = models.DateTimeField(_("found at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = ContradictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("contradiction")
        verbose_name_plural = _("contradictions")
        permissions = [("settle_contradiction", "Can settle a contradiction between two sources")]
        constraints = [
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=1), name="contradiction_weight_is_a_share"),
            models.CheckConstraint(condition=~Q(left_ref=models.F("right_ref")), name="contradiction_of_two_sources"),
            models.CheckConstraint(
                condition=Q(state__in=["CONFIRMED", "CLEARED"], settled_at__isnull=False)
                | Q(state__in=["OPEN", "GONE"], settled_at__isnull=True, settled_by__isnull=True, wrong_side=""),
                name="contradiction_settled_iff_answered",
            ),
            models.CheckConstraint(
                condition=~Q(state="CONFIRMED") | ~Q(wrong_side=""), name="confirmed_contradiction_has_a_wrong_side"
            ),
            models.CheckConstraint(
                condition=Q(settled_by__isnull=True) | ~Q(reason=""), name="a_person_settles_with_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["borrower"], condition=Q(state="OPEN"), name="contradictions_open"),
            models.Index(fields=["-weight", "id"], condition=Q(state="OPEN"), name="contradictions_by_weight"),
        ]

    def __str__(self) -> str:
        return f"X{self.pk:07d}" if self.pk else "X"
