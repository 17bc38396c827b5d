"""Applications of the demo fit the papers of its borrowers, but for those who gave false data."""

from decimal import Decimal

from backoffice.demo.applications import application_of, wage_of
from backoffice.demo.characters import Character


def test_a_borrower_states_what_their_papers_show() -> None:
    stated = application_of(borrower_ref="D0000012", character=Character.UNREACHABLE)

    assert stated.monthly_income == wage_of(borrower_ref="D0000012") == Decimal(8500)
    assert stated.monthly_expenses < stated.monthly_income


def test_false_data_name_another_employer_and_three_times_the_income() -> None:
    honest = application_of(borrower_ref="D0000012", character=Character.UNREACHABLE)
    false = application_of(borrower_ref="D0000012", character=Character.FALSE_DATA)

    assert false.employer != honest.employer
    assert false.monthly_income == honest.monthly_income * 3


def test_a_reference_without_digits_has_a_wage_too() -> None:
    assert wage_of(borrower_ref="X") == Decimal(6000)
