"""Which sources of accounts have old figures or miss a file, from the few rows that the intake and the runs keep."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from cases.enums import Measure
from cases.models import BreakerLimit, SourceFreshness
from cases.rules.breaker import FiguresLimit
from cases.rules.feed_days import missing_since


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedWarning:
    """
    A source that needs a look: its newest figures are more than `max_age_days` days old (`is_old`), too many of its overdue
    accounts have such figures, or its file of a working day is missing.

    `age_days` is the age of the newest figures. `older` of `overdue` accounts had too old figures at the last run; 0 if
    these are too few to matter. `missing_since` is the day of the last file, None if no file is missing.
    """

    source: str
    as_of: date
    age_days: int
    max_age_days: int
    is_old: bool
    older: int
    overdue: int
    missing_since: date | None


def feed_warnings(*, user: Any, business_date: date, at: datetime) -> list[FeedWarning]:
    """
    Return the sources with open accounts that need a look, as of a business date, the oldest figures first.

    At most two statements over a row for each source; accounts are not read.
    """
    rows = [row for row in SourceFreshness.objects.visible_to(user) if _has_accounts(row)]
    if not rows:
        return []
    kept = BreakerLimit.objects.visible_to(user).filter(measure=Measure.FIGURES)
    limits = figures_limits(kept)
    judged = sum(row.overdue_count or 0 for row in rows)
    found = []
    for row in rows:
        limit = limits.get(row.source) or limits.get("") or FiguresLimit()
        age = max((business_date - row.newest_as_of).days, 0)
        older = row.older_count or 0
        warning = FeedWarning(
            source=row.source,
            as_of=row.newest_as_of,
            age_days=age,
            max_age_days=limit.max_age_days,
            is_old=age > limit.max_age_days,
            older=older if limit.is_exceeded(older=older, of=judged) else 0,
            overdue=row.overdue_count or 0,
            missing_since=missing_since(arrivals=row.arrivals, at=at, zone=timezone.get_current_timezone()),
        )
        if warning.is_old or warning.older or warning.missing_since:
            found.append(warning)
    return sorted(found, key=lambda warning: (-warning.age_days, warning.source))


def figures_limits(limits: Iterable[BreakerLimit]) -> dict[str, FiguresLimit]:
    """Return the limits of old figures among circuit breakers, by source; that of "" is for sources without one."""
    return {
        limit.source: FiguresLimit(max_age_days=limit.max_age_days, max_share=limit.max_share, at_least=limit.at_least)
        for limit in limits
        if limit.measure == Measure.FIGURES
    }


def _has_accounts(row: SourceFreshness) -> bool:
    """Return whether the source has open accounts, as far as they were counted yet."""
    counts = [count for count in (row.open_count, row.overdue_count) if count is not None]
    return not counts or any(counts)
