"""What a borrower's means leave room for."""

from datetime import date
from decimal import Decimal

import pytest

from cases.rules.calendar import Calendar
from cases.rules.plans.affordability import Means, first_share, shortest_affordable
from cases.rules.plans.schedule import PlanTerms, schedule_plan


def scheduled(count, **others):
    terms = PlanTerms(total=Decimal(24000), annual_rate=Decimal("0.12"), instalments=count, **others)
    return schedule_plan(terms=terms, starts_on=date(2026, 3, 2), calendar=Calendar())


@pytest.mark.parametrize(
    ("income", "expenses", "affordable"),
    [
        # 70 % of the room of 2,000.
        ("8000", "6000", "1400.00"),
        # Half of the income, where expenses are small.
        ("8000", "100", "4000.00"),
        ("8000", "9000", "0.00"),
        ("0", "0", "0.00"),
        ("8000", None, None),
        (None, "6000", None),
    ],
)
def test_affordable_instalment(income, expenses, affordable):
    means = Means(
        monthly_income=None if income is None else Decimal(income),
        monthly_expenses=None if expenses is None else Decimal(expenses),
    )

    found = means.affordable(currency="CNY")
    assert (None if found is None else str(found)) == affordable


def test_affordable_instalment_is_rounded_down_in_its_currency():
    means = Means(monthly_income=Decimal("100001"), monthly_expenses=Decimal("50000"))

    assert str(means.affordable(currency="JPY")) == "35000"


@pytest.mark.parametrize(
    ("wanted", "affordable", "share"),
    [("0.05", None, "0.05"), ("0.30", None, "0.10"), ("0.05", "600", "0.02"), ("0.05", "0", "0.00"), ("-1", None, "0")],
)
def test_first_share_is_at_most_a_tenth_and_affordable(wanted, affordable, share):
    found = first_share(
        total=Decimal(24000), wanted=Decimal(wanted), affordable=None if affordable is None else Decimal(affordable)
    )

    assert found == Decimal(share)


def test_shortest_affordable_is_the_first_number_whose_payments_fit():
    found = shortest_affordable(affordable=Decimal(1400), most=60, scheduled=scheduled)

    assert found == 19
    assert scheduled(19).largest <= 1400 < scheduled(18).largest


@pytest.mark.parametrize(("affordable", "most"), [("500", 60), ("1400", 18)])
def test_nothing_is_affordable_where_the_most_instalments_are_too_large(affordable, most):
    assert shortest_affordable(affordable=Decimal(affordable), most=most, scheduled=scheduled) is None
