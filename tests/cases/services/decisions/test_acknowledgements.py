"""The core's answers: applied once, in order, with the value instructed; and the note of what was delivered."""

from decimal import Decimal

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, Missing, StateConflict
from backoffice.outbox.models import OutboxEvent, WebhookDelivery
from cases.models import AccountTerm, TermsChange
from cases.rules.policy.features import REWARD_KINDS
from cases.services.casework.digests import text_digest
from cases.services.decisions.acknowledgements import acknowledge_terms_change, mark_terms_sent
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.reversal import reverse_decision
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.outbox import make_endpoint
from tests.factories.portfolio import make_overdue, pay_up


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def approved(account, approver, kind):
    if kind in REWARD_KINDS:
        pay_up(account)
    decision = make_decision(account=account, kind=kind)
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    return decision, TermsChange.objects.get(decision=decision).effect_key


def accept(key, *, value=None, at=AT):
    value = TermsChange.objects.get(effect_key=key).after if value is None else value
    return acknowledge_terms_change(effect_key=key, accepted=True, value=value, actor=None, at=at)


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

    accept(key)

    account.refresh_from_db()
    decision.refresh_from_db()
    assert getattr(account, column) == value
    assert (decision.state, decision.effective_on) == ("ACKNOWLEDGED", TODAY)


def test_acknowledge_terms_change_of_a_cut_keeps_what_the_limit_was(account, approver):
    _decision, key = approved(account, approver, "LIMIT_CUT")

    accept(key)

    account.refresh_from_db()
    assert account.pre_default_limit == Decimal("60000.00")


def test_acknowledge_terms_change_again_changes_nothing(account, approver):
    _decision, key = approved(account, approver, "LIMIT_INCREASE")
    accept(key)
    type(account).objects.filter(pk=account.pk).update(credit_limit=70000)

    accept(key)

    account.refresh_from_db()
    assert account.credit_limit == 70000


def test_acknowledge_terms_change_refused_is_a_visible_problem_that_may_heal(account, approver):
    decision, key = approved(account, approver, "FREEZE")

    refused = acknowledge_terms_change(effect_key=key, accepted=False, refused_reason="closed", actor=None, at=AT)

    account.refresh_from_db()
    decision.refresh_from_db()
    assert (refused.refused_reason, account.status, decision.state) == ("closed", "ACTIVE", "APPROVED")
    accept(key)
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
    accept(key)

    with pytest.raises(StateConflict):
        acknowledge_terms_change(effect_key=key, accepted=False, refused_reason="late", actor=None, at=AT)


def test_acknowledge_terms_change_refused_without_reason_is_invalid(account, approver):
    _decision, key = approved(account, approver, "FREEZE")

    with pytest.raises(InvalidInput):
        acknowledge_terms_change(effect_key=key, accepted=False, actor=None, at=AT)


@pytest.mark.django_db
def test_acknowledge_terms_change_of_an_unknown_key_is_missing():
    with pytest.raises(Missing):
        acknowledge_terms_change(effect_key="1-2-LIMIT", accepted=True, value="1", actor=None, at=AT)


@pytest.mark.parametrize("value", ["", "  ", "sixty", "NaN", "Infinity", "1e20"])
def test_acknowledge_terms_change_needs_the_value_that_the_core_holds(account, approver, value):
    _decision, key = approved(account, approver, "LIMIT_CUT")

    with pytest.raises(InvalidInput) as refusal:
        accept(key, value=value)

    assert refusal.value.field == "value"


def test_acknowledge_terms_change_takes_a_value_in_another_form(account, approver):
    _decision, key = approved(account, approver, "LIMIT_CUT")

    assert accept(key, value=" 30000 ").acknowledged_at == AT


def test_acknowledge_terms_change_of_another_value_is_trouble_and_not_applied(account, approver):
    decision, key = approved(account, approver, "LIMIT_CUT")

    change = accept(key, value="3000")

    account.refresh_from_db()
    decision.refresh_from_db()
    term = AccountTerm.objects.get(account=account, field="LIMIT")
    assert (change.acknowledged_at, change.answered_value) == (None, "3000.00")
    assert (account.credit_limit, decision.state, term.trouble) == (60000, "APPROVED", "OTHER_VALUE")
    accept(key)
    term.refresh_from_db()
    decision.refresh_from_db()
    assert (decision.state, term.trouble, term.held) == ("ACKNOWLEDGED", "", "30000.00")


def test_acknowledge_terms_change_late_is_kept_and_changes_nothing(account, approver):
    decision, key = approved(account, approver, "FREEZE")
    reverse_decision(decision=decision, reason="Wrong account", actor=approver, at=AT)
    newest = TermsChange.objects.latest("version")
    accept(newest.effect_key)

    late = accept(key)

    account.refresh_from_db()
    term = AccountTerm.objects.get(account=account, field="STATUS")
    assert (late.acknowledged_at, account.status) == (AT, "ACTIVE")
    assert (term.held, term.acknowledged_version, term.version) == ("ACTIVE", 2, 2)


def test_mark_terms_sent_follows_what_an_endpoint_has_taken(account, approver):
    decision, _key = approved(account, approver, "FREEZE")
    assert mark_terms_sent(at=AT) == 0
    # Handed over is not delivered.
    OutboxEvent.objects.update(fanned_out_at=AT, receivers=1)
    delivery = WebhookDelivery.objects.create(
        event=OutboxEvent.objects.get(topic="terms.changed"), endpoint=make_endpoint(), due_at=AT
    )
    assert mark_terms_sent(at=AT) == 0
    WebhookDelivery.objects.filter(pk=delivery.pk).update(state="DELIVERED", delivered_at=AT)

    sent = mark_terms_sent(at=AT)

    decision.refresh_from_db()
    assert (sent, decision.state, TermsChange.objects.get().sent_at) == (1, "SENT", AT)
