"""A decline at the same moment as a check-in, on real connections: the door opens, or the visit ends; never both."""

from datetime import timedelta
from uuid import uuid4

import pytest

from backoffice.core.errors import DoorstepError
from cases.models import BorrowerFlag, Complaint
from tests.factories.visits import VISIT_AT, make_agency, make_case, make_member, make_order, make_placement, position
from tests.visits.services.dispatch.test_at_once import at_once, during
from visits.models import LetterAnswer, VisitOrder
from visits.services.answers.receiving import GivenAnswer, receive_answer
from visits.services.dispatch.orders import depart
from visits.services.doorstep.attendance import check_in

pytestmark = pytest.mark.django_db(transaction=True)
KNOCK = VISIT_AT + timedelta(minutes=1)


def make_visit(shanghai, approver, *, state="EN_ROUTE"):
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    return make_order(case=case, placement=placement, state=state, approver=approver, pair=pair), pair


def arrive(order, member):
    return check_in(
        order=order, member=member, position=position(at=KNOCK), badge_evidence_ref="M1", actor=None, at=KNOCK
    )


def decline(order, *, form=None, proven=True, kind="DECLINE"):
    digits = order.case.borrower.id_number[-4:] if proven else ""
    given = GivenAnswer(kind=kind, form_ref=form or uuid4(), digits=digits, text="x")
    return receive_answer(code=order.letter_code, given=given, at=KNOCK)


@pytest.mark.parametrize("proven", [True, False])
def test_a_door_does_not_open_while_a_decline_is_taken_in(proven, shanghai, approver):
    order, pair = make_visit(shanghai, approver)
    arrive(order, pair[0])

    met = during(lambda: decline(order, proven=proven), lambda: refused(lambda: arrive(order, pair[1])))

    # Not even a check-in: the visit had ended.
    assert isinstance(met, DoorstepError)
    assert VisitOrder.objects.get().state == "ABORTED"


def test_a_decline_waits_for_a_check_in_and_then_ends_the_visit(shanghai, approver):
    order, pair = make_visit(shanghai, approver)
    arrive(order, pair[0])

    answer = during(lambda: arrive(order, pair[1]), lambda: decline(order))

    assert (answer.is_late, VisitOrder.objects.get().state) == (False, "ABORTED")


def refused(work):
    try:
        return work()
    except DoorstepError as refusal:
        return refusal


def test_declines_and_check_ins_at_once_never_leave_an_open_door(shanghai, approver):
    for proven in (True, False, True, False):
        order, pair = make_visit(shanghai, approver)
        arrive(order, pair[0])

        _answer, arrived = at_once(
            lambda order=order, proven=proven: decline(order, proven=proven),
            lambda order=order, pair=pair: arrive(order, pair[1]),
        )

        order.refresh_from_db()
        # Whether the crew knocked before or was stopped before: nobody stands at the door afterwards.
        assert order.state == "ABORTED", arrived


def test_a_crew_does_not_set_out_while_a_decline_is_taken_in(shanghai, approver):
    order, _pair = make_visit(shanghai, approver, state="ACCEPTED")

    during(lambda: decline(order), lambda: refused(lambda: depart(order=order, actor=None, at=VISIT_AT)))

    assert VisitOrder.objects.get().state == "CANCELLED"


def test_the_same_form_at_the_same_moment_is_one_answer(shanghai, approver):
    order, _pair = make_visit(shanghai, approver, state="ACCEPTED")
    form = uuid4()

    answers = at_once(*[lambda: decline(order, form=form, kind="COMPLAINT") for _each in range(4)])

    assert len({answer.pk for answer in answers}) == 1
    assert (LetterAnswer.objects.count(), Complaint.objects.count()) == (1, 1)
    assert BorrowerFlag.objects.count() == 1
