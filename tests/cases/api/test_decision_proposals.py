"""An officer's own proposal over REST: any decision but a plan, within an officer's bounds, approved by another person."""

from decimal import Decimal
from typing import Any

import pytest
import time_machine

from cases.models import Decision
from tests.factories.casework import make_case
from tests.factories.concessions import make_budget
from tests.factories.portfolio import make_overdue
from tests.factories.requests import post


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel("2026-03-02T02:00:17.482913Z", tick=False):
        yield


@pytest.fixture
def account(shanghai: Any) -> Any:
    return make_overdue(territory=shanghai, credit_limit=Decimal(30_000))


@pytest.fixture
def case(account: Any) -> Any:
    return make_case(account=account, stage="IN_WORK")


def propose(user: Any, case: Any, **body: Any) -> Any:
    return post(user, f"/api/v1/cases/{case.pk}/decision-proposals/", {"reason": "ill since June"} | body)


@pytest.mark.parametrize(
    ("kind", "more", "terms", "last_day"),
    [
        ("GRACE", {"days": 20}, {"days": 20, "waive_penalty": True}, "2026-03-22"),
        (
            "RATE_RELIEF",
            {"days": 60, "points": "0.01"},
            {"before": "0.18000", "rate": "0.17000", "days": 60},
            "2026-05-01",
        ),
        ("FREEZE", {}, {"status": "FROZEN", "way_back": "PAY_THE_ARREARS"}, "2026-08-29"),
        (
            "LIMIT_CUT",
            {"amount": "20000"},
            {"before": "30000.00", "limit": "20000.00", "way_back": "PAY_THE_ARREARS"},
            "2026-08-29",
        ),
    ],
)
def test_a_decision_is_proposed_with_the_houses_terms(
    case: Any, account: Any, officer: Any, approver: Any, kind: str, more: Any, terms: Any, last_day: str
) -> None:
    answer = propose(officer, case, account=account.pk, kind=kind, **more)

    assert answer.status_code == 201
    told = answer.json()
    assert (told["kind"], told["state"], told["terms"], told["expires_on"]) == (kind, "PROPOSED", terms, last_day)
    decision = Decision.objects.get(case=case)
    assert (decision.proposed_by, decision.explanation) == (officer, "ill since June")
    # Nobody approves what they proposed, by whichever door.
    approval = {"note": "ill"}
    assert post(officer, f"/api/v1/decisions/{decision.pk}/approve/", approval).status_code == 403
    assert post(approver, f"/api/v1/decisions/{decision.pk}/approve/", approval).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "PLAN"}, "kind"),
        ({"kind": "WAIVER"}, "kind"),
        ({"kind": "LIMIT_CUT"}, "amount"),
        ({"kind": "LIMIT_CUT", "amount": "40000"}, "amount"),
        ({"kind": "LIMIT_INCREASE", "amount": "31000"}, "kind"),
        ({"kind": "RATE_RELIEF", "points": "0.012"}, "points"),
        ({"kind": "RATE_RELIEF", "points": "0.035"}, "points"),
        ({"kind": "GRACE", "days": 181}, "days"),
        ({"kind": "GRACE", "reason": ""}, "reason"),
        ({"kind": "GRACE", "account": 10**9}, "account"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    case: Any, account: Any, officer: Any, body: Any, field: str
) -> None:
    answer = propose(officer, case, **{"account": account.pk, **body})

    assert (answer.status_code, Decision.objects.count()) == (400, 0)
    assert field in str(answer.json())


def test_an_account_of_another_borrower_is_refused(case: Any, shanghai: Any, officer: Any) -> None:
    other = make_overdue(territory=shanghai)

    assert propose(officer, case, account=other.pk, kind="GRACE").status_code == 400
    assert not Decision.objects.exists()


def test_only_who_may_propose_does(case: Any, account: Any, approver: Any, dispatcher: Any) -> None:
    assert [propose(who, case, account=account.pk, kind="GRACE").status_code for who in (approver, dispatcher)] == [
        403,
        403,
    ]


def test_a_waiver_is_proposed_within_its_budget(
    case: Any, account: Any, officer: Any, approver: Any, risk_manager: Any
) -> None:
    address = f"/api/v1/cases/{case.pk}/waiver-proposals/"
    body = {
        "account": account.pk,
        "part": "INTEREST",
        "due": "1000",
        "evidence_ref": "CORE-1",
        "settle_by": "2026-03-20",
        "reason": "ill since June",
    }
    assert post(officer, address, body).status_code == 400
    make_budget(amount="600", set_by=risk_manager, confirmed_by=approver)

    answer = post(officer, address, body)

    assert answer.status_code == 201
    assert (answer.json()["kind"], answer.json()["terms"]["amount"]) == ("WAIVER", "500.00")
    assert post(officer, address, body).status_code == 409
    assert post(approver, address, body).status_code == 403
