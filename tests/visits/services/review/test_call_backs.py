"""Asking borrowers back: within what contacts they may have, by whom, what follows for the fee, and what is refused."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import Borrower, ContactAttempt, ContactPermit
from tests.factories.visits import make_case
from tests.visits.services.review.conftest import DONE
from visits.models import CallBack, VisitOrder
from visits.rules.conduct.policy import ConductPolicy
from visits.services.orders.fees import owed_parts
from visits.services.review import call_backs
from visits.services.review.call_backs import answer_call_back, draw_call_back, open_call_back, settle_fee
from visits.services.review.review import review_report
from visits.trust_enums import CallBackCause

LATER = DONE + timedelta(hours=2)


@pytest.fixture
def call_back(make_report, reviewer, settings):
    """A call-back of an accepted visit."""
    settings.CONDUCT = {"CN": {"call_back_share_percent": 100}}
    report = make_report(trust=90)
    review_report(report=report, verdict="ACCEPTED", quality_score=90, note="", actor=reviewer, at=DONE)
    return CallBack.objects.get()


@pytest.fixture
def granted(call_back, officer):
    """Return a function that makes a permit for the borrower of the call-back."""

    def make(**fields):
        values = {
            "borrower": Borrower.objects.get(pk=call_back.order.case.borrower_id),
            "reference": f"CP-{ContactPermit.objects.count()}",
            "request_id": f"r-{ContactPermit.objects.count()}",
            "asked_by": officer,
            "channel": "VOICE",
            "purpose": "VERIFICATION",
            "state": "RESERVED",
            "policy_version": "CN-1",
            "asked_at": LATER,
            "valid_until": LATER + timedelta(minutes=15),
            "counts_until": LATER + timedelta(days=1),
        } | fields
        return ContactPermit.objects.create(**values)

    return make


def answer(call_back, actor, said="VISITED", permit_ref="", at=LATER):
    return answer_call_back(call_back=call_back, answer=said, permit_ref=permit_ref, actor=actor, at=at)


def owed():
    return owed_parts().count()


def test_an_accepted_visit_that_is_drawn_is_paid_when_the_borrower_was_asked(call_back, reviewer, granted):
    assert (call_back.cause, call_back.due_on) == ("DRAWN", DONE.date() + timedelta(days=5))
    assert owed() == 0

    done = answer(call_back, reviewer, permit_ref=granted().reference)

    assert (done.state, done.answer, done.fee, done.answered_by) == ("ANSWERED", "VISITED", "EARNED", reviewer)
    assert owed() == 3


def test_the_call_is_recorded_with_its_permit_unless_the_dialer_did(call_back, reviewer, granted):
    before = ContactAttempt.objects.count()

    answer(call_back, reviewer, permit_ref=granted().reference)

    attempt = ContactAttempt.objects.latest("created_at")
    assert (ContactAttempt.objects.count(), attempt.channel, attempt.right_party) == (before + 1, "VOICE", True)
    assert ContactPermit.objects.get().state == "USED"


def test_a_call_that_the_dialer_reported_is_not_counted_twice(call_back, reviewer, granted):
    before = ContactAttempt.objects.count()

    answer(call_back, reviewer, permit_ref=granted(state="USED", settled_at=LATER).reference)

    assert ContactAttempt.objects.count() == before


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "REFUSED", "valid_until": None, "counts_until": None},
        {"state": "EXPIRED"},
        {"asked_at": DONE - timedelta(seconds=1)},
    ],
)
def test_nobody_is_asked_without_a_permit_of_this_time(fields, call_back, reviewer, granted):
    for reference in (granted(**fields).reference, "", "CP-none"):
        with pytest.raises(InvalidInput):
            answer(call_back, reviewer, permit_ref=reference)

    assert CallBack.objects.get().state == "OPEN"


def test_another_persons_permit_does_not_count(call_back, reviewer, granted, shanghai):
    other = make_case(territory=shanghai).borrower

    with pytest.raises(InvalidInput):
        answer(call_back, reviewer, permit_ref=granted(borrower=other).reference)


def test_not_reached_is_said_from_the_due_day_on_and_needs_no_permit(call_back, reviewer):
    with pytest.raises(InvalidInput):
        answer(call_back, reviewer, "NOT_REACHED", at=DONE + timedelta(days=4))

    assert answer(call_back, reviewer, "NOT_REACHED", at=DONE + timedelta(days=5)).fee == "EARNED"


def test_where_nobody_came_the_fee_waits_for_another_person(call_back, reviewer, person, granted):
    answered = answer(call_back, reviewer, "NOT_VISITED", granted().reference)
    other = person("REVIEWER", name="other")

    assert (answered.fee, owed()) == ("WAITS", 0)
    with pytest.raises(SelfApproval):
        settle_fee(call_back=answered, is_paid=True, reason="门卫记录", actor=reviewer, at=LATER)
    with pytest.raises(InvalidInput):
        settle_fee(call_back=answered, is_paid=True, reason=" ", actor=other, at=LATER)
    settled = settle_fee(call_back=answered, is_paid=False, reason="门卫无记录", actor=other, at=LATER)

    assert (settled.fee, settled.settled_by, owed()) == ("WITHHELD", other, 0)
    with pytest.raises(StateConflict):
        settle_fee(call_back=answered, is_paid=True, reason="x", actor=other, at=LATER)


def test_a_fee_that_another_person_finds_earned_is_owed(call_back, reviewer, person, granted):
    answered = answer(call_back, reviewer, "NOT_VISITED", granted().reference)

    settle_fee(call_back=answered, is_paid=True, reason="监控可见", actor=person("REVIEWER", name="other"), at=LATER)

    assert owed() == 3


def test_only_who_may_answer_and_sees_the_case_answers_once(
    call_back, reviewer, coordinator, dispatcher, person, chengdu, granted
):
    reference = granted().reference
    elsewhere = person("REVIEWER", name="elsewhere", territories=(chengdu,))
    for actor in (None, coordinator, dispatcher, elsewhere):
        with pytest.raises(NotAllowed):
            answer(call_back, actor, permit_ref=reference)
    with pytest.raises(InvalidInput):
        answer(call_back, reviewer, "PERHAPS", reference)
    answer(call_back, reviewer, permit_ref=reference)

    with pytest.raises(StateConflict):
        answer(call_back, reviewer, permit_ref=granted().reference)


def test_who_handed_the_report_in_does_not_ask_about_it(call_back, person, granted):
    submitter = person("REVIEWER", name="submitter")
    call_back.report.submitted_by = submitter
    call_back.report.save(update_fields=["submitted_by"])

    with pytest.raises(SelfApproval):
        answer(call_back, submitter, permit_ref=granted().reference)


def test_an_order_is_drawn_always_or_never(make_report, settings, monkeypatch):
    report, drawn = make_report(), []
    monkeypatch.setattr(call_backs, "open_call_back", lambda **given: drawn.append(given["cause"]))
    for percent in (5, 100):
        settings.CONDUCT = {"CN": {"call_back_share_percent": percent}}
        for _again in range(3):
            draw_call_back(order=report.order, report=report, at=DONE)

    assert len(drawn) in (3, 6)


def test_an_order_has_one_call_back(make_report):
    report = make_report()
    one, again = (
        open_call_back(order=report.order, report=report, cause=cause, at=DONE)
        for cause in (CallBackCause.LOW_TRUST, CallBackCause.DRAWN)
    )

    assert (again, again.cause) == (one, "LOW_TRUST")
    with pytest.raises(IntegrityError, match="one_call_back_an_order"), transaction.atomic():
        CallBack.objects.create(
            order=report.order, report=report, cause="DRAWN", due_on=DONE.date(), opened_at=DONE, updated_at=DONE
        )


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"state": "ANSWERED"}, "call_back_answered_iff_answer"),
        ({"answer": "VISITED"}, "call_back_answered_iff_answer"),
        ({"fee": "EARNED"}, "fee_waits_for_call_back"),
        ({"state": "WITHDRAWN", "fee": "WITHHELD"}, "withheld_fee_has_a_reason"),
    ],
)
def test_the_database_refuses_what_the_service_would_miss(fields, name, call_back):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        CallBack.objects.update(**fields)


def test_the_fee_is_settled_by_another_than_who_answered(call_back, reviewer, granted):
    answer(call_back, reviewer, "NOT_VISITED", granted().reference)

    with pytest.raises(IntegrityError, match="call_back_fee_four_eyes"), transaction.atomic():
        CallBack.objects.update(fee="EARNED", settled_by=reviewer)


def test_outside_people_see_no_call_backs(call_back, coordinator, pair, reviewer):
    assert list(CallBack.objects.visible_to(reviewer)) == [call_back]
    for user in (coordinator, pair[0].user):
        assert VisitOrder.objects.visible_to(user).exists()
        assert not CallBack.objects.visible_to(user).exists()


def test_the_share_ships_as_five_in_a_hundred():
    assert ConductPolicy().call_back_share_percent == 5
