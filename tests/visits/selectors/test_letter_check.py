"""What a letter's code proves: nothing outside the visit's states, the placement, the mandate and the day."""

from datetime import timedelta

import pytest

from tests.factories.visits import AT, VISIT_AT, make_agency, make_case, make_member, make_order, make_placement
from visits.models import LetterAnswer, Placement, VisitOrder
from visits.selectors.letter_check import Visitor, genuine_letter, order_of_code


@pytest.fixture
def order(shanghai, approver):
    agency = make_agency(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    case = make_case(territory=shanghai)
    return make_order(
        case=case, placement=make_placement(case=case, agency=agency), state="SCHEDULED", approver=approver, pair=pair
    )


def test_a_code_proves_agency_badges_and_hours(order):
    letter = genuine_letter(code=order.letter_code, at=VISIT_AT)

    assert (letter.agency, letter.visit_from) == (order.placement.agency.name, order.window_start)
    assert letter.visitors == (Visitor(badge=order.lead.external_ref), Visitor(badge=order.second.external_ref))
    assert letter.purposes == ("VERIFY_IDENTITY", "CONFIRM_RESIDENCE")
    assert genuine_letter(code="other", at=VISIT_AT) is None


def test_a_code_proves_nothing_after_the_day_of_the_visit(order):
    # 16:00 UTC ends the day in Shanghai.
    midnight = VISIT_AT.replace(hour=16, minute=0, second=0, microsecond=0)

    assert genuine_letter(code=order.letter_code, at=midnight - timedelta(microseconds=1)) is not None
    assert genuine_letter(code=order.letter_code, at=midnight) is None


@pytest.mark.parametrize("state", ["REPORTED", "UNDER_REVIEW"])
def test_a_code_proves_nothing_once_the_visit_is_over(state, order):
    VisitOrder.objects.update(state=state)

    assert genuine_letter(code=order.letter_code, at=VISIT_AT) is None


def test_a_code_proves_nothing_after_a_recall(order):
    Placement.objects.update(state="RECALLED", ended_on=AT.date())

    assert genuine_letter(code=order.letter_code, at=VISIT_AT) is None


def test_a_code_proves_something_from_the_notice_on_and_not_before(order):
    notice = AT + timedelta(hours=1)
    VisitOrder.objects.update(notice_sent_at=notice)

    assert genuine_letter(code=order.letter_code, at=notice - timedelta(microseconds=1)) is None
    assert genuine_letter(code=order.letter_code, at=notice) is not None


def test_genuine_and_unknown_codes_cost_the_same(order, django_assert_num_queries):
    for code in (order.letter_code, "unknown"):
        with django_assert_num_queries(1):
            genuine_letter(code=code, at=VISIT_AT)


def test_an_order_is_found_by_its_letter_and_by_a_former_one_that_was_answered(order):
    LetterAnswer.objects.create(order=order, letter_code="former", kind="DECLINE", proof="WRONG", received_at=AT)

    assert order_of_code(code=order.letter_code) == order
    assert order_of_code(code="former") == order
    assert order_of_code(code="never") is None
