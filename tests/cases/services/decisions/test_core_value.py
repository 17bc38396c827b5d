"""The core's own value, accepted as the base by somebody who had no part in the decision."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import Account, AccountTerm, TermsChange, TermsMeasure
from cases.rules.policy.features import REWARD_KINDS
from cases.selectors.casework.named_value import named_value
from cases.services.casework.digests import text_digest
from cases.services.decisions.acknowledgements import acknowledge_terms_change
from cases.services.decisions.core_value import accept_core_value
from cases.services.decisions.core_word import hear_accounts
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.reversal import reverse_decision
from cases.services.decisions.trouble import find_silent_terms
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue, pay_up

LATER = AT + timedelta(days=2, microseconds=9)
NOTE = "The branch agreed this limit"


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


@pytest.fixture
def another(person):
    return person("APPROVER", name="another")


def approve(account, approver, kind, **fields):
    if kind in REWARD_KINDS:
        pay_up(account)
    decision = make_decision(account=account, kind=kind, **fields)
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    return decision


def answer(account, field, version, value):
    key = f"{account.pk}-{field}-{version}"
    acknowledge_terms_change(effect_key=key, accepted=True, value=value, actor=None, at=AT)
    return AccountTerm.objects.get(account=account, field=field)


def accept(term, actor, *, note=NOTE, value=None):
    value = named_value(term=term) if value is None else value
    return accept_core_value(term=term, value=value, note=note, actor=actor, at=LATER)


def lines(account):
    return list(TermsChange.objects.filter(account=account).order_by("version").values_list("before", "after"))


def test_a_limit_that_the_core_answered_is_the_base_and_the_reward_is_part_of_it(account, approver, another):
    reward = approve(account, approver, "LIMIT_INCREASE")
    term = answer(account, "LIMIT", 1, "62000")

    term = accept(term, another)

    account.refresh_from_db()
    reward.refresh_from_db()
    assert (term.base, term.effective, term.held, term.held_before) == ("62000.00", "62000.00", "62000.00", "60000.00")
    assert (term.trouble, term.accepted_by, term.accepted_at) == ("", another, LATER)
    assert (account.credit_limit, reward.state) == (Decimal(62000), "LIFTED")
    assert TermsMeasure.objects.get().end_reason == "CORE"
    # The first instruction may still be carried out; the second comes after it.
    assert lines(account) == [("60000.00", "66000.00"), ("62000.00", "62000.00")]
    answer(account, "LIMIT", 2, "62000")
    assert hear_accounts(at=LATER) == 0
    term.refresh_from_db()
    assert (term.acknowledged_version, term.version, term.trouble) == (2, 2, "")


def test_what_still_stands_is_instructed_on_top_of_the_value(account, approver, another):
    approve(account, approver, "LIMIT_CUT")
    term = answer(account, "LIMIT", 1, "45000")

    term = accept(term, another)

    assert (term.base, term.effective, term.held, term.version) == ("45000.00", "30000.00", "45000.00", 2)
    assert lines(account) == [("60000.00", "30000.00"), ("45000.00", "30000.00")]


def test_a_value_that_the_portfolio_shows_is_the_base(account, approver, another):
    approve(account, approver, "LIMIT_INCREASE")
    answer(account, "LIMIT", 1, "66000")
    Account.objects.filter(pk=account.pk).update(as_of=TODAY + timedelta(days=3), credit_limit=Decimal(60000))
    hear_accounts(at=LATER)
    term = AccountTerm.objects.get()
    assert term.trouble == "DIFFERS"

    term = accept(term, another)

    assert (term.base, term.effective, term.trouble, term.version) == ("60000.00", "60000.00", "", 1)
    # An old file, with the value that the core held before, is not its own word on the limit.
    Account.objects.filter(pk=account.pk).update(credit_limit=Decimal(66000))
    assert hear_accounts(at=LATER) == 0


def test_the_note_is_sealed_and_the_trail_keeps_its_digest(account, approver, another):
    approve(account, approver, "LIMIT_INCREASE")

    term = accept(answer(account, "LIMIT", 1, "62000"), another)

    entry = AuditEntry.objects.get(action="terms.core_value_accepted")
    digest = text_digest(text=NOTE, kind="terms.acceptance")
    assert (entry.body["value"], entry.body["trouble"], entry.body["note_digest"]) == (
        "62000.00",
        "OTHER_VALUE",
        digest,
    )
    assert AccountTerm.objects.get(pk=term.pk).acceptance_note == NOTE


@pytest.mark.parametrize("part", ["proposed_by", "approved_by", "second_approved_by"])
def test_nobody_accepts_who_had_a_part_in_what_stands(account, approver, another, person, part):
    decision = approve(account, approver, "LIMIT_CUT")
    people = {"approved_by": person("APPROVER", name="third"), "proposed_by": None, part: another}
    type(decision).objects.filter(pk=decision.pk).update(**people)
    term = answer(account, "LIMIT", 1, "45000")

    with pytest.raises(SelfApproval):
        accept(term, another)

    term.refresh_from_db()
    assert (term.trouble, term.base, term.accepted_by) == ("OTHER_VALUE", "60000.00", None)


@pytest.mark.parametrize("note", ["", "  "])
def test_a_note_is_asked_for(account, approver, another, note):
    approve(account, approver, "LIMIT_CUT")

    with pytest.raises(InvalidInput):
        accept(answer(account, "LIMIT", 1, "45000"), another, note=note)


def test_an_officer_accepts_nothing(account, approver, officer):
    approve(account, approver, "LIMIT_CUT")

    with pytest.raises(NotAllowed):
        accept(answer(account, "LIMIT", 1, "45000"), officer)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [("FREEZE", "STATUS", "SOMETHING"), ("LIMIT_CUT", "LIMIT", "-1"), ("LEGAL", "COLLECTION", "ODD")],
)
def test_a_value_that_the_term_cannot_have_is_not_accepted(account, approver, another, kind, field, value):
    approve(account, approver, kind)
    term = answer(account, field, 1, value)

    with pytest.raises(StateConflict):
        accept(term, another)


def test_a_value_is_accepted_by_who_saw_it(account, approver, another):
    approve(account, approver, "LIMIT_CUT")
    term = answer(account, "LIMIT", 1, "45000")
    answer(account, "LIMIT", 1, "50000")

    with pytest.raises(StateConflict):
        accept(term, another, value="45000.00")


def test_silence_names_no_value(account, approver, another):
    approve(account, approver, "FREEZE")
    find_silent_terms(at=AT + timedelta(days=1))

    with pytest.raises(StateConflict):
        accept(AccountTerm.objects.get(), another)


def test_a_newer_instruction_under_way_is_waited_for(account, approver, another):
    cut = approve(account, approver, "LIMIT_CUT")
    answer(account, "LIMIT", 1, "45000")
    reverse_decision(decision=cut, reason="Wrong account", actor=approver, at=AT)

    with pytest.raises(StateConflict):
        accept(AccountTerm.objects.get(), another)
