"""The timeline's sentences, the worklists, and the explanation of a decision."""

from datetime import timedelta

import pytest
from django.utils import translation

from cases.enums import CaseEventKind
from cases.models import CaseEvent, Decision
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.selectors.casework.decisions import explain_decision
from cases.selectors.casework.timeline import SENTENCES, event_sentence, timeline
from cases.selectors.casework.worklists import (
    decisions_to_approve,
    late_cases,
    own_cases,
    refused_terms,
    unassigned_cases,
)
from cases.services.casework.cases import assign_case, hold_case, note_case
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.terms_ledger import acknowledge_terms_change
from tests.factories.casework import AT, TODAY, make_case, make_decision, make_policy_version, verify
from tests.factories.portfolio import make_overdue


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


def test_timeline_tells_the_story_newest_first(case, officer):
    assign_case(case=case, owner=officer, actor=officer, at=AT)
    note_case(case=case, text="Called back", actor=officer, at=AT + timedelta(minutes=1))
    hold_case(case=case, until=TODAY + timedelta(days=5), reason="Papers", actor=officer, at=AT + timedelta(minutes=2))

    with translation.override("en"):
        lines = timeline(case=case)

    assert [(line.sentence, line.note, line.actor) for line in lines] == [
        ("Put on hold until March 7, 2026", "Papers", "case_officer"),
        ("Note", "Called back", "case_officer"),
        ("Assigned to case_officer", "", "case_officer"),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_timeline_takes_two_queries(case, officer, django_assert_num_queries, number):
    for _line in range(number):
        assign_case(case=case, owner=officer, actor=officer, at=AT)

    # events with their actors, names of owners
    with django_assert_num_queries(2):
        assert len(timeline(case=case)) == number


@pytest.mark.parametrize("kind", CaseEventKind.values)
def test_event_sentence_survives_every_kind_and_body(kind):
    for body in ({}, {"action": "unheard-of"}, {"action": "attempt"}, {"kind": "?", "reason": "?", "by": "2026-03-02"}):
        assert event_sentence(kind=kind, body=body, names={})


def test_every_event_that_the_services_write_has_its_sentence(case, approver):
    for decision in verify(case=case).decisions.all():
        approve_decision(decision=decision, actor=approver, at=AT)

    written = {(event.kind, event.body.get("action", "")) for event in CaseEvent.objects.all()}
    assert written
    assert written <= set(SENTENCES)


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


@pytest.mark.parametrize(("language", "reason"), [("en", "Six months on time"), ("zh-hans", "连续六期按时还款")])
def test_explain_decision_names_the_rule_in_the_readers_language(case, approver, language, reason):
    version = make_policy_version(body=DEFAULT_POLICY)
    account = case.borrower.accounts.get()
    decision = make_decision(
        account=account, kind="LIMIT_INCREASE", reasons=["SIX_MONTHS_ON_TIME"], policy_version=version
    )
    approve_decision(decision=decision, actor=approver, at=AT)

    with translation.override(language):
        explanation = explain_decision(decision=Decision.objects.get(pk=decision.pk))

    assert explanation.reasons == (reason,)
    assert [(before, after) for _term, before, after in explanation.changes] == [("60000.00", "66000.00")]
    assert explanation.decided_by_a_person
