"""What is known of a year's holidays without an entered notice."""

from datetime import date

import pytest

from cases.enums import NationalHoliday
from cases.rules.holidays import (
    LUNAR_YEARS,
    Break,
    Certainty,
    DayKind,
    certainty_without_notice,
    day_without_notice,
    spring_festival_without_notice,
)


@pytest.mark.parametrize(
    ("day", "holiday", "works"),
    [
        (date(2015, 9, 3), NationalHoliday.OTHER, False),  # seventy years after the war, in 2015 only
        (date(2026, 10, 10), None, True),  # a Saturday worked to make up for the break
        (date(2026, 10, 11), None, False),
        (date(2027, 9, 15), NationalHoliday.MID_AUTUMN, False),
        (date(2027, 10, 9), None, False),  # a Saturday; make-up days are not known yet
        (date(2031, 4, 6), NationalHoliday.QINGMING, False),  # one of the three days on which it can be
    ],
)
def test_a_day_has_its_holiday_and_is_worked_or_not(day: date, holiday: NationalHoliday | None, works: bool) -> None:
    assert day_without_notice(day=day) == DayKind(
        holiday=holiday, works=works, certainty=certainty_without_notice(year=day.year)
    )


@pytest.mark.parametrize(
    ("year", "certainty"),
    [
        (2003, Certainty.FIXED),
        (2004, Certainty.PUBLISHED),
        (2026, Certainty.PUBLISHED),
        (2027, Certainty.STATUTORY),
        (2030, Certainty.STATUTORY),
        (2031, Certainty.FIXED),
    ],
)
def test_certainty_of_a_year_without_a_notice(year: int, certainty: Certainty) -> None:
    assert certainty_without_notice(year=year) is certainty


@pytest.mark.parametrize("year", sorted(LUNAR_YEARS))
def test_spring_festival_is_assumed_nine_days_around_the_first_of_the_lunar_year(year: int) -> None:
    new_year = LUNAR_YEARS[year].new_year

    festival = spring_festival_without_notice(year=year)

    assert festival is not None
    assert ((new_year - festival.first).days, (festival.last - new_year).days) == (2, 6)


def test_a_break_covers_its_first_and_last_day() -> None:
    days = Break(holiday=NationalHoliday.OTHER, first=date(2027, 12, 31), last=date(2028, 1, 1))

    asked = [date(2027, 12, 30), date(2027, 12, 31), date(2028, 1, 1), date(2028, 1, 2)]
    assert [days.covers(day=day) for day in asked] == [False, True, True, False]
