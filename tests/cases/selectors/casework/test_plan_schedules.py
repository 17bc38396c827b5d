"""The schedule of a plan as its decision's terms say it, due on working days."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.calendar import Calendar
from cases.rules.plans.affordability import Means
from cases.selectors.casework.plan_schedules import plan_schedule, sized_plan
from cases.selectors.policies.holidays import calendars_in_use
from tests.factories.portfolio import make_overdue

TERMS = {"total": "300.00", "annual_rate": "0.00000", "instalments": 3, "first_share": "0"}


def test_a_schedule_pays_all_on_working_days(shanghai, django_assert_num_queries):
    account = make_overdue(territory=shanghai)

    with django_assert_num_queries(1):
        schedule = plan_schedule(account=account, terms=TERMS, starts_on=date(2026, 3, 2))

    assert [(each.due_on, each.amount) for each in schedule.instalments] == [
        (date(2026, 4, 2), Decimal(100)),
        # The second of May is in a break of the holidays.
        (date(2026, 5, 6), Decimal(100)),
        (date(2026, 6, 2), Decimal(100)),
    ]


def test_calendars_that_were_read_are_not_read_again(shanghai, django_assert_num_queries):
    account, calendars = make_overdue(territory=shanghai), calendars_in_use()

    with django_assert_num_queries(0):
        found = plan_schedule(account=account, terms=TERMS, starts_on=date(2026, 3, 2), calendars=calendars)

    assert len(found.instalments) == 3


OWED = {"total": "24000.00", "annual_rate": "0.12000", "instalments": 12, "first_share": "0.05"}


def means(income: str | None, expenses: str | None) -> Means:
    return Means(
        monthly_income=None if income is None else Decimal(income),
        monthly_expenses=None if expenses is None else Decimal(expenses),
    )


def sized(account: Any, terms: Any = OWED, **figures: Any) -> Any:
    return sized_plan(account=account, terms=terms, means=means(**figures), starts_on=date(2026, 3, 2))


def test_a_plan_gets_as_many_instalments_as_the_means_call_for(shanghai):
    account = make_overdue(territory=shanghai)

    # 70 % of the 2,000 that are left.
    found = sized(account, income="8000", expenses="6000")

    assert (found.is_affordable, found.terms["instalments"], found.terms["first_share"]) == (True, 19, "0.05")
    largest = [
        plan_schedule(account=account, terms={**found.terms, "instalments": n}, starts_on=date(2026, 3, 2)).largest
        for n in (18, 19)
    ]
    assert largest[1] <= Decimal(1400) < largest[0]


def test_a_plan_that_is_affordable_keeps_the_instalments_of_the_table(shanghai):
    found = sized(make_overdue(territory=shanghai), income="20000", expenses="6000")

    assert (found.is_affordable, found.terms) == (True, OWED)


def test_the_first_payment_is_affordable_too(shanghai):
    found = sized(make_overdue(territory=shanghai), income="8000", expenses="7000")

    # 5 % are 1,200; 700 are affordable.
    assert (found.is_affordable, found.terms["first_share"]) == (True, "0.02")


@pytest.mark.parametrize(("income", "expenses"), [("8000", "7900"), ("0", "0")])
def test_where_no_plan_is_affordable_it_stays_as_it_was(shanghai, income, expenses):
    found = sized(make_overdue(territory=shanghai), income=income, expenses=expenses)

    assert (found.is_affordable, found.terms) == (False, OWED)


@pytest.mark.parametrize(("income", "expenses"), [(None, None), ("8000", None)])
def test_without_both_figures_it_stays_as_it_was(shanghai, income, expenses):
    found = sized(make_overdue(territory=shanghai), income=income, expenses=expenses)

    assert (found.is_affordable, found.terms) == (None, OWED)


class OneCalendar:
    def of(self, **_place: Any) -> Calendar:
        return Calendar()


@given(
    total=st.integers(min_value=1_000, max_value=300_000),
    income=st.integers(min_value=0, max_value=50_000),
    expenses=st.integers(min_value=0, max_value=50_000),
    instalments=st.integers(min_value=1, max_value=60),
)
def test_whatever_the_means_a_plan_keeps_to_them_or_says_that_it_cannot(
    total: int, income: int, expenses: int, instalments: int
) -> None:
    account: Any = SimpleNamespace(currency="CNY", territory_id=1, territory=SimpleNamespace(jurisdiction="CN"))
    calendars: Any = OneCalendar()
    terms = {"total": f"{total}.00", "annual_rate": "0.18000", "instalments": instalments, "first_share": "0.05"}
    told = Means(monthly_income=Decimal(income), monthly_expenses=Decimal(expenses))
    affordable = told.affordable(currency="CNY") or Decimal(0)
    on = date(2026, 3, 2)

    found = sized_plan(account=account, terms=terms, means=told, starts_on=on, calendars=calendars)

    schedule = plan_schedule(account=account, terms=found.terms, starts_on=on, calendars=calendars)
    if found.is_affordable:
        assert max(each.amount for each in schedule.instalments) <= affordable
        assert found.terms["instalments"] >= instalments
    else:
        assert (found.terms["instalments"], found.terms["first_share"]) == (instalments, "0.05")
        assert schedule.largest > affordable
