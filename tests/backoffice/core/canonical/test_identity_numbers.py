"""Identity numbers of 18 and 15 characters: what follows from them, and whether their check character fits."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.core.canonical.identity_numbers import (
    NumberKind,
    canonical_identity_number,
    check_character,
    long_form,
    read_identity_number,
)

ON = date(2026, 11, 24)


def numbered(region: str, birth: str, sequence: str) -> str:
    body = region + birth + sequence
    return body + check_character(body=body)


@pytest.mark.parametrize(
    ("number", "kind", "born_on", "sex"),
    [
        ("11010519491231002X", NumberKind.RESIDENT, date(1949, 12, 31), "F"),
        ("440524188001010014", NumberKind.RESIDENT, date(1880, 1, 1), "M"),
        ("99999919850101123X", NumberKind.TEST, date(1985, 1, 1), "M"),
        ("999999200002290027", NumberKind.TEST, date(2000, 2, 29), "F"),
        ("110105491231002", NumberKind.RESIDENT_15, date(1949, 12, 31), "F"),
        (numbered("810000", "19900101", "001"), NumberKind.HONG_KONG, date(1990, 1, 1), "M"),
        (numbered("820000", "19900101", "001"), NumberKind.MACAO, date(1990, 1, 1), "M"),
        (numbered("830000", "19900101", "001"), NumberKind.TAIWAN, date(1990, 1, 1), "M"),
        (numbered("931156", "19900101", "001"), NumberKind.FOREIGN_RESIDENT, date(1990, 1, 1), "M"),
    ],
)
def test_read_identity_number_reads(number: str, kind: NumberKind, born_on: date, sex: str) -> None:
    # The standard's own example was born in 1880, hence the day.
    reading = read_identity_number(number=number, on=date(2000, 6, 1))

    assert (reading.kind, reading.born_on, reading.sex, reading.problem) == (kind, born_on, sex, None)


@settings(deadline=None)
@given(
    birth=st.dates(min_value=date(1900, 1, 1), max_value=ON),
    sequence=st.integers(min_value=0, max_value=999),
    place=st.integers(min_value=0, max_value=16),
    shift=st.integers(min_value=1, max_value=9),
)
def test_one_wrong_digit_never_adds_up(birth: date, sequence: int, place: int, shift: int) -> None:
    number = numbered("110105", f"{birth:%Y%m%d}", f"{sequence:03}")
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]

    assert read_identity_number(number=number, on=ON).problem is None
    assert read_identity_number(number=wrong, on=ON).problem is not None


def test_long_form_of_a_short_number() -> None:
    assert long_form(number="110105491231002") == "11010519491231002X"
    assert long_form(number="11010519491231002x") == "11010519491231002X"


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002X",
        "11010519491231002x",
        "110105 19491231 002X",
        "'11010519491231002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002X",
        "110105491231002",
        "\ufeff11010519491231002X\u200b",
    ],
)
def test_spellings_of_one_number_have_one_form(written: str) -> None:
    assert canonical_identity_number(number=written) == "11010519491231002X"


@pytest.mark.parametrize("number", ["E12345678", "110105499931002", "990105491231002", ""])
def test_other_numbers_are_folded_only(number: str) -> None:
    assert canonical_identity_number(number=f" {number.lower()} ") == number
