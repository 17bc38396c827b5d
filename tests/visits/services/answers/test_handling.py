"""Handling an answer: what holds is brought about, what does not hold frees visits, and only once."""

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import Address, BorrowerFlag, CaseEvent
from tests.factories.visits import VISIT_AT
from tests.visits.services.answers.conftest import ANSWERED_AT
from visits.models import VisitOrder
from visits.services.answers.handling import handle_answer
from visits.services.dispatch.scheduling import assign_crew


def handle(answer, actor, outcome="CONFIRMED", done="已致电本人核实"):
    return handle_answer(answer=answer, outcome=outcome, done=done, actor=actor, at=ANSWERED_AT)


def flags():
    return list(BorrowerFlag.objects.filter(cleared_at__isnull=True).values_list("kind", flat=True))


def test_a_decline_that_the_borrower_confirms_ends_the_visit(order, answer, officer):
    handled = handle(answer("DECLINE", proven=False), officer)

    order.refresh_from_db()
    assert (order.state, order.end_reason, flags()) == ("CANCELLED", "BORROWER_ASKED", ["OPTED_OUT_OF_VISITS"])
    assert (handled.outcome, handled.handled_by, handled.handled_at) == ("CONFIRMED", officer, ANSWERED_AT)
    assert handled.done == "已致电本人核实"
    assert CaseEvent.objects.get(body__action="answer_handled").note == "已致电本人核实"


def test_a_claim_that_is_set_aside_frees_the_visit(order, answer, officer, pair):
    handle(answer("DECLINE", proven=False), officer, outcome="SET_ASIDE")

    order.refresh_from_db()
    assert (order.state, flags()) == ("APPROVED", [])
    assert (
        assign_crew(order=order, lead=pair[0], second=pair[1], starts_at=VISIT_AT, actor=None, at=ANSWERED_AT).state
        == "SCHEDULED"
    )


@pytest.mark.parametrize(
    ("outcome", "verdict", "state"), [("CONFIRMED", "INVALID", "CANCELLED"), ("SET_ASIDE", "UNKNOWN", "APPROVED")]
)
def test_the_doubt_about_an_address_ends_one_way_or_the_other(outcome, verdict, state, order, answer, officer):
    handle(answer("NOT_HERE", proven=False), officer, outcome=outcome)

    order.refresh_from_db()
    assert (Address.objects.get().verdict, order.state) == (verdict, state)


def test_a_proven_answer_is_not_brought_about_twice(order, answer, officer):
    declined = answer("DECLINE")
    BorrowerFlag.objects.update(cleared_at=ANSWERED_AT)

    handle(declined, officer)

    assert flags() == []


def test_a_message_that_holds_is_brought_about(order, answer, officer):
    VisitOrder.objects.update(state="REPORTED")

    handle(answer("DECLINE"), officer)

    order.refresh_from_db()
    assert (order.state, flags()) == ("REPORTED", ["OPTED_OUT_OF_VISITS"])


def test_an_answer_is_handled_once(order, answer, officer):
    claim = answer("DECLINE", proven=False)
    handle(claim, officer, outcome="SET_ASIDE")

    with pytest.raises(StateConflict):
        handle(claim, officer)
    assert flags() == []


def test_a_dispatcher_arranges_another_time_but_confirms_no_circumstance(order, answer, dispatcher):
    wish = handle(answer("OTHER_TIME", by_video=True), dispatcher)
    claim = answer("BEREAVED", proven=False, code=wish.letter_code)

    with pytest.raises(NotAllowed):
        handle(claim, dispatcher)
    assert handle(claim, dispatcher, outcome="SET_ASIDE").outcome == "SET_ASIDE"


def test_strangers_to_the_territory_and_outside_firms_handle_nothing(order, answer, person, chengdu, coordinator):
    claim = answer("DECLINE", proven=False)

    for actor in (person("CASE_OFFICER", name="far", territories=(chengdu,)), coordinator, None):
        with pytest.raises(NotAllowed):
            handle(claim, actor)


@pytest.mark.parametrize(
    ("outcome", "done", "field"),
    [("MAYBE", "x", "outcome"), ("CONFIRMED", " ", "done"), ("CONFIRMED", "x" * 501, "done")],
)
def test_an_outcome_and_what_was_done_are_asked_for(outcome, done, field, order, answer, officer):
    with pytest.raises(InvalidInput) as refused:
        handle(answer("DECLINE", proven=False), officer, outcome=outcome, done=done)

    assert refused.value.field == field
