"""The terms of a decision that an officer proposes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.decisions import AccountView
from cases.rules.plans.affordability import Means
from cases.rules.plans.amounts import Step
from cases.rules.proposals import PlanWish, Wish, terms_of

ACCOUNT = AccountView(
    days_past_due=40,
    arrears_amount=Decimal(8000),
    outstanding_principal=Decimal(40000),
    annual_rate=Decimal("0.30"),
)


def terms(kind, **wish):
    return terms_of(kind=kind, account=ACCOUNT, limit=Decimal(60000), wish=Wish(**wish))


@pytest.mark.parametrize(("kind", "days", "counts"), [("GRACE", 180, 90), ("GRACE", None, 30), ("FREEZE", 10, 10)])
def test_terms_of_bounds_the_days(kind, days, counts):
    assert terms(kind, days=days)[1] == counts


def test_terms_of_a_plan_keep_to_the_cap_and_the_number_of_instalments():
    planned, counts = terms("PLAN", plan=PlanWish(instalments=60))

    assert planned == {
        "total": "40000.00",
        "annual_rate": "0.24000",
        "instalments": 60,
        "first_share": "0.05",
        "method": "EQUAL_PAYMENT",
    }
    assert counts == 31


def test_terms_of_a_plan_keep_method_steps_and_the_means_that_were_told():
    planned, _counts = terms(
        "PLAN",
        plan=PlanWish(
            instalments=24,
            method="STEPPED",
            step=Step(every=3, percent=10),
            first_share=Decimal("0.08"),
            means=Means(monthly_income=Decimal(8000), monthly_expenses=Decimal(6500)),
        ),
    )

    assert planned == {
        "total": "40000.00",
        "annual_rate": "0.24000",
        "instalments": 24,
        # 1,050.00 is affordable: 2 % of what is owed, not the 8 % that were wished for.
        "first_share": "0.02",
        "method": "STEPPED",
        "step_every": 3,
        "step_percent": 10,
        "means_verified": False,
    }


def test_terms_of_a_plan_need_something_to_pay():
    paid = AccountView(
        days_past_due=0, arrears_amount=Decimal(0), outstanding_principal=Decimal(0), annual_rate=Decimal("0.18")
    )

    with pytest.raises(InvalidInput) as refusal:
        terms_of(kind="PLAN", account=paid, limit=Decimal(0), wish=Wish())
    assert refusal.value.field == "account"


def test_relief_of_the_rate_has_an_end_and_half_a_point_unless_more_is_chosen():
    assert terms("RATE_RELIEF") == ({"before": "0.30000", "rate": "0.29500", "days": 90}, 90)
    assert terms("RATE_RELIEF", points=Decimal("0.03"), days=180) == (
        {"before": "0.30000", "rate": "0.27000", "days": 180},
        180,
    )
    assert terms("RATE_REDUCTION", points=Decimal("0.01")) == ({"before": "0.30000", "rate": "0.29000"}, None)


def test_a_rate_never_falls_below_nothing():
    cheap = replace(ACCOUNT, annual_rate=Decimal("0.01"))

    found, _days = terms_of(kind="RATE_RELIEF", account=cheap, limit=Decimal(0), wish=Wish(points=Decimal("0.03")))
    assert found["rate"] == "0.00000"


@pytest.mark.parametrize("points", ["0", "0.004", "0.0051", "0.035", "-0.005"])
@pytest.mark.parametrize("kind", ["RATE_RELIEF", "RATE_REDUCTION"])
def test_a_rate_is_lowered_in_steps_of_half_a_point_up_to_three(kind, points):
    with pytest.raises(InvalidInput) as refusal:
        terms(kind, points=Decimal(points))
    assert refusal.value.field == "points"


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("LIMIT_INCREASE", "60000"), ("LIMIT_CUT", "60000"), ("LIMIT_CUT", "-1"), ("LIMIT_CUT", None)],
)
def test_terms_of_a_limit_refuse_the_wrong_way(kind, amount):
    with pytest.raises(ValueError, match="amount"):
        terms(kind, amount=None if amount is None else Decimal(amount))


def test_terms_of_a_limit_increase_raise_by_a_tenth_unless_an_amount_is_given():
    assert terms("LIMIT_INCREASE")[0] == {"before": "60000.00", "limit": "66000.00"}
    assert terms("LIMIT_INCREASE", amount=Decimal(61000))[0] == {"before": "60000.00", "limit": "61000.00"}
    assert terms("LIMIT_CUT", amount=Decimal(30000)) == (
        {"before": "60000.00", "limit": "30000.00", "way_back": "PAY_THE_ARREARS"},
        180,
    )
