"""Complaints: a clock, a pause, and an answer by somebody who took no part."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import BorrowerFlag, Complaint, Decision, TermsChange
from cases.services.casework.cases import assign_case, close_case
from cases.services.casework.digests import text_digest
from cases.services.decisions.complaints import acknowledge_complaint, answer_complaint, receive_complaint
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.waivers import follow_waivers
from tests.clear_text import tables_with
from tests.factories.casework import AT, TODAY, make_case, make_decision, verify
from tests.factories.concessions import make_budget, pay, propose_waiver
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


@pytest.mark.parametrize(("kind", "flags"), [("DISPUTE", ["DISPUTED"]), ("EXPLANATION", [])])
def test_receive_complaint_pauses_by_kind(account, officer, kind, flags):
    receive(account, officer, kind=kind)

    assert open_flags() == flags


@pytest.mark.parametrize("fields", [{"kind": "PRAISE"}, {"topic": "LI SI"}, {"subject": " "}, {"kind": "APPEAL"}])
def test_receive_complaint_refuses_what_does_not_fit(account, officer, fields):
    with pytest.raises(InvalidInput):
        receive(account, officer, **fields)


@pytest.mark.parametrize("topic", ["VISIT_CONDUCT", "CALL_CONDUCT"])
def test_a_complaint_about_conduct_names_the_day_up_to_the_day_on_which_it_is_received(account, officer, topic):
    for day in (None, TODAY + timedelta(days=1)):
        with pytest.raises(InvalidInput) as refused:
            receive(account, officer, topic=topic, occurred_on=day)
        assert refused.value.field == "occurred_on"

    assert receive(account, officer, topic=topic, occurred_on=TODAY).occurred_on == TODAY
    assert list(Complaint.objects.values_list("topic", "occurred_on")) == [(topic, TODAY)]


def test_a_new_complaint_says_whether_a_visitor_or_a_caller_is_meant(account, officer):
    with pytest.raises(InvalidInput) as refused:
        receive(account, officer, topic="CONDUCT", occurred_on=TODAY)

    assert (refused.value.field, Complaint.objects.count()) == ("topic", 0)


def test_the_database_keeps_no_complaint_about_a_visit_without_its_day(account, officer):
    complaint = receive(account, officer, topic="VISIT_CONDUCT", occurred_on=TODAY)

    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(occurred_on=None)


def test_complaints_and_answers_are_sealed_and_proved_by_digests(account, officer, approver):
    complaint = receive(account, officer, subject="Sun Qi called at night", topic="CONTACTS")
    answer_complaint(complaint=complaint, upheld=True, answer="Sun Qi was trained", actor=approver, at=AT)

    kept = Complaint.objects.get()
    assert (kept.topic, kept.subject, kept.answer) == ("CONTACTS", "Sun Qi called at night", "Sun Qi was trained")
    received, answered = AuditEntry.objects.filter(action__startswith="complaint.").order_by("sequence")
    assert received.body["subject_digest"] == text_digest(text=kept.subject, kind="complaint.subject")
    assert answered.body["answer_digest"] == text_digest(text=kept.answer, kind="complaint.answer")
    assert tables_with("Sun Qi") == []


def test_receive_complaint_is_about_the_open_case(account, officer):
    case = make_case(account=account)

    assert receive(account, officer).case == case


def test_answer_complaint_ends_the_pause(account, officer, approver):
    complaint = acknowledge_complaint(complaint=receive(account, officer), actor=officer, at=AT)

    answer_complaint(complaint=complaint, upheld=False, answer="The calls were three", actor=approver, at=AT)

    complaint.refresh_from_db()
    assert (complaint.state, complaint.answered_by, complaint.answered_at) == ("REJECTED", approver, AT)
    assert open_flags() == []


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


def test_answer_complaint_upholding_an_appeal_rejects_a_proposal(account, officer, approver, person):
    decision = make_decision(account=account, kind="FREEZE")
    appeal = receive(account, officer, kind="APPEAL", decision=decision)

    answer_complaint(
        complaint=appeal, upheld=True, answer="You are right", actor=person("APPROVER", name="other"), at=AT
    )

    decision.refresh_from_db()
    assert (decision.state, TermsChange.objects.count()) == ("REJECTED", 0)
    with pytest.raises(StateConflict):
        approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")


def test_an_upheld_appeal_bars_the_approval_of_the_same_again(account, officer, approver, person):
    decision = make_decision(account=account, kind="FREEZE", reasons=["BROKEN_PROMISES"])
    appeal = receive(account, officer, kind="APPEAL", decision=decision)
    answer_complaint(
        complaint=appeal, upheld=True, answer="You are right", actor=person("APPROVER", name="other"), at=AT
    )
    same = make_decision(account=account, kind="FREEZE", reasons=["BROKEN_PROMISES"])

    with translation.override("en"), pytest.raises(StateConflict) as refused:
        approve_decision(decision=same, actor=approver, at=AT, note="Evidence read")

    assert str(refused.value) == (
        "An appeal against such a decision was upheld; the same is not decided again up to Aug. 29, 2026."
    )
    Decision.objects.filter(pk=same.pk).update(reasons=["OTHER_GROUND"])
    approve_decision(decision=Decision.objects.get(pk=same.pk), actor=approver, at=AT, note="Evidence read")


def test_answer_complaint_never_by_who_gave_the_second_approval(account, officer, approver, person):
    second, third = person("APPROVER", name="second"), person("APPROVER", name="third")
    decision = make_decision(account=account, kind="FREEZE", approvals_needed=2)
    for who in (approver, second):
        approve_decision(decision=decision, actor=who, at=AT, note="Evidence read")
    appeal = receive(account, officer, kind="APPEAL", decision=decision)

    for involved in (approver, second):
        with pytest.raises(NotAllowed):
            answer_complaint(complaint=appeal, upheld=False, answer="No", actor=involved, at=AT)

    answer_complaint(complaint=appeal, upheld=False, answer="No", actor=third, at=AT)


def test_answer_complaint_never_by_who_received_it(account, approver, person):
    filer, other = person("CASE_OFFICER", name="filer"), person("CASE_OFFICER", name="other")
    decision = make_decision(account=account, kind="FREEZE")
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    appeal = receive(account, filer, kind="APPEAL", decision=decision)

    with pytest.raises(NotAllowed):
        answer_complaint(complaint=appeal, upheld=True, answer="Yes", actor=filer, at=AT)

    appeal.refresh_from_db()
    decision.refresh_from_db()
    assert (appeal.state, decision.state, TermsChange.objects.count()) == ("RECEIVED", "APPROVED", 1)
    answer_complaint(complaint=appeal, upheld=True, answer="Yes", actor=other, at=AT)
    decision.refresh_from_db()
    assert decision.state == "REVERSED"


def test_the_database_refuses_an_answer_by_who_received_the_complaint(account, officer):
    complaint = receive(account, officer)

    with pytest.raises(IntegrityError, match="complaint_answered_by_another"), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(state="UPHELD", answered_at=AT, answered_by=officer)

    complaint.refresh_from_db()
    assert complaint.state == "RECEIVED"


def test_answer_complaint_never_by_who_took_part_in_the_decision_or_the_case(account, officer, approver, person):
    case = make_case(account=account)
    names = ("filer", "owner", "earlier", "checker", "third")
    filer, owner, earlier, checker, third = (person("CASE_OFFICER", name=name) for name in names)
    assign_case(case=case, owner=earlier, actor=earlier, at=AT)
    assign_case(case=case, owner=owner, actor=owner, at=AT)
    verification = verify(case=case, source="DESK", actor=checker)
    decision = make_decision(account=account, kind="FREEZE", case=case, proposed_by=officer, verification=verification)
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    appeal = receive(account, filer, kind="APPEAL", decision=decision)

    for involved in (filer, officer, approver, owner, earlier, checker):
        with pytest.raises(NotAllowed):
            answer_complaint(complaint=appeal, upheld=False, answer="No", actor=involved, at=AT)

    answer_complaint(complaint=appeal, upheld=False, answer="The evidence holds", actor=third, at=AT)
    decision.refresh_from_db()
    assert decision.state == "APPROVED"


def test_answer_complaint_never_by_who_verified_what_the_decision_rests_on_in_an_earlier_case(
    account, officer, approver, person
):
    checker = person("CASE_OFFICER", name="checker")
    earlier = make_case(account=account)
    verification = verify(case=earlier, source="DESK", actor=checker)
    close_case(case=earlier, reason="SETTLED", actor=officer, at=AT)
    decision = make_decision(account=account, kind="FREEZE", verification=verification)
    appeal = receive(account, officer, kind="APPEAL", decision=decision, case=make_case(account=account))

    with pytest.raises(NotAllowed):
        answer_complaint(complaint=appeal, upheld=True, answer="Yes", actor=checker, at=AT)

    answer_complaint(complaint=appeal, upheld=True, answer="Yes", actor=approver, at=AT)


def test_answer_complaint_never_by_who_took_part_in_the_case_of_the_decision(account, officer, approver, person):
    """An officer's own proposal names no verification, and the appeal may be received in a later case."""
    names = ("owner", "earlier", "checker")
    owner, earlier, checker = (person("CASE_OFFICER", name=name) for name in names)
    case = make_case(account=account)
    verify(case=case, source="DESK", actor=checker)
    assign_case(case=case, owner=earlier, actor=earlier, at=AT)
    assign_case(case=case, owner=owner, actor=owner, at=AT)
    close_case(case=case, reason="SETTLED", actor=officer, at=AT)
    decision = make_decision(account=account, kind="FREEZE", case=case, origin="OFFICER")
    appeal = receive(account, officer, kind="APPEAL", decision=decision, case=make_case(account=account))

    for involved in (checker, owner, earlier):
        with pytest.raises(NotAllowed):
            answer_complaint(complaint=appeal, upheld=True, answer="Yes", actor=involved, at=AT)

    answer_complaint(complaint=appeal, upheld=True, answer="Yes", actor=approver, at=AT)


