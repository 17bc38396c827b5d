"""The second reviewer's judgement of a report with reasons to check: only with it such a report counts."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.transitions import may
from cases.enums import CaseEventKind
from cases.services.casework.events import write_event
from cases.services.casework.wording import kept_reason
from visits.enums import ReviewVerdict, VisitState
from visits.models import Review, SecondReview, VisitOrder, VisitReport
from visits.services.orders.conduct_guard import must_see
from visits.services.review.outcomes import accept, discard, send_back
from visits.services.review.returning import must_be_held


@transaction.atomic
def second_review(*, report: VisitReport, verdict: str, reason: str, actor: Any, at: datetime) -> SecondReview:
    """
    Judge a report that a first reviewer would accept and that has reasons to check; nothing of it counted until now.

    ACCEPTED: it counts, as any accepted report. RETURNED and RED_LINE overrule the first reviewer. `reason` says why, in
    at most 300 characters.

    :raises NotAllowed: if there is no person, or they may not review.
    :raises SelfApproval: if they are the first reviewer, or handed the report in.
    :raises InvalidInput: if the verdict is unknown, no reason is given, or a report is returned to an agency that no longer
        holds the case.
    :raises StateConflict: if the report does not wait for a second reviewer.
    """
    may(actor=actor, permission="visits.review_visitorder")
    if actor is None:
        raise NotAllowed
    must_see(order=report.order, actor=actor)
    order = (
        VisitOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case__borrower", "case__territory", "address", "placement__agency", "lead", "second")
        .get(pk=report.order_id)
    )
    report = VisitReport.objects.get(pk=report.pk)
    review = (
        Review.objects.select_related("reviewed_by", "submitted_by")
        .filter(report=report, needs_second=True, second__isnull=True)
        .first()
    )
    if review is None or order.state != VisitState.SECOND_REVIEW:
        raise StateConflict
    if actor.pk in (review.reviewed_by_id, report.submitted_by_id):
        raise SelfApproval
    if verdict not in ReviewVerdict.values:
        raise InvalidInput(_("Choose a verdict."), field="verdict")
    reason = kept_reason(reason=reason)
    if verdict == ReviewVerdict.RETURNED:
        must_be_held(order=order)
    second = SecondReview.objects.create(
        review=review,
        verdict=verdict,
        reason=reason,
        reviewed_by=actor,
        first_by=review.reviewed_by,
        submitted_by=review.submitted_by,
        reviewed_at=at,
    )
    body = {"action": "second_review", "order": str(order), "version": report.version, "verdict": str(verdict)}
    write_event(case_id=order.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=body)
    if verdict == ReviewVerdict.ACCEPTED:
        accept(order=order, report=report, actor=actor, at=at)
    elif verdict == ReviewVerdict.RETURNED:
        send_back(order=order, actor=actor, at=at)
    else:
        discard(order=order, actor=actor, at=at)
    record(actor=actor, action="visit.reviewed_again", subject=second, at=at, body=body)
    return second
