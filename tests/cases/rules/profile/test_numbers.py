"""Numbers with marks are read as the profile names them, and never guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.profile import refusals
from cases.rules.profile.numbers import NumberMarks, is_whole, read_number, with_decimals
from cases.rules.profile.refusals import Refused

ENGLISH = NumberMarks()
GERMAN = NumberMarks(decimal=",", thousands=".")
FRENCH = NumberMarks(decimal=",", thousands=" ")
SWISS = NumberMarks(thousands="'")
UNGROUPED = NumberMarks(thousands="")


@pytest.mark.parametrize(
    ("text", "marks", "number"),
    [
        ("1200.50", ENGLISH, "1200.50"),
        ("1,200.50", ENGLISH, "1200.50"),
        ("12,345,678.9", ENGLISH, "12345678.9"),
        ("１，２００.５", ENGLISH, "1200.5"),
        ("1.200,50", GERMAN, "1200.50"),
        ("1200,5", GERMAN, "1200.5"),
        ("1 200,50", FRENCH, "1200.50"),
        ("1\u202f200,50", FRENCH, "1200.50"),
        ("1'200.50", SWISS, "1200.50"),
        ("(1,200.50)", ENGLISH, "-1200.50"),
        ("1200.50-", ENGLISH, "-1200.50"),
        ("-1,200", ENGLISH, "-1200"),
        ("¥1,200.50", NumberMarks(strip=("¥",)), "1200.50"),
        (".5", ENGLISH, "0.5"),
        ("1.2E+05", NumberMarks(exponents=True), "120000"),
    ],
)
def test_read_number_reads_named_marks(text: str, marks: NumberMarks, number: str) -> None:
    assert read_number(text=text, marks=marks) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "marks", "reason"),
    [
        ("1.200,50", ENGLISH, refusals.OTHER_MARKS),
        ("12,00", ENGLISH, refusals.OTHER_MARKS),
        ("1,2,0,0.50", ENGLISH, refusals.OTHER_MARKS),
        ("1 200.50", ENGLISH, refusals.OTHER_MARKS),
        ("1,20", UNGROUPED, refusals.OTHER_MARKS),
        ("1200.50", GERMAN, refusals.OTHER_MARKS),
        ("1.2.3", ENGLISH, refusals.OTHER_MARKS),
        ("12,34,567.00", ENGLISH, refusals.OTHER_MARKS),
        ("1.2E+05", ENGLISH, refusals.EXPONENT),
        ("¥1,200.50", ENGLISH, refusals.NOT_A_NUMBER),
        ("1200.50元", ENGLISH, refusals.NOT_A_NUMBER),
        ("1.2万", ENGLISH, refusals.NOT_A_NUMBER),
        ("壹仟贰佰元伍角", ENGLISH, refusals.NOT_A_NUMBER),
        ("NaN", ENGLISH, refusals.NOT_A_NUMBER),
        ("1e400", NumberMarks(exponents=True), refusals.NOT_A_NUMBER),
        ("(-5)", ENGLISH, refusals.NOT_A_NUMBER),
        ("--5", ENGLISH, refusals.NOT_A_NUMBER),
        ("", ENGLISH, refusals.NOT_A_NUMBER),
        ("9" * 41, ENGLISH, refusals.NOT_A_NUMBER),
    ],
)
def test_read_number_refuses_what_it_would_have_to_guess(text: str, marks: NumberMarks, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read_number(text=text, marks=marks)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("value", "rounds", "is_scaled", "kept"),
    [
        ("100.05", False, False, "100.05"),
        ("100.0500", False, False, "100.05"),
        ("100.0000", False, False, "100.00"),
        ("100.005", True, False, "100.01"),
        ("-100.005", True, False, "-100.01"),
        ("100.000", False, True, "100.00"),
        ("7", False, False, "7"),
    ],
)
def test_with_decimals_keeps_what_is_not_lost(value: str, rounds: bool, is_scaled: bool, kept: str) -> None:
    found = with_decimals(value=Decimal(value), decimals=2, rounds=rounds, is_scaled=is_scaled)

    assert str(found) == kept


@pytest.mark.parametrize("value", ["100.005", "100.000", "0.001", "5863.1551866952"])
def test_with_decimals_refuses_to_lose_digits_or_to_guess(value: str) -> None:
    with pytest.raises(Refused) as refused:
        with_decimals(value=Decimal(value), decimals=2, rounds=False, is_scaled=False)

    assert (refused.value.reason, refused.value.params) == (refusals.TOO_MANY_DECIMALS, {"decimals": "2"})


def test_is_whole() -> None:
    assert [is_whole(value=Decimal(text)) for text in ("5", "5.00", "5.50")] == [True, True, False]


@given(
    number=st.decimals(min_value=-(10**11), max_value=10**11, places=2, allow_nan=False),
    marks=st.sampled_from([ENGLISH, GERMAN, FRENCH, SWISS]),
    is_grouped=st.booleans(),
)
def test_a_number_written_with_marks_is_read_back(number: Decimal, marks: NumberMarks, is_grouped: bool) -> None:
    text = f"{number:,.2f}" if is_grouped else f"{number:.2f}"
    written = text.replace(",", "\x00").replace(".", marks.decimal).replace("\x00", marks.thousands)

    assert read_number(text=written, marks=marks) == number
