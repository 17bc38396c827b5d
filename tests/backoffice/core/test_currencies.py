"""Decimals of currencies."""

from decimal import Decimal

import pytest

from backoffice.core.currencies import decimals_of, rounded, smallest_amount


@pytest.mark.parametrize(
    ("currency", "decimals", "smallest", "amount"),
    [
        ("CNY", 2, "0.01", "1234.57"),
        ("JPY", 0, "1", "1235"),
        ("KRW", 0, "1", "1235"),
        ("KWD", 3, "0.001", "1234.565"),
        ("CLF", 4, "0.0001", "1234.5650"),
        ("XXX", 2, "0.01", "1234.57"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(currency, decimals, smallest, amount):
    assert (decimals_of(currency), str(smallest_amount(currency))) == (decimals, smallest)
    assert str(rounded(Decimal("1234.565"), currency)) == amount
