"""Numbers of identity documents and their forms."""

from datetime import date

import pytest

from cases.rules.identity_documents import OTHER_FORM, document_of, identity_problem

ON = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("number", "document"),
    [
        ("11010519491231002X", "RESIDENT_ID"),
        ("E12345678", "PASSPORT"),
        ("EA1234567", "PASSPORT"),
        ("G12345678", "PASSPORT"),
        ("H1234567801", "HK_MACAO_PERMIT"),
        ("M12345678", "HK_MACAO_PERMIT"),
        ("12345678", "RESIDENT_ID"),
        ("ABC", "RESIDENT_ID"),
    ],
)
def test_document_of_recognises_forms_that_one_document_has(number: str, document: str) -> None:
    assert document_of(number=number) == document


@pytest.mark.parametrize(
    ("number", "document"),
    [
        ("11010519491231002X", "RESIDENT_ID"),
        ("E12345678", "PASSPORT"),
        ("K1234567", "PASSPORT"),
        ("H1234567801", "HK_MACAO_PERMIT"),
        ("12345678", "TAIWAN_PERMIT"),
        ("FRA110012345678", "FOREIGN_PERMANENT"),
        ("军1234567", "MILITARY_ID"),
        ("anything", "OTHER"),
    ],
)
def test_a_number_of_the_form_of_its_document_has_no_problem(number: str, document: str) -> None:
    assert identity_problem(number=number, document=document, on=ON) is None


@pytest.mark.parametrize(
    ("number", "document", "problem"),
    [
        ("310101199001010010", "RESIDENT_ID", "The check digit does not match."),
        ("310101199013010012", "RESIDENT_ID", "The date of birth does not exist."),
        ("12345678", "RESIDENT_ID", "Not 18 or 15 characters of an identity number."),
        ("ABCDEFG", "PASSPORT", OTHER_FORM),
        ("H123", "HK_MACAO_PERMIT", OTHER_FORM),
        ("11010519491231002X", "TAIWAN_PERMIT", OTHER_FORM),
    ],
)
def test_another_form_is_a_problem(number: str, document: str, problem: str) -> None:
    assert identity_problem(number=number, document=document, on=ON) == problem
