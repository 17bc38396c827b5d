"""The core's answers, taken once, and the note of what was handed over."""

from decimal import Decimal

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, Missing, StateConflict
from backoffice.outbox.models import OutboxEvent
from cases.models import Decision, TermsChange
from cases.services.casework.digests import text_digest
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.terms_ledger import acknowledge_terms_change, mark_terms_sent, write_terms_changes
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def approved(account, approver, kind):
    decision = make_decision(account=account, kind=kind)
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    return decision, TermsChange.objects.get(decision=decision).effect_key


@pytest.mark.parametrize(
    ("kind", "column", "value"),
    [
        ("LIMIT_INCREASE", "credit_limit", Decimal("66000.00")),
        ("LIMIT_CUT", "credit_limit", Decimal("30000.00")),
        ("RATE_REDUCTION", "annual_rate", Decimal("0.17500")),
        ("FREEZE", "status", "FROZEN"),
    ],
)
def test_acknowledge_terms_change_lets_the_account_follow(account, approver, kind, column, value):
    decision, key = approved(account, approver, kind)
    before = getattr(account, column)
    account.refresh_from_db()
    assert getattr(account, column) == before

    acknowledge_terms_change(effect_key=key, accepted=True, actor=None, at=AT)

    account.refresh_from_db()
    decision.refresh_from_db()
    assert getattr(account, column) == value
    assert (decision.state, decision.effective_on) == ("ACKNOWLEDGED", TODAY)


def test_acknowledge_terms_change_of_a_cut_keeps_what_the_limit_was(account, approver):
    _decision, key = approved(account, approver, "LIMIT_CUT")

    acknowledge_terms_change(effect_key=key, accepted=True, actor=None, at=AT)

    account.refresh_from_db()
    assert account.pre_default_limit == Decimal("60000.00")


def test_acknowledge_terms_change_again_changes_nothing(account, approver):
    _decision, key = approved(account, approver, "LIMIT_INCREASE")
    acknowledge_terms_change(effect_key=key, accepted=True, actor=None, at=AT)
    type(account).objects.filter(pk=account.pk).update(credit_limit=70000)

    acknowledge_terms_change(effect_key=key, accepted=True, actor=None, at=AT)

    account.refresh_from_db()
    assert account.credit_limit == 70000


def test_acknowledge_terms_change_refused_is_a_visible_problem_that_may_heal(account, approver):
    decision, key = approved(account, approver, "FREEZE")

    refused = acknowledge_terms_change(effect_key=key, accepted=False, refused_reason="closed", actor=None, at=AT)

    account.refresh_from_db()
    decision.refresh_from_db()
    assert (refused.refused_reason, account.status, decision.state) == ("closed", "ACTIVE", "APPROVED")
    acknowledge_terms_change(effect_key=key, accepted=True, actor=None, at=AT)
    account.refresh_from_db()
    assert account.status == "FROZEN"


def test_acknowledge_terms_change_keeps_only_the_digest_of_a_refusal_in_the_trail(account, approver):
    _decision, key = approved(account, approver, "FREEZE")

    acknowledge_terms_change(effect_key=key, accepted=False, refused_reason="Chen Er died", actor=None, at=AT)

    assert AuditEntry.objects.get(action="terms.refused").body == {
        "effect_key": key,
        "reason_digest": text_digest(text="Chen Er died", kind="terms.refusal"),
    }


def test_acknowledge_terms_change_refused_after_acceptance_is_a_conflict(account, approver):
    _decision, key = approved(account, approver, "FREEZE")
    acknowledge_terms_change(effect_key=key, accepted=True, actor=None, at=AT)

    with pytest.raises(StateConflict):
        acknowledge_terms_change(effect_key=key, accepted=False, refused_reason="late", actor=None, at=AT)


def test_acknowledge_terms_change_refused_without_reason_is_invalid(account, approver):
    _decision, key = approved(account, approver, "FREEZE")

    with pytest.raises(InvalidInput):
        acknowledge_terms_change(effect_key=key, accepted=False, actor=None, at=AT)


@pytest.mark.django_db
def test_acknowledge_terms_change_of_an_unknown_key_is_missing():
    with pytest.raises(Missing):
        acknowledge_terms_change(effect_key="1-2-LIMIT", accepted=True, actor=None, at=AT)


def test_write_terms_again_writes_nothing(account, approver):
    decision, _key = approved(account, approver, "FREEZE")

    written = write_terms_changes(decisions=Decision.objects.filter(pk=decision.pk), at=AT)

    assert (written, TermsChange.objects.count(), OutboxEvent.objects.filter(topic="terms.changed").count()) == (
        0,
        1,
        1,
    )


def test_mark_terms_sent_follows_what_the_relay_handed_over(account, approver):
    decision, _key = approved(account, approver, "FREEZE")
    assert mark_terms_sent(at=AT) == 0
    # Handed over to nobody is not sent.
    OutboxEvent.objects.update(fanned_out_at=AT, receivers=0)
    assert mark_terms_sent(at=AT) == 0
    OutboxEvent.objects.update(receivers=1)

    sent = mark_terms_sent(at=AT)

    decision.refresh_from_db()
    assert (sent, decision.state, TermsChange.objects.get().sent_at) == (1, "SENT", AT)
