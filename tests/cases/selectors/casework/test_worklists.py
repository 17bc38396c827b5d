"""What waits for each person."""

from datetime import timedelta

import pytest

from cases.selectors.casework.worklists import (
    actions_due,
    decisions_to_approve,
    late_cases,
    own_cases,
    plans_to_agree,
    refused_terms,
    unassigned_cases,
)
from cases.services.casework.cases import assign_case, note_case
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.terms_ledger import acknowledge_terms_change
from tests.factories.casework import AT, TODAY, make_case, make_decision
from tests.factories.portfolio import make_overdue


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


def test_worklists_show_each_what_is_theirs(case, officer, person, chengdu):
    far = person("CASE_OFFICER", name="far", territories=[chengdu])
    assert list(unassigned_cases(user=officer)) == [case]
    assert list(unassigned_cases(user=far)) == []

    assign_case(case=case, owner=officer, actor=officer, at=AT)

    assert list(own_cases(user=officer)) == [case]
    assert list(unassigned_cases(user=officer)) == []
    assert list(late_cases(user=officer, business_date=case.sla_due_on)) == []
    assert list(late_cases(user=officer, business_date=case.sla_due_on + timedelta(days=1))) == [case]


def test_decisions_to_approve_leaves_out_ones_own(case, approver):
    account = case.borrower.accounts.get()
    make_decision(account=account, kind="GRACE", proposed_by=approver)
    others = make_decision(account=account, kind="PLAN")

    assert list(decisions_to_approve(user=approver)) == [others]


def test_refused_terms_show_until_resolved(case, approver):
    decision = make_decision(account=case.borrower.accounts.get(), kind="FREEZE")
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    key = decision.terms_changes.get().effect_key

    acknowledge_terms_change(effect_key=key, accepted=False, refused_reason="busy", actor=None, at=AT)
    assert [line.effect_key for line in refused_terms(user=approver)] == [key]
    acknowledge_terms_change(effect_key=key, accepted=True, actor=None, at=AT)
    assert list(refused_terms(user=approver)) == []


def test_actions_due_are_ones_own_and_not_ahead(case, officer):
    assign_case(case=case, owner=officer, actor=officer, at=AT)
    note_case(case=case, text="Call again", actor=officer, at=AT, next_action_on=TODAY + timedelta(days=2))

    assert list(actions_due(user=officer, business_date=TODAY + timedelta(days=1))) == []
    assert list(actions_due(user=officer, business_date=TODAY + timedelta(days=2))) == [case]


def test_plans_to_agree_are_those_approved(case, officer, approver):
    decision = make_decision(account=case.borrower.accounts.get(), kind="PLAN")
    assert list(plans_to_agree(user=officer)) == []

    approve_decision(decision=decision, actor=approver, at=AT)

    assert [plan.decision for plan in plans_to_agree(user=officer)] == [decision]
