"""Visits that an agency is paid for, of any day."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tests.factories.visits import make_case, make_order, make_placement
from visits.models import VisitOrder


def moment(day: date) -> datetime:
    """Return an instant of the day, 10:30 in Shanghai."""
    return datetime.combine(day, time(2, 30, 41, 530_208), tzinfo=UTC)


def make_done(
    *, agency: Any, pair: Any, territory: Any, approver: Any, day: date, state: str = "VERIFIED", fee: Any = "220.00"
) -> VisitOrder:
    """Make a visit of the agency on `day` that ended: with an accepted report, or broken off (`state` ABORTED)."""
    case = make_case(territory=territory, with_reason=False)
    at = moment(day)
    return make_order(
        case=case,
        placement=make_placement(case=case, agency=agency, placed_on=day, term_ends_on=day + timedelta(days=90)),
        state=state,
        approver=approver,
        pair=pair,
        window_start=at,
        window_end=at + timedelta(hours=2),
        planned_arrival_at=at,
        ended_at=at + timedelta(hours=1),
        fee=None if fee is None else Decimal(fee),
    )
