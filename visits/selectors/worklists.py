"""What waits for somebody: visits to approve, to plan and to make, reports to review, placements that end."""

from datetime import date, datetime, time, timedelta

from visits.enums import VisitState
from visits.selectors.conduct import OFFICIAL_ZONE

ON_THE_DAY = (VisitState.SCHEDULED, VisitState.ACCEPTED, VisitState.EN_ROUTE, VisitState.CHECKED_IN)


def day_bounds(*, day: date) -> tuple[datetime, datetime]:
    """Return the first instant of `day` and of the next one by the clock at the addresses."""
    start = datetime.combine(day, time(0), tzinfo=OFFICIAL_ZONE)
    return start, start + timedelta(days=1)
