"""
National holidays of one year: the breaks and make-up working days of a notice, and what is assumed without one.

Nothing here knows which notices staff have entered; `calendar` puts both together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from types import MappingProxyType

import chinese_calendar

from cases.enums import NationalHoliday

# As `date.weekday` counts.
SATURDAY = 5


class Certainty(StrEnum):
    """Where the answer for a day comes from, the most certain first."""

    ENTERED = "ENTERED"
    PUBLISHED = "PUBLISHED"
    STATUTORY = "STATUTORY"
    FIXED = "FIXED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A holiday break, both days included."""

    holiday: NationalHoliday
    first: date
    last: date

    def covers(self, *, day: date) -> bool:
        """Return whether `day` belongs to the break."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """
    What the State Council's notice for one year says: breaks, and weekend days that are worked to make up for them.

    Both may reach over the edges of the year: the break of New Year may begin in December.
    """

    year: int
    breaks: tuple[Break, ...]
    make_up_days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayKind:
    """What a day is: its holiday or None, whether banks do business on it, and how certain that is."""

    holiday: NationalHoliday | None
    works: bool
    certainty: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class LunarYear:
    """First day of the lunar year and the other movable days of one year, in Beijing time."""

    new_year: date
    qingming: date
    dragon_boat: date
    mid_autumn: date


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

_LIBRARY_NAMES: Mapping[str, NationalHoliday] = MappingProxyType(
    {
        "New Year's Day": NationalHoliday.NEW_YEAR,
        "Spring Festival": NationalHoliday.SPRING_FESTIVAL,
        "Tomb-sweeping Day": NationalHoliday.QINGMING,
        "Labour Day": NationalHoliday.LABOUR_DAY,
        "Dragon Boat Festival": NationalHoliday.DRAGON_BOAT,
        "Mid-autumn Festival": NationalHoliday.MID_AUTUMN,
        "National Day": NationalHoliday.NATIONAL_DAY,
    }
)


@lru_cache(maxsize=5_000)
def day_without_notice(*, day: date) -> DayKind:
    """
    Return what `day` is where no notice has been entered: as the library of published years says, else by statute.

    Days of a break that a make-up working day pays for count as holidays; make-up working days do not. They are known
    for the published years only; in other years every weekend counts as free.
    """
    certainty = certainty_without_notice(year=day.year)
    if certainty is Certainty.PUBLISHED:
        is_free, name = chinese_calendar.get_holiday_detail(day)
        holiday = _LIBRARY_NAMES.get(name, NationalHoliday.OTHER) if is_free and name else None
        return DayKind(holiday=holiday, works=not is_free, certainty=certainty)
    holiday = next((each.holiday for each in _statutory_breaks(year=day.year) if each.covers(day=day)), None)
    return DayKind(holiday=holiday, works=holiday is None and day.weekday() < SATURDAY, certainty=certainty)


@cache
def certainty_without_notice(*, year: int) -> Certainty:
    """Return how certain the days of `year` are as long as no notice has been entered for it."""
    try:
        chinese_calendar.is_holiday(date(year, 1, 1))
    except NotImplementedError:
        return Certainty.STATUTORY if year in LUNAR_YEARS else Certainty.FIXED
    return Certainty.PUBLISHED


@cache
def spring_festival_without_notice(*, year: int) -> Break | None:
    """Return the Spring Festival break of `year` as the program knows it, or None if the year is beyond the tables."""
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range(90)]
    free = [day for day in days if day_without_notice(day=day).holiday is NationalHoliday.SPRING_FESTIVAL]
    return Break(holiday=NationalHoliday.SPRING_FESTIVAL, first=free[0], last=free[-1]) if free else None


@cache
def _statutory_breaks(*, year: int) -> tuple[Break, ...]:
    fixed = (
        Break(holiday=NationalHoliday.NEW_YEAR, first=date(year, 1, 1), last=date(year, 1, 1)),
        Break(holiday=NationalHoliday.LABOUR_DAY, first=date(year, 5, 1), last=date(year, 5, 5)),
        Break(holiday=NationalHoliday.NATIONAL_DAY, first=date(year, 10, 1), last=date(year, 10, 7)),
    )
    lunar = LUNAR_YEARS.get(year)
    if lunar is None:
        # Qingming moves only between these three days.
        return (*fixed, Break(holiday=NationalHoliday.QINGMING, first=date(year, 4, 4), last=date(year, 4, 6)))
    # Nine days from the day before New Year's Eve to the seventh: the longest break a notice gave (2026).
    festival = Break(
        holiday=NationalHoliday.SPRING_FESTIVAL,
        first=lunar.new_year - timedelta(days=2),
        last=lunar.new_year + timedelta(days=6),
    )
    movable = (
        Break(holiday=NationalHoliday.QINGMING, first=lunar.qingming, last=lunar.qingming),
        Break(holiday=NationalHoliday.DRAGON_BOAT, first=lunar.dragon_boat, last=lunar.dragon_boat),
        Break(holiday=NationalHoliday.MID_AUTUMN, first=lunar.mid_autumn, last=lunar.mid_autumn),
    )
    return (festival, *fixed, *movable)
