"""Who answers: four characters that the lender knows, five attempts, and then a day of none."""

from datetime import timedelta

import pytest

from cases.models import BorrowerPhone
from tests.visits.services.answers.conftest import ANSWERED_AT
from visits.models import VisitOrder
from visits.services.answers.proof import ATTEMPTS_MAX, proof_of


def asked(order, given, at=ANSWERED_AT):
    order = VisitOrder.objects.select_related("case__borrower").get(pk=order.pk)
    return proof_of(order=order, borrower=order.case.borrower, given=given, at=at)


def test_the_end_of_the_identity_number_or_of_a_telephone_number_proves(order, proof):
    assert asked(order, proof) == "RIGHT"
    assert asked(order, f" {proof.lower()} ") == "RIGHT"
    assert asked(order, "7777") == "RIGHT"
    assert asked(order, "７７７７") == "RIGHT"
    assert asked(order, "139 1111 7777") == "RIGHT"


@pytest.mark.parametrize("given", ["", "  ", "777", "abcd", "x77"])
def test_fewer_than_four_characters_are_not_given(order, given):
    assert asked(order, given) == "NOT_GIVEN"


@pytest.mark.parametrize("given", ["0000", "7778", "77777776"])
def test_other_characters_prove_nothing(order, given):
    assert asked(order, given) == "WRONG"


def test_a_number_that_is_invalid_proves_nothing(order):
    BorrowerPhone.objects.update(verdict="INVALID")

    assert asked(order, "7777") == "WRONG"


def test_after_five_wrong_ones_nothing_is_compared_for_a_day(order, proof, answer):
    assert ATTEMPTS_MAX == 5
    first = ANSWERED_AT
    sent = [answer("DECLINE", digits="0000", at=first + timedelta(minutes=n)).proof for n in range(6)]

    assert sent == ["WRONG"] * 5 + ["LOCKED"]
    # The first of the five leaves the day behind: one more may be tried, and no earlier.
    day_after = first + timedelta(days=1)
    assert asked(order, proof, at=day_after - timedelta(microseconds=1)) == "LOCKED"
    assert asked(order, proof, at=day_after) == "RIGHT"


def test_answers_without_proof_use_up_no_attempt(order, proof, answer):
    for _each in range(8):
        answer("NOT_HERE", proven=False)

    assert asked(order, proof) == "RIGHT"
