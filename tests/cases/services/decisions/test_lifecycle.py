"""Decisions: four eyes, instructions sent once, sealed notes, and the way back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.outbox.models import OutboxEvent
from cases.models import BorrowerFlag, Decision, RepaymentPlan, TermsChange
from cases.rules.policy.features import REWARD_KINDS
from cases.services.casework.circumstances import set_flag
from cases.services.casework.digests import text_digest
from cases.services.decisions.approvals import BulkApproval
from cases.services.decisions.lifecycle import (
    approve_decision,
    approve_decisions,
    reject_decision,
)
from cases.services.decisions.reversal import reverse_decision
from tests.clear_text import tables_with
from tests.factories.casework import AT, HARDSHIP, PARTLY, TODAY, WILFUL, make_case, make_decision, verify
from tests.factories.portfolio import make_account, make_borrower, make_overdue, pay_up


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


@pytest.mark.parametrize(
    ("kind", "field", "before", "after"),
    [
        ("GRACE", "COLLECTION", "NORMAL", "PAUSED"),
        ("SPECIAL_CARE", "COLLECTION", "NORMAL", "CEASED"),
        ("LEGAL", "COLLECTION", "NORMAL", "LEGAL"),
        ("FREEZE", "STATUS", "ACTIVE", "FROZEN"),
        ("LIMIT_CUT", "LIMIT", "60000.00", "30000.00"),
        ("LIMIT_INCREASE", "LIMIT", "60000.00", "66000.00"),
        ("RATE_REDUCTION", "RATE", "0.18000", "0.17500"),
    ],
)
def test_approve_decision_writes_one_line_and_one_event(shanghai, account, approver, kind, field, before, after):
    if kind in REWARD_KINDS:
        account = make_account(borrower=make_borrower(territory=shanghai))
    more = {"terms": {"days": 30, "waive_penalty": False}} if kind == "GRACE" else {}
    decision = make_decision(account=account, kind=kind, **more)

    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")

    change = TermsChange.objects.get()
    event = OutboxEvent.objects.get(topic="terms.changed")
    key = f"{account.pk}-{field}-1"
    assert (change.field, change.before, change.after, change.effect_key) == (field, before, after, key)
    assert (event.topic, event.key) == ("terms.changed", key)
    assert event.payload == {
        "effect_key": key,
        "account": account.external_ref,
        "decision": decision.pk,
        "kind": kind,
        "field": field,
        "version": 1,
        "before": before,
        "after": after,
        "currency": "CNY",
        "effective_on": "2026-03-02",
        "opt_in_required": kind == "LIMIT_INCREASE",
    }


def test_approve_decision_names_its_approver_and_is_on_the_trail(account, approver):
    decision = make_decision(account=account)

    approve_decision(decision=decision, actor=approver, at=AT, note="Fine")

    decision.refresh_from_db()
    assert (decision.state, decision.approved_by, decision.approved_at) == ("APPROVED", approver, AT)
    assert list(AuditEntry.objects.values_list("action", "actor_id")) == [("decision.approved", approver.pk)]


def test_approve_decision_second_caller_loses(account, approver, person):
    decision = make_decision(account=account)
    stale = Decision.objects.get(pk=decision.pk)
    approve_decision(decision=decision, actor=approver, at=AT)

    with pytest.raises(StateConflict):
        approve_decision(decision=stale, actor=person("APPROVER", name="second"), at=AT)

    # A grace pauses collection and waives the penalty.
    assert (TermsChange.objects.count(), OutboxEvent.objects.filter(topic="terms.changed").count()) == (2, 2)


def test_approve_decision_refuses_the_proposer(account, approver):
    decision = make_decision(account=account, proposed_by=approver)

    with pytest.raises(SelfApproval):
        approve_decision(decision=decision, actor=approver, at=AT)

    decision.refresh_from_db()
    assert decision.state == "PROPOSED"


@pytest.mark.parametrize("role", ["CASE_OFFICER", "RISK_MANAGER", "AUDITOR", "ADMINISTRATOR", "DISPATCHER", "MACHINE"])
def test_approve_decision_needs_the_approver_role(account, person, role):
    decision = make_decision(account=account)

    with pytest.raises(NotAllowed):
        approve_decision(decision=decision, actor=person(role), at=AT)

    assert TermsChange.objects.count() == 0


def test_approve_decision_never_by_the_system(account):
    with pytest.raises(NotAllowed):
        approve_decision(decision=make_decision(account=account), actor=None, at=AT)


def test_database_refuses_self_approval(account, approver):
    decision = make_decision(account=account, proposed_by=approver)

    with pytest.raises(IntegrityError, match="decision_four_eyes"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(state="APPROVED", approved_by=approver)


def test_database_refuses_an_adverse_decision_under_a_policy_alone(account):
    decision = make_decision(account=account, kind="FREEZE")

    with pytest.raises(IntegrityError, match="decision_adverse_has_a_person"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(state="APPROVED", approved_under=decision.policy_version)


def test_database_refuses_an_adverse_decision_without_end(account):
    with pytest.raises(IntegrityError, match="decision_adverse_expires"), transaction.atomic():
        make_decision(account=account, kind="LEGAL", expires_on=None)


def test_database_refuses_relief_of_the_rate_without_end(account):
    with pytest.raises(IntegrityError, match="decision_relief_expires"), transaction.atomic():
        make_decision(account=account, kind="RATE_RELIEF", expires_on=None)


def test_approve_decision_against_the_borrower_needs_a_note(account, approver):
    with pytest.raises(InvalidInput):
        approve_decision(decision=make_decision(account=account, kind="FREEZE"), actor=approver, at=AT, note=" ")


@pytest.mark.parametrize("kind", ["COMPLAINT", "DISPUTED", "HARDSHIP", "BEREAVED", "VULNERABLE"])
def test_approve_decision_takes_nothing_while_a_circumstance_is_open(account, approver, officer, kind):
    decision = make_decision(account=account, kind="FREEZE")
    set_flag(borrower=account.borrower, kind=kind, source="CALL", actor=officer, at=AT)

    with pytest.raises(StateConflict):
        approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")


def test_approve_decision_refuses_legal_recovery_of_what_was_paid(account, approver):
    decision = make_decision(account=account, kind="LEGAL")
    type(account).objects.filter(pk=account.pk).update(arrears_amount=0)

    with pytest.raises(StateConflict):
        approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")


def test_approve_special_care_puts_its_circumstances_on_the_borrower(account, approver):
    decision = verify(case=make_case(account=account), facts=HARDSHIP).decisions.get()

    approve_decision(decision=decision, actor=approver, at=AT)

    flags = BorrowerFlag.objects.order_by("kind").values_list("kind", "expires_on")
    assert list(flags) == [("CEASE", TODAY + timedelta(days=90)), ("HARDSHIP", TODAY + timedelta(days=90))]


def test_approve_plan_drafts_it_and_instructs_nothing_yet(account, approver):
    decision = verify(case=make_case(account=account), facts=PARTLY).decisions.get()

    approve_decision(decision=decision, actor=approver, at=AT)

    plan = RepaymentPlan.objects.get()
    assert (plan.state, plan.instalments.count(), TermsChange.objects.count()) == ("PROPOSED", 24, 0)


def test_approve_close_closes_the_case(account, approver):
    case = make_case(account=account, stage="DECIDED")
    decision = make_decision(account=pay_up(account), kind="CLOSE", case=case)

    approve_decision(decision=decision, actor=approver, at=AT)

    case.refresh_from_db()
    decision.refresh_from_db()
    assert (case.stage, case.close_reason, decision.state) == ("CLOSED", "CURED", "ACKNOWLEDGED")
    assert TermsChange.objects.count() == 0


def test_approve_legal_leaves_the_case_watched(account, approver, person):
    case, second = make_case(account=account), person("APPROVER", name="second")
    for decision in verify(case=case, facts=WILFUL).decisions.order_by("pk"):
        for who in (approver, second)[: decision.approvals_needed]:
            approve_decision(decision=decision, actor=who, at=AT, note="Evidence read")

    case.refresh_from_db()
    assert case.stage == "MONITORED"
    assert set(TermsChange.objects.values_list("field", flat=True)) == {"COLLECTION", "STATUS"}


def test_reject_decision_puts_the_case_back_into_work(account, approver):
    case = make_case(account=account)
    decision = verify(case=case, facts=PARTLY).decisions.get()

    reject_decision(decision=decision, reason="Too long", actor=approver, at=AT)

    case.refresh_from_db()
    decision.refresh_from_db()
    assert (decision.state, decision.approval_note, case.stage) == ("REJECTED", "Too long", "IN_WORK")


def test_approve_decision_seals_the_note_and_keeps_its_digest_in_the_trail(account, approver):
    decision = make_decision(account=account, kind="FREEZE")

    approve_decision(decision=decision, actor=approver, at=AT, note=" Seen by Wang Wu ", ground="EVIDENCE_SUFFICIENT")

    assert (decision.ground, decision.approval_note) == ("EVIDENCE_SUFFICIENT", "Seen by Wang Wu")
    assert Decision.objects.get().approval_note == "Seen by Wang Wu"
    body = AuditEntry.objects.get(action="decision.approved").body
    assert body["note_digest"] == text_digest(text="Seen by Wang Wu", kind="decision.note")
    assert tables_with("Wang Wu") == []


def test_approve_decisions_shares_one_sealed_note(shanghai, approver):
    for _number in range(2):
        make_decision(account=make_account(borrower=make_borrower(territory=shanghai)), kind="LIMIT_INCREASE")

    approve_decisions(decisions=Decision.objects.all(), actor=approver, at=AT, note="Wang Wu asked", ground="OTHER")

    assert [(d.ground, d.approval_note) for d in Decision.objects.all()] == [("OTHER", "Wang Wu asked")] * 2
    assert tables_with("Wang Wu") == []


def test_grounds_of_a_rejection_are_none_of_an_approval(account, approver):
    decision = make_decision(account=account, kind="FREEZE")

    with pytest.raises(InvalidInput) as approval:
        approve_decision(decision=decision, actor=approver, at=AT, note="x", ground="MILDER_MEASURE")
    with pytest.raises(InvalidInput) as rejection:
        reject_decision(decision=decision, actor=approver, at=AT, reason="x", ground="FOLLOWS_POLICY")

    assert (approval.value.field, rejection.value.field) == ("ground", "ground")
    assert Decision.objects.get().state == "PROPOSED"


def test_reject_and_reverse_leave_no_words_in_clear(account, approver):
    rejected, reversed_one = make_decision(account=account), make_decision(account=account, kind="FREEZE")
    reject_decision(decision=rejected, reason="Zhao Liu is ill", actor=approver, at=AT)
    approve_decision(decision=reversed_one, actor=approver, at=AT, note="Zhao Liu denies")

    reverse_decision(decision=reversed_one, reason="Not Zhao Liu", actor=approver, at=AT)

    digest = text_digest(text="Not Zhao Liu", kind="decision.note")
    assert AuditEntry.objects.get(action="decision.reversed").body["note_digest"] == digest
    assert tables_with("Zhao Liu") == []


def test_approve_decisions_takes_rewards_of_others_only(shanghai, approver):
    account = make_account(borrower=make_borrower(territory=shanghai))
    reward = make_decision(account=account, kind="LIMIT_INCREASE")
    own = make_decision(account=account, kind="RATE_REDUCTION", proposed_by=approver)
    adverse = make_decision(account=account, kind="LIMIT_CUT")

    approved = approve_decisions(decisions=Decision.objects.all(), actor=approver, at=AT)

    assert approved == BulkApproval(approved=1)
    assert dict(Decision.objects.values_list("pk", "state")) == {
        reward.pk: "APPROVED",
        own.pk: "PROPOSED",
        adverse.pk: "PROPOSED",
    }


def test_approve_decisions_passes_over_other_territories(chengdu, approver):
    make_decision(account=make_account(borrower=make_borrower(territory=chengdu)), kind="LIMIT_INCREASE")

    assert approve_decisions(decisions=Decision.objects.all(), actor=approver, at=AT) == BulkApproval(approved=0)


@pytest.mark.parametrize("count", [1, 3])
def test_approve_decisions_costs_the_same_for_one_and_three(shanghai, approver, django_assert_num_queries, count):
    for _number in range(count):
        make_decision(account=make_account(borrower=make_borrower(territory=shanghai)), kind="LIMIT_INCREASE")
    _ = approver.territory_ids

    # savepoint and release, for whom the actor stands in, ids, locks of accounts and decisions, what stands (2), policy versions, states, lines with their
    # events, cases to tell, two of the audit
    with django_assert_num_queries(21):
        done = approve_decisions(decisions=Decision.objects.all(), actor=approver, at=AT)

    assert done == BulkApproval(approved=count)


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        ("LIMIT_INCREASE", {"before": "60000.00", "limit": "60000.00"}),
        ("LIMIT_CUT", {"before": "20000.00", "limit": "30000.00"}),
        ("LIMIT_CUT", {"before": "20000.00", "limit": "-1"}),
        ("RATE_REDUCTION", {"before": "0.10000", "rate": "0.17500"}),
        ("RATE_RELIEF", {"before": "0.10000", "rate": "0.10000", "days": 30}),
    ],
)
def test_database_refuses_a_change_in_the_wrong_direction(account, kind, terms):
    with pytest.raises(IntegrityError, match="decision_changes_in_its_direction"), transaction.atomic():
        make_decision(account=account, kind=kind, terms=terms)


@pytest.mark.parametrize("change", [{"approvals_needed": 2}, {"approvals_needed": 3}, {"approvals_needed": 0}])
def test_database_refuses_a_decision_in_force_without_all_approvals(account, approver, change):
    decision = make_decision(account=account)

    with pytest.raises(IntegrityError, match="decision_in_force_has_all_approvals"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(state="APPROVED", approved_by=approver, **change)


def test_database_refuses_one_person_as_both_approvers_and_the_proposer_as_the_second(account, officer, approver):
    decision = make_decision(account=account, proposed_by=officer, approvals_needed=2)
    rows = Decision.objects.filter(pk=decision.pk)

    for first, second in ((approver, approver), (approver, officer), (None, approver)):
        with pytest.raises(IntegrityError, match="decision_second_approver_is_another"), transaction.atomic():
            rows.update(approved_by=first, second_approved_by=second)


def test_reject_decision_needs_the_permission(account, officer):
    decision = make_decision(account=account)

    with pytest.raises(NotAllowed):
        reject_decision(decision=decision, reason="No", actor=officer, at=AT)

    decision.refresh_from_db()
    assert decision.state == "PROPOSED"
