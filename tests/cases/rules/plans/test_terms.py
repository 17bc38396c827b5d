"""Terms of plans as decisions keep them."""

from decimal import Decimal

import pytest

from cases.rules.plans.affordability import Means
from cases.rules.plans.amounts import Step
from cases.rules.plans.schedule import PlanTerms
from cases.rules.plans.terms import as_json, from_json


@pytest.mark.parametrize(
    "terms",
    [
        PlanTerms(
            total=Decimal("40000.00"), annual_rate=Decimal("0.24000"), instalments=24, first_share=Decimal("0.05")
        ),
        PlanTerms(
            total=Decimal("500.00"),
            annual_rate=Decimal("0.10000"),
            instalments=5,
            method="STEPPED",
            step=Step(every=2, percent=30),
            first_share=Decimal("0.00"),
        ),
    ],
)
def test_terms_are_read_as_they_were_kept(terms):
    kept = as_json(terms=terms, means=Means())

    assert from_json(terms=kept, currency="CNY") == terms
    assert "means_verified" not in kept


def test_terms_of_older_decisions_are_equal_payments():
    kept = {"total": "40000.00", "annual_rate": "0.18000", "instalments": 24}

    assert from_json(terms=kept, currency="JPY") == PlanTerms(
        total=Decimal(40000), annual_rate=Decimal("0.18"), instalments=24, currency="JPY", method="EQUAL_PAYMENT"
    )


def test_terms_hold_no_figure_of_the_means():
    terms = PlanTerms(total=Decimal(100), annual_rate=Decimal(0), instalments=1)
    kept = as_json(terms=terms, means=Means(monthly_income=Decimal(9)))

    assert set(kept) == {"total", "annual_rate", "instalments", "first_share", "method", "means_verified"}
    assert kept["means_verified"] is False
