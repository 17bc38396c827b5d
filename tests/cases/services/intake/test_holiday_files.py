"""A file of holidays: CSV, a spreadsheet or a calendar."""

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.holiday_rows import HolidayRow
from cases.services.intake.holiday_files import MAX_BYTES, read_holiday_file

CALENDAR = """BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20270501\r
DTEND;VALUE=DATE:20270503\r
SUMMARY:Labour\r
  Day\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20270508\r
SUMMARY:劳动节 班\r
END:VEVENT\r
END:VCALENDAR\r
"""


def row(number, day, name, kind):
    return HolidayRow(number=number, day=day, name=name, kind=kind)


def test_a_csv_file_is_read_in_any_usual_encoding():
    text = "date,name,kind\r\n2027-01-01,元旦,休\r\n\r\n2027-01-09,元旦,班\r\n"
    expected = (row(1, "date", "name", "kind"), row(2, "2027-01-01", "元旦", "休"), row(4, "2027-01-09", "元旦", "班"))

    assert [read_holiday_file(content=text.encode(name)) for name in ("utf-8-sig", "gb18030", "utf-16")] == [
        expected
    ] * 3


def test_a_calendar_gives_a_row_for_each_day():
    assert read_holiday_file(content=CALENDAR.encode()) == (
        row(1, "2027-05-01", "Labour Day", "off"),
        row(1, "2027-05-02", "Labour Day", "off"),
        row(2, "2027-05-08", "劳动节 班", "work"),
    )


@pytest.mark.parametrize("content", [b"", b" \n", b"x" * (MAX_BYTES + 1), b"PK\x03\x04 no archive", b"a,b,c\n" * 801])
def test_what_is_no_file_of_holidays_is_refused(content):
    with pytest.raises(InvalidInput):
        read_holiday_file(content=content)
