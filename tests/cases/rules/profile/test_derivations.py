"""Figures of an account that follow from its statements."""

import pytest

from cases.rules.profile.derivations import arrears_from_statements, latest_balance
from tests.cases.rules.profile.profile_texts import statements_of


@pytest.mark.parametrize(
    ("days", "bills", "paid", "arrears"),
    [
        (0, [100, 200, 300], [0, 0, 0], 0),
        (30, [100, 200, 300], [0, 0, 0], 200),
        (60, [100, 200, 300], [0, 0, 0], 100),
        (60, [100, 200, 300], [100, 0, 0], 200),
        (60, [100, 200, 300], [40, 30, 0], 30),
        (60, [900, 200, 300], [0, 0, 0], 300),
        (270, [100, 200, 300], [0, 0, 0], 100),
        (60, [100, 200, 300], [100, 200, 0], 0),
        (5, [100, 200, 300], [0, 0, 0], 200),
        (60, [100, 200, -50], [0, 0, 0], 0),
    ],
)
def test_arrears_from_statements(days: int, bills: list[int], paid: list[int], arrears: int) -> None:
    assert arrears_from_statements(statements_of(days=days, bills=bills, paid=paid)) == arrears


def test_latest_balance_is_not_below_zero() -> None:
    assert latest_balance([]) == 0
    assert latest_balance(statements_of(days=0, bills=[5, -3], paid=[0, 0])) == 0
