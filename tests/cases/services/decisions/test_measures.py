"""Measures: begun by approval, ended once, and in force when the core holds what they led to."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cases.models import AccountTerm, Decision, TermsChange, TermsMeasure
from cases.services.decisions.acknowledgements import acknowledge_terms_change
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.measures import begin_measures
from cases.services.decisions.plans import agree_plan, settle_instalments
from cases.services.decisions.reversal import reverse_decision
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def approve(account, approver, kind, **fields):
    decision = make_decision(account=account, kind=kind, **fields)
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    return decision


def test_begin_measures_again_changes_nothing(account, approver):
    decision = approve(account, approver, "GRACE")
    before = list(TermsMeasure.objects.values()), TermsChange.objects.count()

    assert begin_measures(decisions=Decision.objects.filter(pk=decision.pk), at=AT + timedelta(hours=1)) == 0

    assert (list(TermsMeasure.objects.values()), TermsChange.objects.count()) == before


def test_a_grace_waives_the_penalty_while_it_runs(account, approver):
    decision = approve(account, approver, "GRACE")
    reverse_decision(decision=decision, reason="Wrong account", actor=approver, at=AT)

    lines = TermsChange.objects.filter(field="PENALTY").order_by("version").values_list("before", "after")
    assert list(lines) == [("CHARGED", "WAIVED"), ("WAIVED", "CHARGED")]


def test_two_cuts_both_reversed_give_the_limit_back(account, approver):
    cuts = [approve(account, approver, "LIMIT_CUT", terms={"limit": "30000.00"})]
    acknowledge_terms_change(effect_key=f"{account.pk}-LIMIT-1", accepted=True, value="30000", actor=None, at=AT)
    cuts.append(approve(account, approver, "LIMIT_CUT", terms={"limit": "15000.00"}))

    for cut in cuts:
        reverse_decision(decision=cut, reason="Wrong account", actor=approver, at=AT)

    assert TermsChange.objects.latest("version").after == "60000.00"


def test_a_decision_is_in_force_once_the_core_holds_each_of_its_terms(account, approver):
    decision = approve(account, approver, "GRACE")
    states = []
    for field, value in (("PENALTY", "WAIVED"), ("COLLECTION", "PAUSED")):
        acknowledge_terms_change(effect_key=f"{account.pk}-{field}-1", accepted=True, value=value, actor=None, at=AT)
        decision.refresh_from_db()
        states.append(decision.state)

    assert states == ["APPROVED", "ACKNOWLEDGED"]


def test_a_freeze_of_an_account_that_the_core_closed_changes_nothing(account, approver):
    decision = make_decision(account=account, kind="FREEZE")
    AccountTerm.objects.create(
        account=account,
        field="STATUS",
        base="CLOSED",
        effective="CLOSED",
        held="CLOSED",
        held_before="CLOSED",
        updated_at=AT,
    )
    Decision.objects.filter(pk=decision.pk).update(state="APPROVED", approved_by=approver, approved_at=AT)

    begin_measures(decisions=Decision.objects.filter(pk=decision.pk), at=AT)

    decision.refresh_from_db()
    assert (TermsChange.objects.count(), decision.state) == (0, "ACKNOWLEDGED")


def test_a_plan_fulfilled_gives_collection_back_and_lifts_its_decision(account, approver, officer):
    decision = approve(account, approver, "PLAN")
    agree_plan(plan=decision.plan, agreement_ref="REC-1", actor=officer, at=AT)
    account.repayments.create(external_ref="R1", amount=Decimal(90000), paid_on=TODAY, created_at=AT)

    settle_instalments(business_date=TODAY, at=AT)

    decision.refresh_from_db()
    collection = TermsChange.objects.filter(field="COLLECTION").order_by("version").values_list("after", flat=True)
    assert (list(collection), decision.state) == (["ON_PLAN", "NORMAL"], "LIFTED")
