"""Cases whose visits begin or end, many at once. The visits floor calls these and has checked the permission."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backoffice.core.errors import StateConflict
from backoffice.core.transitions import move_all
from cases.enums import CaseEventKind
from cases.models import Case
from cases.rules.lifecycle import CASE
from cases.services.casework.events import write_events


def start_visits(*, orders: Mapping[int, str], actor: Any, at: datetime) -> None:
    """
    Move cases to VISITING and withdraw their requests, in the caller's transaction.

    `orders` maps the case id to the reference of its order.

    :raises StateConflict: if one of the cases is closed, on hold or already with a visit.
    """
    rows = Case.objects.filter(pk__in=orders)
    if move_all(rows=rows, lifecycle=CASE, action="start_visit", at=at, needs_visit_by=None) != len(orders):
        raise StateConflict
    _write(orders, actor=actor, at=at, action="start_visit")


def end_visits(*, orders: Mapping[int, str], outcome: str, actor: Any, at: datetime) -> None:
    """
    Put the cases that are still with a visit back into work, in the caller's transaction, and write a line for every case.

    For visits that ended without verifying anything. `orders` maps the case id to the reference of its order, `outcome`
    is the orders' state.
    """
    move_all(rows=Case.objects.filter(pk__in=orders), lifecycle=CASE, action="end_visit", at=at)
    _write(orders, actor=actor, at=at, action="end_visit", outcome=outcome)


def _write(orders: Mapping[int, str], *, actor: Any, at: datetime, action: str, **body: str) -> None:
    lines = [(case_id, {"action": action, "order": ref, **body}) for case_id, ref in orders.items()]
    write_events(kind=CaseEventKind.VISIT, actor=actor, at=at, events=lines)
