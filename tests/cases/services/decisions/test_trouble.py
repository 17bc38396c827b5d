"""Trouble with terms: found by a job, asked about, taken by a person, or instructed again."""

from datetime import timedelta

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import NotAllowed, StateConflict
from backoffice.outbox.models import OutboxEvent
from cases.models import AccountTerm, TermsChange
from cases.rules.policy.features import REWARD_KINDS
from cases.services.decisions.acknowledgements import acknowledge_terms_change
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.trouble import find_silent_terms, instruct_again, take_trouble
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue, pay_up

DAY = timedelta(days=1)


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def approve(account, approver, kind):
    if kind in REWARD_KINDS:
        pay_up(account)
    approve_decision(decision=make_decision(account=account, kind=kind), actor=approver, at=AT, note="Evidence read")


@pytest.mark.parametrize(("kind", "days"), [("FREEZE", 1), ("LIMIT_INCREASE", 31)])
def test_find_silent_terms_once_the_core_is_late_to_the_microsecond(account, approver, kind, days):
    approve(account, approver, kind)
    late = AT + days * DAY

    found = [find_silent_terms(at=at) for at in (late - timedelta(microseconds=1), late, late + DAY)]

    term = AccountTerm.objects.get()
    assert (found, term.trouble, term.trouble_since) == ([0, 1, 0], "SILENT", late)
    event = OutboxEvent.objects.get(topic="terms.query")
    key = f"{account.pk}-{term.field}-1"
    assert event.payload == {
        "effect_key": key,
        "account": account.external_ref,
        "field": term.field,
        "version": 1,
    }


def test_the_question_is_delivered_after_the_instruction_that_it_is_about(account, approver):
    approve(account, approver, "FREEZE")

    find_silent_terms(at=AT + DAY)

    events = OutboxEvent.objects.order_by("pk").values_list("topic", "order_key")
    order = f"terms:{account.pk}"
    assert [event for event in events if event[0].startswith("terms.")] == [
        ("terms.changed", order),
        ("terms.query", order),
    ]


def test_a_late_answer_ends_the_trouble(account, approver):
    approve(account, approver, "FREEZE")
    find_silent_terms(at=AT + DAY)

    acknowledge_terms_change(
        effect_key=f"{account.pk}-STATUS-1", accepted=True, value="FROZEN", actor=None, at=AT + 2 * DAY
    )

    assert AccountTerm.objects.get().trouble == ""


def test_instruct_again_sends_the_value_under_a_new_version(account, approver):
    approve(account, approver, "FREEZE")
    acknowledge_terms_change(
        effect_key=f"{account.pk}-STATUS-1", accepted=False, refused_reason="busy", actor=None, at=AT
    )

    term = instruct_again(term=AccountTerm.objects.get(), actor=approver, at=AT + DAY)

    lines = TermsChange.objects.order_by("version").values_list("version", "after", "refused_reason")
    assert list(lines) == [(1, "FROZEN", "busy"), (2, "FROZEN", "")]
    assert (term.trouble, term.version) == ("", 2)
    assert AuditEntry.objects.filter(action="terms.instructed_again").count() == 1
    with pytest.raises(StateConflict):
        instruct_again(term=term, actor=approver, at=AT + DAY)


def test_take_trouble_names_who_looks_into_it(account, approver):
    approve(account, approver, "FREEZE")
    find_silent_terms(at=AT + DAY)

    term = take_trouble(term=AccountTerm.objects.get(), actor=approver, at=AT + DAY)

    assert (term.trouble, term.taken_by) == ("SILENT", approver)


@pytest.mark.parametrize("act", [instruct_again, take_trouble])
def test_trouble_is_for_those_who_approve(account, approver, officer, act):
    approve(account, approver, "FREEZE")
    find_silent_terms(at=AT + DAY)

    with pytest.raises(NotAllowed):
        act(term=AccountTerm.objects.get(), actor=officer, at=AT + DAY)
