"""
The ladder of standing: a score that an account earns by how its periods closed, with the way up from where it is.

Payments alone move it (domain list c, 8): no circumstance, no complaint and no right that somebody used is an event here. Each
period is one event; its points halve every six months, so that neither a late period nor a good one counts for ever. The
score opens rewards; it restricts nothing. Start, bands, half-life and the largest event are the house's (domain 5.2, table b).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

START: Final = 600
HIGHEST: Final = 1000
HALF_LIFE_MONTHS: Final = 6
# Older periods count for nothing: after 36 months, six halvings, under two percent of their points are left.
MONTHS_COUNTED: Final = 36
ON_TIME_POINTS: Final = 35
LATE_POINTS: Final = -20
LONG_LATE_POINTS: Final = -40
# From this many days past due at its close a period counts as long late.
LONG_LATE_DAYS: Final = 31
# What is left of an event's points after so many months, in ten thousandths: whole numbers, so that SQL and Python agree.
WEIGHTS: Final[tuple[int, ...]] = tuple(
    round(10_000 * math.pow(0.5, months / HALF_LIFE_MONTHS)) for months in range(MONTHS_COUNTED)
)
_ONE: Final = 10_000


class Band(StrEnum):
    """Bands of the score, the best first. The names are those of the house."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


# The lowest score of each band.
BAND_FROM: Final = ((Band.A, 800), (Band.B, 700), (Band.C, 600), (Band.D, 500), (Band.E, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """
    A period of an account, `months_ago` whole calendar months before the month looked at, 0 or more.

    `days_past_due` are those at its close. An idle period had no use of the line: no faith was kept or broken in it.
    """

    months_ago: int
    days_past_due: int
    is_idle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next band above, and after how many further months on time the score reaches it."""

    band: Band
    months: int


def points_of(*, period: Period) -> int:
    """Return the points of a period when it closed; 0 for an idle one."""
    if period.is_idle:
        return 0
    if period.days_past_due == 0:
        return ON_TIME_POINTS
    return LATE_POINTS if period.days_past_due < LONG_LATE_DAYS else LONG_LATE_POINTS


def points_left(*, period: Period) -> Decimal:
    """Return what is left of a period's points, with one decimal; 0 once it is older than the months counted."""
    return (Decimal(_weighed(period)) / _ONE).quantize(Decimal("0.1"), ROUND_HALF_UP)


def score_of(*, periods: Iterable[Period]) -> int | None:
    """Return the score, 0 to 1000, of an account's periods; None without any, as nothing is known of it then."""
    known = [period for period in periods if period.months_ago < MONTHS_COUNTED]
    return _score(sum(_weighed(period) for period in known)) if known else None


def band_of(*, score: int) -> Band:
    """Return the band of a score."""
    return next(band for band, lowest in BAND_FROM if score >= lowest)


def next_step(*, periods: Iterable[Period]) -> Step | None:
    """Return the next band above and how many months on time lead there; None in the best band or without any period."""
    known = tuple(periods)
    score = score_of(periods=known)
    if score is None or score >= BAND_FROM[0][1]:
        return None
    place = next(place for place, (_band, lowest) in enumerate(BAND_FROM) if score >= lowest)
    band, lowest = BAND_FROM[place - 1]
    # The months to come close as the newest one did: in their own month or in the next.
    newest = min([1, *(period.months_ago for period in known)])
    months = 0
    # It ends: with every month on time the score rises towards 600 + 35 / (1 - 0.5 ** (1/6)) or a little less.
    while score is None or score < lowest:
        months += 1
        older = [
            Period(months_ago=each.months_ago + months, days_past_due=each.days_past_due, is_idle=each.is_idle)
            for each in known
        ]
        kept = [Period(months_ago=ago, days_past_due=0) for ago in range(newest, newest + months)]
        score = score_of(periods=[*older, *kept])
    return Step(band=band, months=months)


def _weighed(period: Period) -> int:
    """Return a period's points in ten thousandths of a point."""
    if period.months_ago >= MONTHS_COUNTED:
        return 0
    return points_of(period=period) * WEIGHTS[period.months_ago]


def _score(weighed: int) -> int:
    gained = (Decimal(weighed) / _ONE).quantize(Decimal(1), ROUND_HALF_UP)
    return min(max(START + int(gained), 0), HIGHEST)
