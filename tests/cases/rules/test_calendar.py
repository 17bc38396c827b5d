from datetime import date, timedelta

import pytest

from cases.rules.calendar import (
    Break,
    Certainty,
    day_kind,
    is_national_holiday,
    is_spring_festival_edge,
    is_working_day,
    last_day_of_grace,
    latest_day_overdue,
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


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # a Saturday worked to make up for the break
        (date(2026, 10, 11), False),
        (date(2027, 10, 1), False),  # no notice yet: a holiday by statute
        (date(2027, 10, 8), True),
        (date(2027, 10, 9), False),  # a Saturday; make-up days are not known yet
    ],
)
def test_banks_work_on_weekdays_and_make_up_days(day: date, works: bool) -> None:
    assert is_working_day(day=day) is works


@pytest.mark.parametrize(
    ("due_on", "last"),
    [
        (date(2026, 10, 1), date(2026, 10, 11)),
        (date(2026, 10, 7), date(2026, 10, 11)),
        (date(2026, 10, 8), date(2026, 10, 11)),
        (date(2026, 10, 10), date(2026, 10, 13)),
        (date(2026, 10, 17), date(2026, 10, 22)),
        (date(2026, 10, 20), date(2026, 10, 23)),
    ],
)
def test_grace_counts_from_the_next_working_day(due_on: date, last: date) -> None:
    assert last_day_of_grace(due_on=due_on, days=3) == last


@pytest.mark.parametrize("days", [3, 30])
def test_the_latest_day_overdue_parts_the_days_whose_grace_is_over(days: int) -> None:
    for number in range(500):
        on = date(2026, 8, 1) + timedelta(days=number)
        latest = latest_day_overdue(on=on, days=days)

        over = [
            due
            for due in (on - timedelta(days=back) for back in range(60))
            if last_day_of_grace(due_on=due, days=days) < on
        ]
        assert over == [on - timedelta(days=back) for back in range(60) if on - timedelta(days=back) <= latest]
