"""What follows from a verdict on a report: its facts count, it goes back to the crew, or it is discarded."""

from datetime import datetime
from typing import Any

from backoffice.core.transitions import move
from visits.enums import EndReason
from visits.models import VisitOrder, VisitReport
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.services.agencies.agencies import suspend_after_red_line
from visits.services.doorstep.contradictions import note_contradictions
from visits.services.doorstep.papers import keep_review_checks
from visits.services.orders.conduct_guard import local_date
from visits.services.orders.endings import end_orders
from visits.services.orders.fees import visit_fee
from visits.services.review.call_backs import draw_call_back, withdraw_call_back
from visits.services.review.consequences import apply_consequences, read_consequences
from visits.services.review.contradictions import decide_contradictions


def accept(*, order: VisitOrder, report: VisitReport, actor: Any, at: datetime) -> None:
    """
    Verify the visit and write what its report changes in the case, in the caller's transaction, under the order's lock.

    A share of accepted visits is drawn to be called back.
    """
    # The reviewer has read them; other people's data are not kept any longer.
    VisitReport.objects.filter(order=order).update(marked_texts="")
    fee = visit_fee(order=order, on=report.submitted_at, report_accepted=True)
    move(record=order, lifecycle=VISIT_LIFECYCLE, action="verify", actor=actor, at=at, ended_at=at, fee=fee)
    keep_review_checks(report=report, order=order, on=local_date(at))
    found = read_consequences(order=order, report=report, on=local_date(at))
    apply_consequences(order=order, found=found, fee=fee, actor=actor, at=at)
    decide_contradictions(order=order, report=report, actor=actor, at=at)
    draw_call_back(order=order, report=report, at=at)


def send_back(*, order: VisitOrder, actor: Any, at: datetime) -> None:
    """Return the report to the crew, which hands in another version; a call-back that is open is withdrawn."""
    move(record=order, lifecycle=VISIT_LIFECYCLE, action="return_report", actor=actor, at=at)
    # What its papers said no longer counts.
    note_contradictions(borrower=order.case.borrower, actor=actor, at=at)
    withdraw_call_back(order=order, actor=actor, at=at)


def discard(*, order: VisitOrder, actor: Any, at: datetime) -> None:
    """Discard a report with which a red line was crossed: nothing of it counts, and the agency is suspended."""
    end_orders(
        rows=VisitOrder.objects.filter(pk=order.pk),
        action="discard_report",
        reason=EndReason.RED_LINE,
        actor=actor,
        at=at,
    )
    # A report has been handed in, so the order was placed.
    placement: Any = order.placement
    suspend_after_red_line(agency=placement.agency, actor=actor, at=at)
    note_contradictions(borrower=order.case.borrower, actor=actor, at=at)
    withdraw_call_back(order=order, actor=actor, at=at)
