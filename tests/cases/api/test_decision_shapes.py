"""The REST detail of a decision explains it; sealed texts are given to who may see the record."""

import pytest

from cases.services.decisions.complaints import receive_complaint
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.proposing import propose_decision
from tests.factories.casework import AT, make_case, make_decision
from tests.factories.portfolio import make_overdue

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


def test_decision_detail_explains_the_decision(client, case, officer, approver):
    account = case.borrower.accounts.get()
    decision = propose_decision(case=case, account=account, kind="FREEZE", reason="Wages hidden", actor=officer, at=AT)
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read", ground="EVIDENCE_SUFFICIENT")
    client.force_login(officer, backend=BACKEND)

    shown = client.get(f"/api/v1/decisions/{decision.pk}/", headers={"Accept-Language": "en"}).json()

    assert (shown["explanation"], shown["ground"]) == ("Wages hidden", "EVIDENCE_SUFFICIENT")
    assert shown["why"] == {
        "reasons": ["A case officer examined the account.", "Wages hidden"],
        "changes": [{"term": "Status", "before": "ACTIVE", "after": "FROZEN"}],
        "decided_by_a_person": True,
        "policy_version": str(decision.policy_version),
        "effective_on": None,
        "expires_on": decision.expires_on.isoformat(),
        "way_back": "Pay the arrears, and this ends.",
        "appeal": "You may appeal; a person who took no part answers within 15 days.",
    }
    assert "why" not in client.get("/api/v1/decisions/").json()["results"][0]


def test_decision_of_another_territory_is_not_explained(client, chengdu, officer):
    decision = make_decision(account=make_overdue(territory=chengdu))
    client.force_login(officer, backend=BACKEND)

    assert client.get(f"/api/v1/decisions/{decision.pk}/").status_code == 404


def test_complaint_shows_its_words_to_who_may_see_it(client, case, officer):
    complaint = receive_complaint(
        borrower=case.borrower, kind="COMPLAINT", topic="CONTACTS", subject="Too often", actor=officer, at=AT
    )
    client.force_login(officer, backend=BACKEND)

    shown = client.get(f"/api/v1/complaints/{complaint.pk}/").json()

    assert (shown["topic"], shown["subject"], shown["answer"]) == ("CONTACTS", "Too often", None)


def approve(client, decision, key):
    headers = {"Accept-Language": "en", "Idempotency-Key": key}
    where = f"/api/v1/decisions/{decision.pk}/approve/"
    return client.post(where, {"note": "Evidence read"}, content_type="application/json", headers=headers)


def test_approve_over_rest_takes_two_people_where_two_are_needed(client, case, approver, person):
    decision = make_decision(account=case.borrower.accounts.get(), kind="FREEZE", approvals_needed=2)
    client.force_login(approver, backend=BACKEND)
    first, again = approve(client, decision, "first-0001"), approve(client, decision, "again-0001")
    client.force_login(person("APPROVER", name="second"), backend=BACKEND)
    second = approve(client, decision, "second-0001")

    def seen(answer):
        return tuple(answer.json()[name] for name in ("state", "approvals_given", "approvals_needed"))

    assert (first.status_code, seen(first)) == (200, ("PROPOSED", 1, 2))
    assert (again.status_code, second.status_code, seen(second)) == (403, 200, ("APPROVED", 2, 2))


def test_approve_over_rest_refuses_what_no_longer_fits(client, case, approver):
    decision = make_decision(account=case.borrower.accounts.get(), kind="LIMIT_INCREASE")
    client.force_login(approver, backend=BACKEND)

    answer = approve(client, decision, "reward-0001")

    decision.refresh_from_db()
    assert (answer.status_code, decision.state) == (409, "PROPOSED")
    assert "The account is overdue; a reward needs an account with nothing due." in answer.content.decode()


@pytest.mark.parametrize(
    ("currency", "total", "amount"), [("CNY", "100.00", "33.33"), ("JPY", "100", "33"), ("KWD", "100.000", "33.333")]
)
def test_amounts_of_a_plan_have_the_decimals_of_its_currency(
    client, case, officer, approver, person, currency, total, amount
):
    account = case.borrower.accounts.get()
    account.currency = currency
    account.save()
    terms = {"total": "100.00", "annual_rate": "0", "instalments": 3, "first_share": "0"}
    decision = make_decision(account=account, kind="PLAN", terms=terms)
    # In a currency without a rate in the policy two people approve.
    for who in (approver, person("APPROVER", name="second")):
        if decision.state == "PROPOSED":
            approve_decision(decision=decision, actor=who, at=AT)
    client.force_login(officer, backend=BACKEND)

    shown = client.get(f"/api/v1/repayment-plans/{decision.plan.pk}/").json()
    page = client.get(f"/admin/cases/repaymentplan/{decision.plan.pk}/change/").content.decode()

    assert (shown["total_amount"], shown["instalments"][0]["amount"]) == (total, amount)
    assert shown["instalments"][0]["interest"].strip("0.") == ""
    assert f"{currency} {amount}<" in page.replace("\n", "")
