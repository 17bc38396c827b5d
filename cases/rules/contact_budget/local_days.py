"""The borrower's local time: days and hours by the clock where they live, instants always in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cases.rules.contact_budget.policy import ContactPolicy


def zone_of(*, policy: ContactPolicy, time_zone: str) -> ZoneInfo:
    """Return the official time zone of the jurisdiction, else that of the territory."""
    return ZoneInfo(policy.official_time_zone or time_zone)


def instant(*, day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC at which the clocks of `zone` show `at` on `day`; the first of two when they are set back."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def midnight_after(*, day: date, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC at which `day` ends in `zone`."""
    return instant(day=day + timedelta(days=1), at=time(0), zone=zone)
