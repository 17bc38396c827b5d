"""Records of a decision's steps, and cases that go back into work."""

import pytest

from cases.models import CaseEvent, Decision
from cases.services.casework.digests import text_digest
from cases.services.decisions.trail import audit_body, log_all_to_timeline, log_to_timeline, return_cases_to_work
from tests.factories.casework import AT, make_case, make_decision
from tests.factories.portfolio import make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def test_audit_body_holds_codes_ids_and_a_digest(account):
    decision = make_decision(account=account)

    assert audit_body(decision, note=" Fine ") == {
        "kind": "GRACE",
        "account": account.pk,
        "case": None,
        "reasons": ["PAID_ON_TIME"],
        "policy_version": decision.policy_version_id,
        "approved_for": [],
        "ground": "",
        "note_digest": text_digest(text="Fine", kind="decision.note"),
    }


def test_steps_of_a_decision_without_a_case_are_in_no_timeline(account, officer):
    decision = make_decision(account=account)

    log_to_timeline(decision, "approve", actor=officer, at=AT)
    log_all_to_timeline(Decision.objects.all(), "approve", actor=officer, at=AT)

    assert CaseEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("state", "stage"),
    [("PROPOSED", "DECIDED"), ("APPROVED", "DECIDED"), ("REJECTED", "IN_WORK"), ("EXPIRED", "IN_WORK")],
)
def test_return_cases_to_work_unless_something_is_pending(account, approver, state, stage):
    case = make_case(account=account, stage="DECIDED")
    make_decision(account=account, kind="FREEZE", case=case, state=state, approved_by=approver)

    return_cases_to_work(Decision.objects.all(), at=AT)

    case.refresh_from_db()
    assert case.stage == stage