def test_answer_complaint_about_a_case_never_by_who_verified_it(account, officer, person):
    checker = person("CASE_OFFICER", name="checker")
    case = make_case(account=account)
    verify(case=case, source="DESK", actor=checker)
    complaint = receive(account, officer, case=case)

    with pytest.raises(NotAllowed):
        answer_complaint(complaint=complaint, upheld=True, answer="Yes", actor=checker, at=AT)

    assert Complaint.objects.get().state == "RECEIVED"


def test_answer_complaint_looks_at_the_case_as_it_is_now(account, officer, person):
    complaint = receive(account, officer)
    stale = Complaint.objects.get(pk=complaint.pk)
    other = person("CASE_OFFICER", name="other")
    Complaint.objects.filter(pk=complaint.pk).update(received_by=other)

    with pytest.raises(NotAllowed):
        answer_complaint(complaint=stale, upheld=False, answer="No", actor=other, at=AT)


@pytest.mark.parametrize("role", ["DISPATCHER", "AGENCY_COORDINATOR", "CREW", "REVIEWER", "AUDITOR"])
def test_answer_complaint_never_by_an_agency_or_a_bystander(account, officer, person, role):
    complaint = receive(account, officer)

    with pytest.raises(NotAllowed):
        answer_complaint(complaint=complaint, upheld=False, answer="No", actor=person(role), at=AT)

    assert open_flags() == ["COMPLAINT"]


