"""Rows of a file of holidays as a notice, and what is wrong with each."""

from datetime import date

from django.utils import translation

from cases.enums import NationalHoliday
from cases.rules.holiday_rows import HolidayRow, notice_of_rows
from cases.rules.holidays import Break, Notice


def rows(*lines):
    return tuple(
        HolidayRow(number=n, day=day, name=name, kind=kind) for n, (day, name, kind) in enumerate(lines, start=1)
    )


def test_days_of_one_name_in_a_row_are_one_break():
    given = rows(
        ("date", "name", "off|work"),
        ("2027-01-02", "元旦", "休"),
        ("2027年1月1日", "元旦", "off"),
        ("2027/1/3", "Bank holiday", "Holiday"),
        ("20270109", "元旦", "班"),
    )

    assert notice_of_rows(rows=given, year=2027) == (
        Notice(
            year=2027,
            breaks=(
                Break(holiday=NationalHoliday.NEW_YEAR, first=date(2027, 1, 1), last=date(2027, 1, 2)),
                Break(holiday=NationalHoliday.OTHER, first=date(2027, 1, 3), last=date(2027, 1, 3)),
            ),
            make_up_days=(date(2027, 1, 9),),
        ),
        (),
    )


def test_each_row_that_cannot_be_read_is_named():
    given = rows(
        ("2027-02-30", "x", "off"),
        ("soon", "x", "off"),
        ("2029-01-01", "x", "off"),
        ("2027-05-01", "x", "maybe"),
        ("2027-05-02", "x", "off"),
        ("2027-05-02", "x", "work"),
    )

    with translation.override("en"):
        _notice, faults = notice_of_rows(rows=given, year=2027)

    assert [(fault.row, fault.message.partition(".")[0]) for fault in faults] == [
        (1, "“2027-02-30” is no day"),
        (2, "“soon” is no day"),
        (3, "2029-01-01 does not belong to 2027"),
        (4, "The third column says off or work, but here it says “maybe”"),
        (6, "2027-05-02 is named twice"),
    ]
