from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.enums import NationalHoliday
from cases.rules.calendar import Calendar
from cases.rules.holidays import Break, Certainty, DayKind, Notice
from tests.factories.holidays import NOTICE_2027, notice_of

# As long as no notice has been entered.
SHIPPED = Calendar()
ENTERED = Calendar(notices=(NOTICE_2027,))


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
    assert SHIPPED.is_national_holiday(day=day) is holiday


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
    assert SHIPPED.day_kind(day=date(year, 10, 1)).certainty is certainty


def test_spring_festival_is_the_published_break() -> None:
    assert SHIPPED.spring_festival(year=2026) == Break(
        holiday=NationalHoliday.SPRING_FESTIVAL, first=date(2026, 2, 15), last=date(2026, 2, 23)
    )


def test_spring_festival_covers_new_years_eve_in_years_without_a_notice() -> None:
    festival = SHIPPED.spring_festival(year=2027)

    assert festival == Break(holiday=NationalHoliday.SPRING_FESTIVAL, first=date(2027, 2, 4), last=date(2027, 2, 12))


def test_spring_festival_is_unknown_beyond_the_tables() -> None:
    assert SHIPPED.spring_festival(year=2031) is None


def test_is_spring_festival_edge_takes_three_days_at_both_ends() -> None:
    days = [date(2026, 2, 14) + timedelta(days=n) for n in range(11)]

    edges = [day.day for day in days if SHIPPED.is_spring_festival_edge(day=day, edge_days=3)]

    assert edges == [15, 16, 17, 21, 22, 23]


def test_is_spring_festival_edge_is_off_at_zero() -> None:
    assert not SHIPPED.is_spring_festival_edge(day=date(2026, 2, 15), edge_days=0)


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
    assert SHIPPED.is_working_day(day=day) is works


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
    assert SHIPPED.last_day_of_grace(due_on=due_on, days=3) == last


@pytest.mark.parametrize("days", [3, 30])
def test_the_latest_day_overdue_parts_the_days_whose_grace_is_over(days: int) -> None:
    for number in range(500):
        on = date(2026, 8, 1) + timedelta(days=number)
        latest = SHIPPED.latest_day_overdue(on=on, days=days)

        over = [
            due
            for due in (on - timedelta(days=back) for back in range(60))
            if SHIPPED.last_day_of_grace(due_on=due, days=days) < on
        ]
        assert over == [on - timedelta(days=back) for back in range(60) if on - timedelta(days=back) <= latest]


@given(day=st.dates(min_value=date(2004, 1, 1), max_value=date(2026, 12, 31)))
def test_without_notices_published_years_are_as_the_library_says(day: date) -> None:
    is_free, name = chinese_calendar.get_holiday_detail(day)

    kind = SHIPPED.day_kind(day=day)

    assert (kind.holiday is not None, kind.works, kind.certainty) == (
        is_free and name is not None,
        not is_free,
        Certainty.PUBLISHED,
    )


@given(day=st.dates(min_value=date(2004, 1, 1), max_value=date(2030, 12, 31)))
def test_entering_the_days_of_a_year_unchanged_changes_no_day(day: date) -> None:
    entered = Calendar(notices=(SHIPPED.as_notice(year=day.year),))

    def answers(calendar: Calendar) -> tuple[object, ...]:
        return (
            calendar.is_national_holiday(day=day),
            calendar.is_working_day(day=day),
            calendar.is_spring_festival_edge(day=day, edge_days=3),
            calendar.last_day_of_grace(due_on=day, days=3),
            calendar.latest_day_overdue(on=day, days=30),
        )

    assert answers(entered) == answers(SHIPPED)
    assert entered.day_kind(day=day).certainty is Certainty.ENTERED


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2027, 10, 8), DayKind(holiday=NationalHoliday.NATIONAL_DAY, works=False, certainty=Certainty.ENTERED)),
        (date(2027, 10, 9), DayKind(holiday=None, works=True, certainty=Certainty.ENTERED)),
        (date(2027, 10, 10), DayKind(holiday=None, works=False, certainty=Certainty.ENTERED)),
        (date(2027, 10, 11), DayKind(holiday=None, works=True, certainty=Certainty.ENTERED)),
        (date(2028, 10, 8), DayKind(holiday=None, works=False, certainty=Certainty.STATUTORY)),
    ],
)
def test_an_entered_notice_says_what_each_day_of_its_year_is(day: date, kind: DayKind) -> None:
    assert ENTERED.day_kind(day=day) == kind


def test_an_entered_notice_takes_away_days_that_were_assumed() -> None:
    short = Calendar(notices=(notice_of(2027, LABOUR_DAY=(date(2027, 5, 1), date(2027, 5, 3))),))

    days = [date(2027, 5, number) for number in (3, 4, 5)]
    assert [SHIPPED.is_national_holiday(day=day) for day in days] == [True, True, True]
    assert [short.is_national_holiday(day=day) for day in days] == [True, False, False]


