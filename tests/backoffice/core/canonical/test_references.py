"""One form of references: what spreadsheets and invisible characters add makes no second account."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.core.canonical.references import PLAIN, canonical_reference, is_rounded


@pytest.mark.parametrize(
    "written",
    ["L0051", " L0051 ", "L0051\u200b", "\ufeffL0051", "\u3000L0051\u00a0", "'L0051", "Ｌ００５１"],
)
def test_spellings_of_one_reference_have_one_form(written: str) -> None:
    assert canonical_reference(text=written) == "L0051"


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("1001.0", "1001"),
        ("0012", "0012"),
        ("A  12", "A 12"),
        ("a1", "a1"),
        ("1.2.0", "1.2.0"),
        ("L-1/2", "L-1/2"),
        ("", ""),
    ],
)
def test_what_tells_references_apart_stays(written: str, form: str) -> None:
    assert canonical_reference(text=written) == form


@pytest.mark.parametrize("text", ["6.22848E+18", "3.10101e+17", "6E+18", "-1.5E+3"])
def test_is_rounded_finds_numbers_that_a_spreadsheet_has_shortened(text: str) -> None:
    assert is_rounded(text=text)


@pytest.mark.parametrize("text", ["6E18", "1E5", "LE+18", "E+18", "622848123456789012"])
def test_is_rounded_leaves_references_alone(text: str) -> None:
    assert not is_rounded(text=text)


@given(st.text(max_size=30))
def test_the_form_of_a_form_is_itself_and_plain_texts_are_forms(text: str) -> None:
    form = canonical_reference(text=text)

    assert canonical_reference(text=form) == form
    if PLAIN.fullmatch(text):
        assert form == text
        assert not is_rounded(text=text)
