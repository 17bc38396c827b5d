"""Months of statements, also over the ends of years and of February, and the days to answer."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.rules.statement_months import answer_due, answer_is_over, month_before, month_of, next_month


@pytest.mark.parametrize(
    ("day", "before", "own", "after"),
    [
        (date(2026, 1, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 1, 31), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)),
        (date(2024, 2, 29), date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)),
        (date(2025, 12, 31), date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)),
    ],
)
def test_months(day: date, before: date, own: date, after: date) -> None:
    assert (month_before(day), month_of(day), next_month(day)) == (before, own, after)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_months_follow_each_other_without_a_gap(day: date) -> None:
    assert next_month(month_before(day)) == month_of(day) <= day < next_month(day)


def test_an_agency_answers_up_to_the_tenth_day() -> None:
    due = answer_due(date(2026, 3, 2))

    assert due == date(2026, 3, 12)
    assert not answer_is_over(answer_due_on=due, business_date=due)
    assert answer_is_over(answer_due_on=due, business_date=due + timedelta(days=1))
    assert not answer_is_over(answer_due_on=None, business_date=due)
