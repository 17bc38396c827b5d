"""The page of a decision: its note, its ground, and what the borrower may be told."""

import pytest
from django.urls import reverse
from django.utils import translation

from cases.services.decisions.complaints import answer_complaint, receive_complaint
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue

SUBMIT = {"_form_submitted": "on"}


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def page(client, label, pk):
    with translation.override("en"):
        answer = client.get(reverse(f"admin:{label}_change", args=[pk]), headers={"Accept-Language": "en"})
    return answer.content.decode()


def test_page_explains_the_decision_and_shows_the_note(client, account, officer, approver):
    decision = make_decision(account=account, kind="FREEZE")
    approve_decision(decision=decision, actor=approver, at=AT, note="Pay slips read", ground="EVIDENCE_SUFFICIENT")
    client.force_login(officer)

    shown = page(client, "cases_decision", decision.pk)

    for text in (
        "Pay slips read",
        "The evidence bears it out",
        "What the borrower may be told",
        "A person has decided.",
        "You may appeal; a person who took no part answers within 15 days.",
    ):
        assert text in shown, text


def test_page_of_a_complaint_shows_what_was_said_and_answered(client, account, officer, approver):
    complaint = receive_complaint(
        borrower=account.borrower, kind="COMPLAINT", subject="Called at night", actor=officer, at=AT
    )
    answer_complaint(complaint=complaint, upheld=True, answer="The caller was trained", actor=approver, at=AT)
    client.force_login(officer)

    shown = page(client, "cases_complaint", complaint.pk)

    assert "Called at night" in shown
    assert "The caller was trained" in shown


def test_reject_button_takes_a_ground(client, account, approver):
    decision = make_decision(account=account)
    client.force_login(approver)
    where = reverse("admin:cases_decision_reject", args=[decision.pk])

    refused = client.post(where, SUBMIT | {"ground": "FOLLOWS_POLICY", "reason": "x"})
    done = client.post(where, SUBMIT | {"ground": "MILDER_MEASURE", "reason": "A plan is enough"})

    decision.refresh_from_db()
    assert (refused.status_code, done.status_code) == (200, 302)
    assert (decision.state, decision.ground, decision.approval_note) == (
        "REJECTED",
        "MILDER_MEASURE",
        "A plan is enough",
    )
