"""Which answers hold visits of the person, which wait for somebody, and the last wish about a visit."""

import pytest

from tests.factories.visits import AT, make_agency, make_case, make_member, make_order, make_placement
from visits.models import LetterAnswer
from visits.selectors.letter_answers import open_answers, waiting_answers
from visits.selectors.persons import people_of


@pytest.fixture
def order(shanghai, approver):
    agency = make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    return make_order(
        case=case, placement=make_placement(case=case, agency=agency), state="SCHEDULED", approver=approver, pair=pair
    )


def make_answer(order, **fields):
    values = {"letter_code": "c", "kind": "DECLINE", "proof": "WRONG", "holds": True, "received_at": AT} | fields
    return LetterAnswer.objects.create(order=order, **values)


def test_open_answers_that_hold_protect_the_person(order, officer, django_assert_num_queries):
    make_answer(order)
    make_answer(order, holds=False)
    make_answer(order, handled_at=AT, handled_by=officer, outcome="SET_ASIDE")
    people = people_of(borrowers=[order.case.borrower_id])

    with django_assert_num_queries(1):
        held = waiting_answers(people=people)

    person = people.person_of[order.case.borrower_id]
    assert {key: [(str(flag.kind), flag.since, flag.until) for flag in flags] for key, flags in held.items()} == {
        person: [("ANSWER_OPEN", AT, None)]
    }


def test_open_answers_are_those_of_the_readers_territory(order, officer, person, chengdu):
    first, second = make_answer(order, holds=False), make_answer(order)
    make_answer(order, handled_at=AT, handled_by=officer, outcome="SET_ASIDE")

    assert list(open_answers(user=officer, case_id=order.case_id)) == [first, second]
    assert list(open_answers(user=officer, case_id=order.case_id + 1)) == []
    assert list(open_answers(user=person("CASE_OFFICER", name="far", territories=(chengdu,)))) == []
