"""The day from which somebody counts as aged."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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
    assert aged_from(number=given, years=70, on=ON, until=date(2100, 1, 1)) == expected


@pytest.mark.parametrize("until", [date(2026, 11, 23), date(2026, 11, 24), date(2026, 12, 31)])
def test_a_birthday_after_the_last_day_that_counts_is_left_out(until):
    found = aged_from(number=number("19561124"), years=70, on=ON, until=until)

    assert found == (date(2026, 11, 24) if until >= date(2026, 11, 24) else None)


@given(
    given_number=st.one_of(
        st.dates(date(1850, 1, 1), date(2026, 12, 31)).map(lambda born: number(f"{born:%Y%m%d}")),
        st.from_regex(r"[0-9 \-'x]{14,20}", fullmatch=True),
        st.text(max_size=20),
    ),
    until=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
)
@example(given_number="９９９９９９１９５６１１２４００１Ｘ", until=date(2030, 1, 1))
@example(given_number="999999195611240 1X", until=date(2030, 1, 1))
def test_looking_at_the_year_first_leaves_out_nobody(given_number, until):
    days = [aged_from(number=given_number, years=70, on=ON, until=last) for last in (until, date(2200, 1, 1))]

    assert days[0] == (days[1] if days[1] is not None and days[1] <= until else None)
