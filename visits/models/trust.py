"""How far a report is trusted, what its text is compared by, and the question to the borrower whether the visit took place."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from visits.enums import ReviewVerdict
from visits.models.order import OfVisitQuerySet, VisitOrder
from visits.models.report import Review, VisitReport
from visits.trust_enums import CallBackAnswer, CallBackCause, CallBackState, FeeState, TrustLevel


class ReportTrustQuerySet(ScopedQuerySet[Any]):
    """Seen by the territory of their case. People of outside firms see none: who knows the tests passes them."""

    territory_path = "report__order__case__territory"


class CallBackQuerySet(ScopedQuerySet[Any]):
    """Seen by the territory of their case. People of outside firms see none."""

    territory_path = "order__case__territory"

    def unpaid(self) -> "CallBackQuerySet":
        """Return those for which the fee of the visit is not owed: it waits, or is not paid."""
        return self.exclude(state=CallBackState.WITHDRAWN).exclude(fee=FeeState.EARNED)


class SecondReviewQuerySet(OfVisitQuerySet):
    territory_path = "review__report__order__case__territory"
    order_path = "review__report__order"


class ReportTrust(models.Model):
    """
    How far one report is trusted, 0 to 100, with the reasons; see rules/report/trust_level.py. Reasons to check, no findings.

    It is found anew whenever the report or one of its photographs is read, and a last time at the verdict.
    """

    report = models.OneToOneField(VisitReport, models.CASCADE, verbose_name=_("report"), related_name="trust")
    score = models.PositiveSmallIntegerField(_("trust score"))
    level = models.CharField(_("trust"), max_length=6, choices=TrustLevel.choices)
    # [{"signal": code, "weight": n, "count": photographs}], the heaviest first; count 0 is of the report as a whole.
    reasons = models.JSONField(_("reasons"), default=list)
    assessed_at = models.DateTimeField(_("assessed at"))

    objects = ReportTrustQuerySet.as_manager()

    class Meta:
        verbose_name = _("trust in a report")
        verbose_name_plural = _("trust in reports")
        constraints = [models.CheckConstraint(condition=Q(score__lte=100), name="report_trust_to_100")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.level}"


class ReportShingle(models.Model):
    """One keyed digest of a piece of a report's text: enough to see that two texts are nearly one, too little to read any."""

    report = models.ForeignKey(VisitReport, models.CASCADE, verbose_name=_("report"), related_name="shingles")
    digest = models.BigIntegerField(_("digest"))

    objects = ReportTrustQuerySet.as_manager()

    class Meta:
        verbose_name = _("piece of a report's text")
        verbose_name_plural = _("pieces of reports' texts")
        indexes = [models.Index(fields=["digest"], include=["report"], name="reports_by_text")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.digest}"


class SecondReview(models.Model):
    """
    The second reviewer's judgement of a report that the first would accept, which decides.

    `first_by` and `submitted_by` are kept beside it so that the database can compare: three people, or two and a program.
    """

    review = models.OneToOneField(Review, models.PROTECT, verbose_name=_("review"), related_name="second")
    verdict = models.CharField(_("verdict"), max_length=10, choices=ReviewVerdict.choices)
    reason = models.CharField(_("reason"), max_length=300)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("second reviewer"), related_name="+"
    )
    first_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("first reviewer"), related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("submitted by"), null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"))

    objects = SecondReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("second review")
        verbose_name_plural = _("second reviews")
        constraints = [
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("first_by"))
                & (Q(submitted_by__isnull=True) | ~Q(reviewed_by=F("submitted_by"))),
                name="second_review_is_by_another",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="second_review_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.verdict}"


class CallBack(models.Model):
    """
    The task to ask a borrower whether a visit took place, by `due_on`; the fee of the visit waits for it.

    Answers are of a closed list, and so is what they mean for the fee. What the borrower says is a reason to look, not a
    finding about the crew: a fee that waits after "nobody came" is settled by another person.
    """

    order = models.ForeignKey(VisitOrder, models.PROTECT, verbose_name=_("visit order"), related_name="call_backs")
    report = models.ForeignKey(VisitReport, models.PROTECT, verbose_name=_("report"), related_name="+")
    cause = models.CharField(_("why"), max_length=10, choices=CallBackCause.choices)
    state = models.CharField(_("state"), max_length=10, choices=CallBackState.choices, default=CallBackState.OPEN)
    due_on = models.DateField(_("ask by"))
    answer = models.CharField(_("what they say"), max_length=12, choices=CallBackAnswer.choices, blank=True)
    # The permit that the call was made with; empty where nobody was reached.
    permit_ref = models.CharField(_("permit"), max_length=40, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("answered by"), null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    fee = models.CharField(_("fee"), max_length=8, choices=FeeState.choices, default=FeeState.WAITS)
    fee_reason = models.CharField(_("why so settled"), max_length=300, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("settled by"), null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = CallBackQuerySet.as_manager()

    class Meta:
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        permissions = [
            ("answer_callback", "Can record what a borrower said about a visit"),
            ("settle_callback", "Can settle the fee of a visit that a borrower denies"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=~Q(state=CallBackState.WITHDRAWN.value),
                name="one_call_back_an_order",
            ),
            models.CheckConstraint(
                condition=Q(state=CallBackState.ANSWERED.value, answered_by__isnull=False, answered_at__isnull=False)
                & ~Q(answer="")
                | ~Q(state=CallBackState.ANSWERED.value)
                & Q(answered_by__isnull=True, answered_at__isnull=True, answer=""),
                name="call_back_answered_iff_answer",
            ),
            models.CheckConstraint(
                condition=~Q(state=CallBackState.OPEN.value) | Q(fee=FeeState.WAITS.value),
                name="fee_waits_for_call_back",
            ),
            models.CheckConstraint(
                condition=Q(settled_by__isnull=True) | ~Q(settled_by=F("answered_by")), name="call_back_fee_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(fee=FeeState.WITHHELD.value) | (Q(settled_by__isnull=False) & ~Q(fee_reason="")),
                name="withheld_fee_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["due_on", "id"], condition=Q(state="OPEN"), name="call_backs_due")]

    def __str__(self) -> str:
        return f"K{self.pk:07d}" if self.pk else "K"
