"""On which days files of a source come, and whether one is missing."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

# A source counts as daily if a file came on each of so many working days, up to its last one.
DAYS_NEEDED: Final = 5
DAYS_KEPT: Final = 10
_SATURDAY: Final = 5


def with_arrival(*, arrivals: Sequence[datetime], at: datetime, zone: tzinfo) -> list[datetime]:
    """Return the first arrival of each local day, newest first, at most DAYS_KEPT; `at` is the moment of one more."""
    first: dict[date, datetime] = {}
    for moment in sorted((*arrivals, at)):
        first.setdefault(moment.astimezone(zone).date(), moment)
    return sorted(first.values(), reverse=True)[:DAYS_KEPT]


def missing_since(*, arrivals: Sequence[datetime], at: datetime, zone: tzinfo) -> date | None:
    """
    Return the last day on which a file of a daily source came, if one is missing since; None if none is.

    A source is daily if a file came on DAYS_NEEDED working days (Monday to Friday, holidays are not known) in a row. A
    file is missing once a working day has passed without it, and today from the local time of day by which it had come
    on each of those days.
    """
    local = {moment.astimezone(zone).date(): moment.astimezone(zone) for moment in arrivals}
    if not local:
        return None
    last = max(local)
    usual: list[time] = []
    day = last
    while len(usual) < DAYS_NEEDED:
        if _is_working(day):
            if day not in local:
                return None
            usual.append(local[day].time())
        day -= timedelta(days=1)
    now = at.astimezone(zone)
    expected = last + timedelta(days=1)
    while not _is_working(expected):
        expected += timedelta(days=1)
    is_missing = expected < now.date() or (expected == now.date() and now.time() > max(usual))
    return last if is_missing else None


def _is_working(day: date) -> bool:
    return day.weekday() < _SATURDAY
