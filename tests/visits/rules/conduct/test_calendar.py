from datetime import date, timedelta

import pytest

from visits.rules.conduct.calendar import (
    Break,
    Certainty,
    day_kind,
    is_national_holiday,
    is_spring_festival_edge,
    spring_festival,
)


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        (date(2026, 10, 1), True),
        (date(2026, 10, 7), True),
        (date(2026, 10, 8), False),
        (date(2026, 10, 10), False),  # a Saturday worked to make up for the break
        (date(2026, 10, 17), False),  # a plain Saturday
        (date(2027, 1, 1), True),
        (date(2027, 2, 5), True),
        (date(2027, 2, 6), True),
        (date(2027, 3, 1), False),
        (date(2027, 9, 15), True),
        (date(2035, 10, 1), True),
        (date(2035, 6, 1), False),
    ],
)
def test_is_national_holiday_knows_the_day(day: date, holiday: bool) -> None:
    assert is_national_holiday(day=day) is holiday


@pytest.mark.parametrize(
    ("year", "certainty"),
    [
        (2004, Certainty.PUBLISHED),
        (2026, Certainty.PUBLISHED),
        (2027, Certainty.STATUTORY),
        (2030, Certainty.STATUTORY),
        (2031, Certainty.FIXED),
        (2003, Certainty.FIXED),
    ],
)
def test_day_kind_says_how_certain_it_is(year: int, certainty: Certainty) -> None:
    assert day_kind(day=date(year, 10, 1)).certainty is certainty


def test_spring_festival_is_the_published_break() -> None:
    assert spring_festival(year=2026) == Break(name="Spring Festival", first=date(2026, 2, 15), last=date(2026, 2, 23))


def test_spring_festival_covers_new_years_eve_in_years_without_a_notice() -> None:
    festival = spring_festival(year=2027)

    assert festival == Break(name="Spring Festival", first=date(2027, 2, 4), last=date(2027, 2, 12))


def test_spring_festival_is_unknown_beyond_the_tables() -> None:
    assert spring_festival(year=2031) is None


def test_is_spring_festival_edge_takes_three_days_at_both_ends() -> None:
    days = [date(2026, 2, 14) + timedelta(days=n) for n in range(11)]

    edges = [day.day for day in days if is_spring_festival_edge(day=day, edge_days=3)]

    assert edges == [15, 16, 17, 21, 22, 23]


def test_is_spring_festival_edge_is_off_at_zero() -> None:
    assert not is_spring_festival_edge(day=date(2026, 2, 15), edge_days=0)
