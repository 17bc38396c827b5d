"""The arithmetic of limits and rates, with its bounds."""

from decimal import Decimal

import pytest

from cases.rules.standing import cut_limit, lowered_rate, raised_limit, within_budget


def amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@pytest.mark.parametrize(
    ("limit", "percent", "most", "ceiling", "expected"),
    [
        ("60000", "10", None, None, "66000"),
        ("12345", "10", None, None, "13600"),  # 13,579.50 to the nearest hundred
        ("1500", "10", None, None, "1700"),  # 1,650 is rounded half up
        ("60000", "50", "3000", None, "63000"),
        ("60000", "10", None, "61000", "61000"),
        ("60000", "10", None, "50000", "60000"),  # never less than it was
        ("0", "10", None, None, "0"),
        ("60000", "0", None, None, "60000"),
    ],
)
def test_raised_limit(limit: str, percent: str, most: str | None, ceiling: str | None, expected: str) -> None:
    found = raised_limit(limit=Decimal(limit), percent=Decimal(percent), most=amount(most), ceiling=amount(ceiling))

    assert found == Decimal(expected)


@pytest.mark.parametrize(
    ("limit", "percent", "most", "expected"),
    [
        ("60000", "50", None, "30000"),
        ("12345", "10", None, "11100"),  # 11,110.50 is rounded down
        ("60000", "50", "3000", "57000"),
        ("99", "50", None, "0"),
        ("60000", "100", None, "0"),
        ("150", "0", None, "100"),
        ("0", "50", "3000", "0"),
    ],
)
def test_cut_limit(limit: str, percent: str, most: str | None, expected: str) -> None:
    assert cut_limit(limit=Decimal(limit), percent=Decimal(percent), most=amount(most)) == Decimal(expected)


@pytest.mark.parametrize(
    ("rate", "original", "points", "most", "expected"),
    [
        ("0.18", "0.18", "0.005", "0.03", "0.175"),
        ("0.152", "0.18", "0.005", "0.03", "0.15"),  # not below the original less three points
        ("0.14", "0.18", "0.005", "0.03", "0.14"),  # never raised
        ("0.003", "0.003", "0.005", "0.03", "0"),
        ("0", "0", "0.005", "0.03", "0"),
    ],
)
def test_lowered_rate(rate: str, original: str, points: str, most: str, expected: str) -> None:
    found = lowered_rate(rate=Decimal(rate), original=Decimal(original), points=Decimal(points), most=Decimal(most))

    assert found == Decimal(expected)


@pytest.mark.parametrize(
    ("budget", "used", "expected"),
    [
        ("0", "0", (0, "0")),
        ("1", "0", (1, "30")),
        ("60", "0", (2, "60")),
        ("89", "0", (2, "60")),
        ("1000", "0", (3, "90")),
        ("60", "30", (1, "30")),
        ("60", "31", (0, "0")),
        ("60", "100", (0, "0")),
    ],
)
def test_rises_fit_into_a_budget_from_the_first(budget, used, expected):
    found = within_budget(raises=[Decimal(30)] * 3, budget=Decimal(budget), used=Decimal(used))

    assert found == (expected[0], Decimal(expected[1]))
