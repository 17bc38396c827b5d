"""Income, expenses and the instalment that they allow, as a page shows them."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from cases.models import Account
from cases.rules.plans.affordability import UNKNOWN_MEANS, Means
from tests.factories.evidence import make_reported
from visits.selectors.shown_means import clear_means, masked_means

KNOWN = Means(monthly_income=Decimal("8000.50"), monthly_expenses=Decimal(3200))


@pytest.mark.parametrize(
    ("means", "masked"),
    [(KNOWN, ["***"] * 3), (Means(monthly_income=Decimal(8000)), ["***", "", ""]), (UNKNOWN_MEANS, [])],
)
def test_a_page_says_only_what_is_known(means: Means, masked: list[str]) -> None:
    assert [figure.masked for figure in masked_means(means=means)] == masked


def test_in_clear_they_are_in_the_currency_of_the_account(case: Any, placement: Any, approver: Any, pair: Any) -> None:
    order = make_reported(case=case, placement=placement, approver=approver, pair=pair).order
    Account.objects.filter(borrower=case.borrower).update(currency="JPY")

    with override("en"):
        found = [(line.name, str(line.label), line.value) for line in clear_means(means=KNOWN, order=order)]

    assert found == [
        ("monthly_income", "Income a month", "JPY 8,000.50"),
        ("monthly_expenses", "Expenses a month", "JPY 3,200.00"),
        ("affordable", "Affordable a month", "JPY 3,360.00"),
    ]
