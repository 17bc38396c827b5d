"""
China's national holidays, the edges of Spring Festival, and working days.

Nobody is visited on the holidays, and what falls due on a day without banking business may be paid on the next working
day.

How certain the answer is depends on the year:

- 2004-2026 PUBLISHED: the State Council's yearly notice, as shipped in `chinesecalendar`.
- 2027-2030 STATUTORY: the days of the Holidays Regulation as amended for 2025 (New Year 1, Spring
  Festival 4 from New Year's Eve, Qingming 1, Labour Day 2, Dragon Boat 1, Mid-Autumn 1, National Day
  3), widened to the length that recent notices gave the long breaks, because a day too many only
  delays a visit. Bridging and make-up days are unknown until the notice, which comes out in the
  autumn before; add the year to `PUBLISHED_BREAKS` then.
- other years FIXED: only the days that do not follow the moon. Do not plan visits that far ahead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from types import MappingProxyType

import chinese_calendar

SPRING_FESTIVAL = "Spring Festival"
# As `date.weekday` counts.
SATURDAY = 5


class Certainty(StrEnum):
    """Where the answer for a day comes from."""

    PUBLISHED = "PUBLISHED"
    STATUTORY = "STATUTORY"
    FIXED = "FIXED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A holiday break, both days included."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DayKind:
    """What a day is: the holiday's name or None, and how certain that is."""

    holiday: str | None
    certainty: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class LunarYear:
    """First day of the lunar year and the other movable days of one year, in Beijing time."""

    new_year: date
    qingming: date
    dragon_boat: date
    mid_autumn: date


# Breaks of notices newer than the library. Empty until the notice for 2027 is entered.
PUBLISHED_BREAKS: Mapping[int, tuple[Break, ...]] = MappingProxyType({})

# The new moons of 2027 and 2030 fall within minutes of midnight in Beijing (before and after it), so
# programs with a coarse ephemeris are a day off in both years; these are the almanac's days.
LUNAR_YEARS: Mapping[int, LunarYear] = MappingProxyType(
    {
        2027: LunarYear(
            new_year=date(2027, 2, 6),
            qingming=date(2027, 4, 5),
            dragon_boat=date(2027, 6, 9),
            mid_autumn=date(2027, 9, 15),
        ),
        2028: LunarYear(
            new_year=date(2028, 1, 26),
            qingming=date(2028, 4, 4),
            dragon_boat=date(2028, 5, 28),
            mid_autumn=date(2028, 10, 3),
        ),
        2029: LunarYear(
            new_year=date(2029, 2, 13),
            qingming=date(2029, 4, 4),
            dragon_boat=date(2029, 6, 16),
            mid_autumn=date(2029, 9, 22),
        ),
        2030: LunarYear(
            new_year=date(2030, 2, 3),
            qingming=date(2030, 4, 5),
            dragon_boat=date(2030, 6, 5),
            mid_autumn=date(2030, 9, 12),
        ),
    }
)


def day_kind(*, day: date) -> DayKind:
    """
    Return the national holiday that `day` belongs to, if any. Plain weekends are not holidays.

    Days of a break that a make-up working day pays for count as holidays; make-up working days do not.
    """
    if day.year not in PUBLISHED_BREAKS and _library_covers(year=day.year):
        is_free, name = chinese_calendar.get_holiday_detail(day)
        return DayKind(holiday=name if is_free else None, certainty=Certainty.PUBLISHED)
    breaks, certainty = _breaks_and_certainty(year=day.year)
    names = [each.name for each in breaks if each.first <= day <= each.last]
    return DayKind(holiday=names[0] if names else None, certainty=certainty)


def is_working_day(*, day: date) -> bool:
    """
    Return whether banks do business on `day`: no weekend and no national holiday, or a make-up working day.

    Make-up working days are known for the published years only; in other years every weekend counts as free.
    """
    if day.year not in PUBLISHED_BREAKS and _library_covers(year=day.year):
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < SATURDAY and day_kind(day=day).holiday is None


@cache
def last_day_of_grace(*, due_on: date, days: int) -> date:
    """
    Return the last day on which what is due on `due_on` is paid in time, with `days` calendar days of grace.

    A due day without banking business moves to the next working day; the grace counts from there. A later due day never
    has an earlier last day.
    """
    while not is_working_day(day=due_on):
        due_on += timedelta(days=1)
    return due_on + timedelta(days=days)


def latest_day_overdue(*, on: date, days: int) -> date:
    """Return the latest due day whose `days` of grace are over on `on`: their last day lies before `on`."""
    due_on = on - timedelta(days=days + 1)
    while last_day_of_grace(due_on=due_on, days=days) >= on:
        due_on -= timedelta(days=1)
    return due_on


def is_national_holiday(*, day: date) -> bool:
    """Return whether `day` belongs to a national holiday break."""
    return day_kind(day=day).holiday is not None


@cache
def spring_festival(*, year: int) -> Break | None:
    """Return the Spring Festival break of `year`, or None if the year is beyond the tables."""
    if year not in PUBLISHED_BREAKS and _library_covers(year=year):
        first = date(year, 1, 1)
        days = [first + timedelta(days=n) for n in range(90)]
        free = [day for day in days if day_kind(day=day).holiday == SPRING_FESTIVAL]
        return Break(name=SPRING_FESTIVAL, first=free[0], last=free[-1]) if free else None
    breaks, _certainty = _breaks_and_certainty(year=year)
    return next((each for each in breaks if each.name == SPRING_FESTIVAL), None)


def is_spring_festival_edge(*, day: date, edge_days: int) -> bool:
    """
    Return whether `day` is one of the first or last `edge_days` days of the Spring Festival break.

    A tenant that sets more days than half the break covers all of it; zero turns the rule off.
    """
    festival = spring_festival(year=day.year)
    if festival is None or not festival.first <= day <= festival.last:
        return False
    return (day - festival.first).days < edge_days or (festival.last - day).days < edge_days


@cache
def _library_covers(*, year: int) -> bool:
    try:
        chinese_calendar.is_holiday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _breaks_and_certainty(*, year: int) -> tuple[tuple[Break, ...], Certainty]:
    if year in PUBLISHED_BREAKS:
        return PUBLISHED_BREAKS[year], Certainty.PUBLISHED
    fixed = (
        Break(name="New Year's Day", first=date(year, 1, 1), last=date(year, 1, 1)),
        Break(name="Labour Day", first=date(year, 5, 1), last=date(year, 5, 5)),
        Break(name="National Day", first=date(year, 10, 1), last=date(year, 10, 7)),
    )
    lunar = LUNAR_YEARS.get(year)
    if lunar is None:
        # Qingming moves only between these three days.
        return (*fixed, Break(name="Tomb-sweeping Day", first=date(year, 4, 4), last=date(year, 4, 6))), Certainty.FIXED
    # Nine days from the day before New Year's Eve to the seventh: the longest break a notice gave (2026).
    festival = Break(
        name=SPRING_FESTIVAL,
        first=lunar.new_year - timedelta(days=2),
        last=lunar.new_year + timedelta(days=6),
    )
    movable = (
        Break(name="Tomb-sweeping Day", first=lunar.qingming, last=lunar.qingming),
        Break(name="Dragon Boat Festival", first=lunar.dragon_boat, last=lunar.dragon_boat),
        Break(name="Mid-autumn Festival", first=lunar.mid_autumn, last=lunar.mid_autumn),
    )
    return (festival, *fixed, *movable), Certainty.STATUTORY
