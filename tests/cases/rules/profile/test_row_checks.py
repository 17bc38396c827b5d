"""Problems that show only when the values of a row are compared."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cases.rules.profile.row_checks import decimals_problem, row_problems, sign_problem

DAY = date(2026, 3, 2)


def found(single: dict[str, Any] | None = None, repeated: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    problems = row_problems(single=single or {}, repeated=repeated or {}, horizon=DAY)
    return [(problem.field, problem.reason) for problem in problems]


@pytest.mark.parametrize(
    ("single", "repeated", "problems"),
    [
        ({"reversal": {"reversed_on": DAY}}, {}, []),
        (
            {"reversal": {"reversed_on": date(2026, 3, 3)}},
            {},
            [("reversal.reversed_on", "The day lies in the future.")],
        ),
        (
            {"account": {"as_of": DAY, "opened_on": date(2026, 3, 3)}},
            {},
            [("account.opened_on", "The account was opened after the day of the figures.")],
        ),
        (
            {},
            {"statements": [{"period": DAY}, {"period": DAY}]},
            [("statements.period", "Two statements of this row have the same period.")],
        ),
        (
            {"promise": {"promised_on": DAY, "due_on": date(2026, 3, 1), "state": "KEPT", "settled_on": None}},
            {},
            [
                ("promise.due_on", "The promise is due before it was given."),
                ("promise.settled_on", "A promise kept or broken needs the day it was settled."),
            ],
        ),
    ],
)
def test_values_of_a_row_are_compared(
    single: dict[str, Any], repeated: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    assert found(single, repeated) == problems


@pytest.mark.parametrize(
    ("amount", "reverses", "reason"),
    [
        (5, None, None),
        (5, "", None),
        (-5, "R1", None),
        (0, "", "The amount is 0: nothing was paid. Leave the row out."),
        (0, "R1", "The amount is 0: nothing was paid. Leave the row out."),
        (-5, "", "A negative amount needs the reference of the repayment that it takes back."),
        (5, "R1", "A row that names a repayment to take back needs a negative amount."),
    ],
)
def test_the_sign_of_a_repayment_agrees_with_what_it_takes_back(
    amount: int, reverses: str | None, reason: str | None
) -> None:
    problem = sign_problem(amount=Decimal(amount), reverses=reverses)

    assert (None if problem is None else problem.reason) == reason


def test_decimals_problem_is_for_currencies_without_a_smaller_unit() -> None:
    assert decimals_problem(section="account", name="arrears_amount", value=Decimal("5.00")) is None
    problem: Any = decimals_problem(section="account", name="arrears_amount", value=Decimal("5.50"))
    assert (problem.field, problem.value, problem.params) == ("account.arrears_amount", "5.50", {"decimals": "0"})
