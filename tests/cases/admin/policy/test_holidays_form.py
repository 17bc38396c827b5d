"""The form of one year's holidays."""

from datetime import date

import pytest

from backoffice.access.models import Territory
from cases.admin.policy.holidays_form import BREAK_ROWS, MAKE_UP_FIELDS, NoticeForm, YearForm
from cases.rules.calendar import Calendar
from tests.factories.holidays import SOURCE


@pytest.mark.parametrize("year", range(2004, 2031))
def test_the_days_of_each_known_year_fit_and_are_taken_as_they_are(year: int) -> None:
    start = Calendar().as_notice(year=year)
    assert (len(start.breaks) <= BREAK_ROWS, len(start.make_up_days) <= MAKE_UP_FIELDS) == (True, True)
    begun = NoticeForm(None, year=year, start=start, source=SOURCE)
    sent = {name: str(begun[name].value() or "") for name in begun.fields}

    form = NoticeForm(sent, year=year, start=start)

    assert (form.is_valid(), form.notice) == (True, start)


def test_a_day_that_is_none_is_refused_at_its_field() -> None:
    start = Calendar().as_notice(year=2027)
    form = NoticeForm({"source": SOURCE, "holiday_1": "NEW_YEAR", "first_1": "2027-13-01"}, year=2027, start=start)

    assert (form.is_valid(), form.notice, sorted(form.errors)) == (False, None, ["first_1", "last_1"])


def test_rows_have_three_fields_each() -> None:
    form = NoticeForm(None, year=2027, start=Calendar().as_notice(year=2027))

    rows = [[field.name for field in row] for row in form.break_rows()]
    assert (rows[0], len(rows)) == (["holiday_1", "first_1", "last_1"], BREAK_ROWS)
    assert form["first_1"].value() == date(2027, 1, 1)


@pytest.mark.parametrize(("year", "valid"), [(2003, False), (2004, True), (2100, True), (2101, False)])
def test_a_year_is_within_bounds(year: int, valid: bool) -> None:
    assert YearForm({"year": year}, territories=Territory.objects.none()).is_valid() is valid
