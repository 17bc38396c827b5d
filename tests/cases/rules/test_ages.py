"""The day from which somebody counts as aged."""

from datetime import date

import pytest

from backoffice.core.canonical.identity_numbers import check_character
from cases.rules.ages import aged_from

ON = date(2026, 11, 24)


def number(born: str) -> str:
    body = f"999999{born}001"
    return body + check_character(body=body)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (number("19561124"), date(2026, 11, 24)),
        (number("19561125"), date(2026, 11, 25)),
        # Fifteen digits are of the twentieth century.
        ("110105561124001", date(2026, 11, 24)),
        # Born on a day that most years do not have.
        (number("19560229"), date(2026, 2, 28)),
        # A wrong check character protects all the same.
        (number("19561124")[:-1] + ("1" if number("19561124")[-1] != "1" else "2"), date(2026, 11, 24)),
        (number("20261125"), None),
        (number("19901330"), None),
        ("E12345678", None),
        ("", None),
    ],
)
def test_the_birthday_comes_from_the_number(given, expected):
    assert aged_from(number=given, years=70, on=ON) == expected
