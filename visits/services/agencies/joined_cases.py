"""What ends in the visits of a case that was closed because another open case of the same person was kept."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from backoffice.audit.services import record
from cases.enums import CloseReason
from visits.enums import EndReason, VisitState
from visits.models import Placement, VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.lifecycle import BEFORE_DOOR
from visits.services.agencies.placement_ends import end_all
from visits.services.orders.endings import call_off

# A crew that is at the door finishes its talk, and what it reports is judged; the placement ends after that.
_FINISHED_FIRST: Final = (
    VisitState.CHECKED_IN,
    VisitState.REPORTED,
    VisitState.UNDER_REVIEW,
    VisitState.SECOND_REVIEW,
    VisitState.RETURNED,
)


@transaction.atomic
def end_joined(*, at: datetime, business_date: date, borrowers: Collection[int] | None = None) -> int:
    """
    Call off the visits of joined cases that have not reached the door, and recall their placements; return how many visits.

    `borrowers` (ids) are those of the closed cases; all without it. Safe to repeat.
    """
    joined: dict[str, Any] = {"case__close_reason": CloseReason.JOINED}
    if borrowers is not None:
        joined["case__borrower__in"] = borrowers
    at_door = VisitOrder.objects.filter(placement=OuterRef("pk"), state__in=_FINISHED_FIRST)
    placements = Placement.objects.filter(~Exists(at_door), **joined, state__in=LIVE_PLACEMENTS)
    not_begun = VisitOrder.objects.filter(**joined, state__in=BEFORE_DOOR)
    orders = call_off(rows=not_begun, reason=EndReason.NOT_NEEDED, actor=None, at=at)
    ended = end_all(
        rows=placements, action="recall", reason=EndReason.NOT_NEEDED, actor=None, at=at, business_date=business_date
    )
    if orders or ended:
        record(
            actor=None,
            action="visit.joined_ended",
            subject=("visits.visitorder", business_date.isoformat()),
            at=at,
            body={"orders": orders, "placements": ended},
        )
    return len(orders)