def test_a_complaint_that_speaks_of_self_harm_protects_at_once(account, officer):
    receive(account, officer, subject="再打电话我就跳楼")

    assert open_flags() == ["COMPLAINT", "SELF_HARM"]


def test_an_answer_with_a_threat_goes_out_only_as_a_quotation(account, officer, approver):
    complaint = receive(account, officer)
    answer = {"complaint": complaint, "upheld": True, "answer": "催收员所说坐牢一事不实", "actor": approver, "at": AT}

    with pytest.raises(InvalidInput) as refused:
        answer_complaint(**answer)
    assert (refused.value.field, Complaint.objects.get().state) == ("answer", "RECEIVED")
    answer_complaint(**answer, quotes_only=True)

    assert Complaint.objects.get().state == "UPHELD"
    assert AuditEntry.objects.get(action="complaint.answered").body["marks"] == {"CLAIM": 1}


def test_an_upheld_appeal_leaves_a_waiver_that_the_borrower_has_earned(account, officer, approver, person):
    make_budget(set_by=person("RISK_MANAGER"), confirmed_by=approver)
    decision = propose_waiver(account=account, officer=officer)
    approve_decision(decision=decision, actor=approver, at=AT)
    pay(account=account, amount="31200", on=TODAY)
    follow_waivers(business_date=TODAY, at=AT)
    appeal = receive(account, officer, kind="APPEAL", decision=decision)

    answer_complaint(complaint=appeal, upheld=True, answer="More", actor=person("APPROVER", name="other"), at=AT)

    decision.refresh_from_db()
    assert (decision.state, decision.waiver.state) == ("APPROVED", "USED")