def test_an_entered_notice_goes_before_the_published_one() -> None:
    extended = notice_of(2026, SPRING_FESTIVAL=(date(2026, 2, 15), date(2026, 2, 25)))

    assert Calendar(notices=(extended,)).spring_festival(year=2026) == Break(
        holiday=NationalHoliday.SPRING_FESTIVAL, first=date(2026, 2, 15), last=date(2026, 2, 25)
    )
    assert not Calendar(notices=(extended,)).is_working_day(day=date(2026, 2, 25))


def test_a_break_over_the_new_year_counts_in_both_years() -> None:
    calendar = Calendar(
        notices=(
            NOTICE_2027,
            notice_of(2028, NEW_YEAR=(date(2027, 12, 30), date(2028, 1, 2)), make_up=(date(2027, 12, 26),)),
        )
    )
    days = [date(2027, 12, 25) + timedelta(days=number) for number in range(11)]

    assert [day for day in days if calendar.is_national_holiday(day=day)] == days[5:9]
    assert [day for day in days if calendar.is_working_day(day=day)] == [days[1], *days[2:5], *days[9:]]
    assert calendar.last_day_of_grace(due_on=date(2027, 12, 30), days=3) == date(2028, 1, 6)
    assert calendar.latest_day_overdue(on=date(2028, 1, 6), days=3) == date(2027, 12, 29)


def test_a_day_that_one_notice_frees_and_another_works_is_free() -> None:
    day = date(2028, 1, 1)
    before = Notice(year=2027, breaks=NOTICE_2027.breaks, make_up_days=(day,))

    calendar = Calendar(notices=(before, notice_of(2028)))

    assert calendar.day_kind(day=day) == DayKind(
        holiday=NationalHoliday.NEW_YEAR, works=False, certainty=Certainty.ENTERED
    )


@given(
    start=st.dates(min_value=date(2027, 1, 1), max_value=date(2028, 12, 31)),
    days=st.integers(min_value=0, max_value=40),
)
def test_grace_never_ends_earlier_for_a_later_due_day_where_notices_are_entered(start: date, days: int) -> None:
    later = start + timedelta(days=1)

    first, second = (ENTERED.last_day_of_grace(due_on=day, days=days) for day in (start, later))

    assert first <= second
    assert (ENTERED.latest_day_overdue(on=second + timedelta(days=1), days=days)) >= later


def test_the_days_to_begin_a_notice_with_are_those_of_the_entered_one() -> None:
    assert ENTERED.as_notice(year=2027) == NOTICE_2027


def test_the_days_to_begin_a_notice_with_have_the_breaks_over_the_edges_and_the_make_up_days() -> None:
    notice = SHIPPED.as_notice(year=2022)

    assert (notice.breaks[0], notice.breaks[-1], notice.make_up_days[:2]) == (
        Break(holiday=NationalHoliday.NEW_YEAR, first=date(2022, 1, 1), last=date(2022, 1, 3)),
        Break(holiday=NationalHoliday.NEW_YEAR, first=date(2022, 12, 31), last=date(2023, 1, 2)),
        (date(2022, 1, 29), date(2022, 1, 30)),
    )


@pytest.mark.parametrize(("year", "certainty"), [(2026, Certainty.PUBLISHED), (2027, Certainty.ENTERED)])
def test_certainty_of_a_year(year: int, certainty: Certainty) -> None:
    assert ENTERED.certainty(year=year) is certainty


@given(
    calendar=st.sampled_from(
        [
            Calendar(),
            Calendar(notices=(NOTICE_2027,)),
            Calendar(jurisdiction="UK"),
            Calendar(jurisdiction="UK", notices=(NOTICE_2027,)),
            Calendar(regional=(NOTICE_2027,)),
        ]
    ),
    days=st.lists(st.dates(min_value=date(2026, 1, 1), max_value=date(2031, 12, 31)), min_size=1, max_size=5),
    holidays_off=st.booleans(),
    edge_days=st.integers(0, 5),
)
def test_a_plain_day_is_one_of_which_nothing_else_is_said(calendar, days, holidays_off, edge_days):
    for day in (*days, *days):
        is_known = calendar.certainty(year=day.year) is not Certainty.UNKNOWN
        is_free = holidays_off and (not is_known or calendar.is_national_holiday(day=day))
        is_edge = calendar.is_spring_festival_edge(day=day, edge_days=edge_days)

        found = calendar.is_plain(day=day, holidays_off=holidays_off, edge_days=edge_days)

        assert found == (not is_free and not is_edge)


def test_calendars_are_equal_whatever_they_were_asked():
    asked = Calendar(notices=(NOTICE_2027,))
    asked.is_plain(day=date(2027, 1, 4), holidays_off=True, edge_days=3)

    assert (asked, hash(asked)) == (Calendar(notices=(NOTICE_2027,)), hash(Calendar(notices=(NOTICE_2027,))))
