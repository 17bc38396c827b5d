"""Taking planned visits back so that they are planned anew: crew, window, notice and letter fall away, for many at once."""

from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from backoffice.core.transitions import move_all
from cases.enums import CaseEventKind
from cases.services.casework.events import write_events
from cases.services.casework.visiting import end_visits
from visits.models import VisitOrder
from visits.rules.lifecycle import VISIT_LIFECYCLE

# The fields that a plan filled, as they are after it is taken back.
UNPLANNED: Final[dict[str, Any]] = {
    "lead": None,
    "second": None,
    "window_start": None,
    "window_end": None,
    "planned_arrival_at": None,
    "household": None,
    "route_position": None,
    "notice_sent_at": None,
    "letter_code": None,
    "letter_issued_at": None,
}


def take_back(*, rows: QuerySet[VisitOrder], actor: Any, at: datetime) -> list[int]:
    """
    Make those orders of `rows` that are planned and not set out for approved ones without a plan; return their ids.

    In the caller's transaction: locks the orders, ends the cases' visits and writes their timelines. The caller has
    checked the permission and writes the audit entry.
    """
    step = VISIT_LIFECYCLE.step("unschedule")
    held = list(
        rows.filter(state__in=step.sources)
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
        .values_list("pk", "case")
    )
    ids = [pk for pk, _case in held]
    move_all(
        rows=VisitOrder.objects.filter(pk__in=ids), lifecycle=VISIT_LIFECYCLE, action=step.action, at=at, **UNPLANNED
    )
    orders = {case: str(VisitOrder(pk=pk)) for pk, case in held}
    end_visits(orders=orders, outcome=step.target, actor=actor, at=at)
    write_events(
        kind=CaseEventKind.VISIT,
        actor=actor,
        at=at,
        events=[(case, {"action": step.action, "order": order}) for case, order in orders.items()],
    )
    return ids
