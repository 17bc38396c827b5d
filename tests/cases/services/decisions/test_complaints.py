"""Complaints: a clock, a pause, and an answer by somebody who took no part."""

from datetime import timedelta

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import BorrowerFlag, Complaint, TermsChange
from cases.selectors.casework.worklists import complaints_to_answer, late_complaints
from cases.services.casework.cases import assign_case
from cases.services.decisions.complaints import acknowledge_complaint, answer_complaint, receive_complaint
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, TODAY, make_case, make_decision
from tests.factories.portfolio import make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def receive(account, officer, **fields):
    values = {
        "borrower": account.borrower,
        "kind": "COMPLAINT",
        "subject": "Called too often",
        "actor": officer,
        "at": AT,
    }
    return receive_complaint(**values | fields)


def open_flags():
    return list(BorrowerFlag.objects.filter(cleared_at=None).order_by("kind").values_list("kind", flat=True))


def test_receive_complaint_starts_a_clock_of_fifteen_days_and_a_pause(account, officer):
    complaint = receive(account, officer)

    assert (complaint.state, complaint.answer_due_on) == ("RECEIVED", TODAY + timedelta(days=15))
    assert open_flags() == ["COMPLAINT"]
    assert not late_complaints(user=officer, business_date=TODAY + timedelta(days=15)).exists()
    assert late_complaints(user=officer, business_date=TODAY + timedelta(days=16)).get() == complaint


@pytest.mark.parametrize(("kind", "flags"), [("DISPUTE", ["DISPUTED"]), ("EXPLANATION", [])])
def test_receive_complaint_pauses_by_kind(account, officer, kind, flags):
    receive(account, officer, kind=kind)

    assert open_flags() == flags


@pytest.mark.parametrize("fields", [{"kind": "PRAISE"}, {"subject": " "}, {"kind": "APPEAL"}])
def test_receive_complaint_refuses_what_does_not_fit(account, officer, fields):
    with pytest.raises(InvalidInput):
        receive(account, officer, **fields)


def test_receive_complaint_is_about_the_open_case(account, officer):
    case = make_case(account=account)

    assert receive(account, officer).case == case


def test_answer_complaint_ends_the_pause(account, officer, approver):
    complaint = acknowledge_complaint(complaint=receive(account, officer), actor=officer, at=AT)

    answer_complaint(complaint=complaint, upheld=False, answer="The calls were three", actor=approver, at=AT)

    complaint.refresh_from_db()
    assert (complaint.state, complaint.answered_by, complaint.answered_at) == ("REJECTED", approver, AT)
    assert open_flags() == []
    assert not complaints_to_answer(user=approver).exists()


def test_answer_complaint_second_caller_loses(account, officer, approver):
    complaint = receive(account, officer)
    stale = Complaint.objects.get(pk=complaint.pk)
    answer_complaint(complaint=complaint, upheld=True, answer="Sorry", actor=approver, at=AT)

    with pytest.raises(StateConflict):
        answer_complaint(complaint=stale, upheld=False, answer="No", actor=approver, at=AT)


def test_answer_complaint_keeps_the_pause_of_another_one(account, officer, approver):
    first = receive(account, officer)
    receive(account, officer, subject="Called at night")

    answer_complaint(complaint=first, upheld=True, answer="Sorry", actor=approver, at=AT)

    assert open_flags() == ["COMPLAINT"]


def test_answer_complaint_upholding_a_dispute_keeps_it_on_the_borrower(account, officer, approver):
    complaint = receive(account, officer, kind="DISPUTE")

    answer_complaint(complaint=complaint, upheld=True, answer="The sum is wrong", actor=approver, at=AT)

    assert open_flags() == ["DISPUTED"]


def test_answer_complaint_upholding_an_appeal_reverses_the_decision(account, officer, approver, person):
    decision = make_decision(account=account, kind="FREEZE")
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    appeal = receive(account, officer, kind="APPEAL", decision=decision)

    answer_complaint(
        complaint=appeal, upheld=True, answer="You are right", actor=person("APPROVER", name="other"), at=AT
    )

    decision.refresh_from_db()
    assert decision.state == "REVERSED"
    assert list(TermsChange.objects.order_by("pk").values_list("after", flat=True)) == ["FROZEN", "ACTIVE"]


def test_answer_complaint_not_by_who_approved_or_proposed_or_works_the_case(account, officer, approver, person):
    case = make_case(account=account)
    owner, third = person("CASE_OFFICER", name="owner"), person("CASE_OFFICER", name="third")
    assign_case(case=case, owner=owner, actor=owner, at=AT)
    decision = make_decision(account=account, kind="FREEZE", case=case, proposed_by=officer)
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    appeal = receive(account, third, kind="APPEAL", decision=decision)

    for involved in (officer, approver, owner):
        with pytest.raises(NotAllowed):
            answer_complaint(complaint=appeal, upheld=False, answer="No", actor=involved, at=AT)

    answer_complaint(complaint=appeal, upheld=False, answer="The evidence holds", actor=third, at=AT)
    decision.refresh_from_db()
    assert decision.state == "APPROVED"


@pytest.mark.parametrize("role", ["DISPATCHER", "AGENCY_COORDINATOR", "CREW", "REVIEWER", "AUDITOR"])
def test_answer_complaint_never_by_an_agency_or_a_bystander(account, officer, person, role):
    complaint = receive(account, officer)

    with pytest.raises(NotAllowed):
        answer_complaint(complaint=complaint, upheld=False, answer="No", actor=person(role), at=AT)

    assert open_flags() == ["COMPLAINT"]
