"""The page of a decision: its note, its ground, and what the borrower may be told."""

import pytest
from django.urls import reverse
from django.utils import translation

from cases.models import Decision
from cases.services.decisions.complaints import answer_complaint, receive_complaint
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue
from tests.factories.standing import make_good

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


def press(client, decision, **fields):
    where = reverse("admin:cases_decision_approve", args=[decision.pk])
    return client.post(where, SUBMIT | fields, headers={"Accept-Language": "en"}, follow=True)


def test_page_of_a_proposal_says_what_stands_against_it(client, account, approver):
    decision = make_decision(account=account, kind="LIMIT_INCREASE", terms={"before": "60000.00", "limit": "66000.00"})
    client.force_login(approver)

    shown = page(client, "cases_decision", decision.pk)

    for text in ("The account is overdue; a reward needs an account with nothing due.", "0 of 1 approved", "Before: "):
        assert text in shown, text


def test_approve_button_refuses_what_no_longer_fits(client, account, approver):
    decision = make_decision(account=account, kind="RATE_REDUCTION")
    client.force_login(approver)

    answer = press(client, decision)

    decision.refresh_from_db()
    assert "The account is overdue; a reward needs an account with nothing due." in answer.content.decode()
    assert decision.state == "PROPOSED"


def test_approve_button_takes_two_people_where_two_are_needed(client, account, approver, person):
    decision = make_decision(account=account, kind="FREEZE", approvals_needed=2)
    client.force_login(approver)
    first = press(client, decision, note="Pay slips read").content.decode()
    again = press(client, decision, note="Pay slips read").content.decode()

    assert "1 of 2 approved. The decision waits for a second person." in first
    assert "You gave the first approval yourself; another person gives the second." in again
    client.force_login(person("APPROVER", name="second"))
    assert "1 of 2 approved" in page(client, "cases_decision", decision.pk)
    second = press(client, decision, note="Seen as well").content.decode()

    assert "The decision is approved." in second
    assert "2 of 2 approved" in second
    assert "Seen as well" in second


def test_list_action_shows_what_it_will_pass_over_and_says_what_it_passed_over(client, shanghai, account, approver):
    good = make_good(shanghai)
    terms = {"before": "60000.00", "limit": "66000.00"}
    fits, late = (make_decision(account=each, kind="LIMIT_INCREASE", terms=terms) for each in (good, account))
    client.force_login(approver)
    form = {"action": "approve_selected", "_selected_action": [fits.pk, late.pk]}
    where, english = reverse("admin:cases_decision_changelist"), {"Accept-Language": "en"}

    asked = client.post(where, form, headers=english).content.decode()
    done = client.post(where, form | {"confirmed": "yes"}, headers=english, follow=True).content.decode()

    reason = "The account is overdue; a reward needs an account with nothing due."
    assert f"Will be passed over: {reason}" in asked
    assert "1 decision is approved." in done
    assert f"1 decision is passed over: {reason}" in done
    states = dict(Decision.objects.values_list("pk", "state"))
    assert states == {fits.pk: "APPROVED", late.pk: "PROPOSED"}
