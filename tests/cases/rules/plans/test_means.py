"""Means as a decision keeps them."""

from decimal import Decimal

import pytest

from cases.rules.plans.affordability import Means
from cases.rules.plans.means import means_of, means_text


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        (
            Means(monthly_income=Decimal(5000), monthly_expenses=Decimal("3900.5")),
            {"monthly_income": "5000.00", "monthly_expenses": "3900.50", "surplus": "1099.50", "affordable": "769.65"},
        ),
        (Means(monthly_income=Decimal(1)), {"monthly_income": "1.00"}),
        (Means(), {}),
    ],
)
def test_means_are_read_as_they_were_kept(means, expected):
    assert means_of(text=means_text(means=means, currency="CNY")) == expected


def test_nothing_is_kept_of_unknown_means():
    assert means_text(means=Means(), currency="CNY") is None
