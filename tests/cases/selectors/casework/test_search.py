"""Borrowers found by what somebody typed: exactly, and only those that the person may see."""

import pytest

from cases.selectors.casework.search import borrowers_matching
from tests.factories.portfolio import make_account, make_borrower, make_phone


@pytest.fixture
def borrower(shanghai):
    borrower = make_borrower(territory=shanghai, name="王小明", id_number="310101198501017777")
    make_phone(borrower=borrower, number="13912345678")
    make_account(borrower=borrower, external_ref="A-77")
    return borrower


@pytest.mark.parametrize(
    "text",
    ["王小明", " 310101198501017777 ", "139-1234-5678", "+86 139 1234 5678", "008613912345678", "A-77", " A-77\u200b"],
)
def test_borrowers_matching_finds_by_name_number_telephone_and_account(borrower, officer, text):
    assert list(borrowers_matching(text=text, user=officer)) == [borrower]


def test_borrowers_matching_finds_by_reference(borrower, officer):
    assert list(borrowers_matching(text=borrower.external_ref, user=officer)) == [borrower]


@pytest.mark.parametrize("text", ["", " - ", "王小", "1391234567", "A-7"])
def test_borrowers_matching_never_finds_by_a_part(borrower, officer, text):
    assert list(borrowers_matching(text=text, user=officer)) == []


def test_borrowers_matching_finds_nobody_of_another_territory(borrower, person, chengdu):
    far = person("CASE_OFFICER", name="far", territories=[chengdu])

    for text in ("王小明", "310101198501017777", "13912345678", "A-77", borrower.external_ref):
        assert list(borrowers_matching(text=text, user=far)) == []
