"""Sums of columns: a closed grammar, Decimals, and nothing that runs."""

from decimal import Decimal

import pytest

from cases.rules.profile import refusals
from cases.rules.profile.arithmetic import computed, parse_computation
from tests.cases.rules.profile.profile_texts import account_of, reason_of


@pytest.mark.parametrize(
    ("text", "columns", "numbers", "result"),
    [
        ("{a} + {b}", ("a", "b"), ("0.1", "0.2"), "0.3"),
        ("{本金} + {利息} - {已还}", ("本金", "利息", "已还"), ("100", "7.5", "20"), "87.5"),
        ("{a} * 12 / 100", ("a",), ("1.5",), "0.18"),
        ("max({a} - {b}, 0)", ("a", "b"), ("1", "2"), "0"),
        ("min({a}, {b}, {a})", ("a", "b"), ("1", "2"), "1"),
        ("-({a b} - 1)", ("a b",), ("5",), "-4"),
    ],
)
def test_parse_computation_computes(text: str, columns: tuple[str, ...], numbers: tuple[str, ...], result: str) -> None:
    computation = parse_computation(text=text)

    assert computation.columns == columns
    assert computed(computation=computation, numbers=[Decimal(n) for n in numbers]) == Decimal(result)


def test_computed_without_a_result_is_none() -> None:
    computation = parse_computation(text="{a} / {b}")

    assert computed(computation=computation, numbers=[Decimal(1), Decimal(0)]) is None
    assert computed(computation=computation, numbers=[Decimal(0), Decimal(0)]) is None


@pytest.mark.parametrize(
    "text",
    [
        "1 + 2",
        "",
        "{}",
        "{a} ** 2",
        "{a} if {b} else 1",
        "a + {b}",
        "__import__('os') + {a}",
        "{a}.real + 1",
        "open({a}, {b})",
        "min({a})",
        "{a} + 'x'",
        "{a} + True",
        "{a} +",
        "({a}",
        "{a}" + "+{a}" * 300,
    ],
)
def test_parse_computation_refuses_everything_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_computation(text=text)


def test_a_row_is_computed_from_its_columns() -> None:
    line = 'arrears_amount = { compute = "{c} + {d}" }'

    assert account_of(line, c="1,000.50", d="2")["arrears_amount"] == Decimal("1002.50")
    assert account_of(line, c="5", d="")["arrears_amount"] == Decimal(5)
    assert account_of(line, c="", d=" ")["arrears_amount"] == Decimal(0)
    assert reason_of(line, c="x", d="1") == refusals.NOT_A_NUMBER
    assert account_of('days_past_due = { compute = "{c} * 30" }', c="2")["days_past_due"] == 60
    assert reason_of('days_past_due = { compute = "{c} / 2" }', c="3") == refusals.NOT_WHOLE
