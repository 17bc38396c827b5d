"""What is checked before a notice of holidays is taken, how it is kept, and which days it changes."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils.translation import override

from cases.enums import NationalHoliday
from cases.rules.calendar import Calendar
from cases.rules.holiday_notice import (
    breaks_as_json,
    changed_days,
    notice_faults,
    notice_from_json,
)
from cases.rules.holidays import Break, Notice
from tests.factories.holidays import NOTICE_2027, notice_of

# Where the breaks of an assumed year stand, from 1.
NEW_YEAR, FESTIVAL, QINGMING, LABOUR, DRAGON_BOAT, MID_AUTUMN, NATIONAL, ADDED = range(1, 9)


def faults(notice: Notice) -> list[tuple[str, int, str]]:
    with override("en"):
        return [(str(fault.field), fault.row, fault.message) for fault in notice_faults(notice=notice)]


def without(holiday: NationalHoliday) -> Notice:
    return replace(NOTICE_2027, breaks=tuple(each for each in NOTICE_2027.breaks if each.holiday is not holiday))


@pytest.mark.parametrize("year", range(2004, 2031))
def test_the_days_of_each_known_year_can_be_entered_as_they_are(year: int) -> None:
    assert faults(Calendar().as_notice(year=year)) == []


@pytest.mark.parametrize("year", [2003, 2101])
def test_a_notice_is_for_a_year_within_bounds(year: int) -> None:
    assert faults(Notice(year=year, breaks=())) == [("year", 0, "A notice is for a year from 2004 to 2100.")]


@pytest.mark.parametrize(
    ("name", "days", "expected"),
    [
        (
            "QINGMING",
            (date(2027, 4, 5), date(2027, 4, 4)),
            ("last", QINGMING, "The last day lies before the first. Correct one of them."),
        ),
        (
            "NATIONAL_DAY",
            (date(2027, 10, 1), date(2027, 10, 17)),
            ("last", NATIONAL, "The break is longer than 16 days. Correct its first or last day."),
        ),
        (
            "DRAGON_BOAT",
            (date(2026, 6, 19), date(2026, 6, 21)),
            ("first", DRAGON_BOAT, "No day of the break lies in 2027. Correct its days or the year."),
        ),
        (
            "SPRING_FESTIVAL",
            (date(2027, 12, 25), date(2028, 1, 2)),
            ("first", FESTIVAL, "Spring Festival lies between January and March of 2027. Correct its days."),
        ),
        (
            "SPRING_FESTIVAL",
            (date(2027, 3, 30), date(2027, 4, 3)),
            ("first", FESTIVAL, "Spring Festival lies between January and March of 2027. Correct its days."),
        ),
        (
            "MID_AUTUMN",
            (date(2027, 9, 30), date(2027, 10, 1)),
            (
                "first",
                NATIONAL,
                "The break overlaps with Mid-Autumn Festival. Name each day in one break only.",
            ),
        ),
        (
            "LABOUR_DAY",
            (date(2027, 5, 2), date(2027, 5, 5)),
            ("holiday", 0, "2027-05-01 is always a holiday, but no break has it. Add the break that is missing."),
        ),
    ],
)
def test_a_fault_of_a_break_names_its_row_and_the_remedy(
    name: str, days: tuple[date, date], expected: tuple[str, int, str]
) -> None:
    assert faults(notice_of(2027, **{name: days})) == [expected]


@pytest.mark.parametrize(("last", "expected"), [(date(2027, 10, 16), []), (date(2027, 10, 17), ["last"])])
def test_a_break_has_at_most_sixteen_days(last: date, expected: list[str]) -> None:
    found = faults(notice_of(2027, NATIONAL_DAY=(date(2027, 10, 1), last)))

    assert [field for field, _row, _message in found] == expected


def test_a_break_may_reach_over_the_edge_of_the_year() -> None:
    assert faults(notice_of(2028, NEW_YEAR=(date(2027, 12, 30), date(2028, 1, 2)), make_up=(date(2027, 12, 26),))) == []


@pytest.mark.parametrize(
    ("days", "row", "message"),
    [
        (
            (date(2027, 10, 9), date(2027, 10, 11)),
            2,
            "Only a Saturday or a Sunday is worked to make up for a break. Correct the day or leave it out.",
        ),
        ((date(2027, 10, 2),), 1, "The day lies in a break. Correct it or the days of the break."),
        ((date(2026, 10, 10),), 1, "The day does not belong to 2027. Correct it or the year."),
        ((date(2027, 10, 9), date(2027, 10, 9)), 2, "The day is named twice. Leave it out once."),
    ],
)
def test_a_fault_of_a_make_up_day_names_its_row_and_the_remedy(days: tuple[date, ...], row: int, message: str) -> None:
    assert faults(replace(NOTICE_2027, make_up_days=days)) == [("make_up", row, message)]


def test_a_notice_has_exactly_one_break_of_spring_festival() -> None:
    message = (
        "A notice has one break of Spring Festival, because its first and last days have a rule of their own. "
        "Add it, or leave one only."
    )
    second = Break(holiday=NationalHoliday.SPRING_FESTIVAL, first=date(2027, 3, 1), last=date(2027, 3, 2))

    assert faults(without(NationalHoliday.SPRING_FESTIVAL)) == [("holiday", 0, message)]
    assert faults(replace(NOTICE_2027, breaks=(*NOTICE_2027.breaks, second))) == [("holiday", ADDED, message)]


def test_all_faults_of_rows_are_named_at_once() -> None:
    notice = notice_of(
        2027, QINGMING=(date(2027, 4, 5), date(2027, 4, 4)), LABOUR_DAY=(date(2028, 5, 1), date(2028, 5, 5))
    )

    assert [(field, row) for field, row, _message in faults(replace(notice, make_up_days=(date(2027, 10, 11),)))] == [
        ("last", QINGMING),
        ("first", LABOUR),
        ("make_up", 1),
    ]


def test_a_notice_is_kept_and_read_as_it_was() -> None:
    kept = breaks_as_json(notice=NOTICE_2027)

    assert kept[-1] == {"holiday": "NATIONAL_DAY", "first": "2027-10-01", "last": "2027-10-08"}
    assert notice_from_json(year=2027, breaks=kept, make_up_days=[date(2027, 10, 9)]) == NOTICE_2027


def test_changed_days_are_those_that_become_or_cease_to_be_free() -> None:
    notice = replace(NOTICE_2027, breaks=notice_of(2027, NATIONAL_DAY=(date(2027, 10, 1), date(2027, 10, 6))).breaks)

    changed = changed_days(before=Calendar(notices=(NOTICE_2027,)), notice=notice)

    assert [(each.day.day, each.before.holiday, each.after.holiday, each.after.works) for each in changed] == [
        (7, NationalHoliday.NATIONAL_DAY, None, True),
        (8, NationalHoliday.NATIONAL_DAY, None, True),
    ]


def test_changed_days_reach_over_the_edge_of_the_year() -> None:
    notice = notice_of(2028, NEW_YEAR=(date(2027, 12, 31), date(2028, 1, 2)))

    days = [each.day for each in changed_days(before=Calendar(), notice=notice)]

    # 1 January is a holiday already; 2 January is a Sunday that becomes one.
    assert days == [date(2027, 12, 31), date(2028, 1, 2)]
