"""What the core's files say of terms: agreed, not yet, different, or set of its own accord."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cases.models import Account, AccountTerm, TermsChange, TermsMeasure
from cases.rules.policy.features import REWARD_KINDS
from cases.services.decisions.acknowledgements import acknowledge_terms_change
from cases.services.decisions.core_word import hear_accounts
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.reversal import reverse_decision
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue, pay_up

LATER = AT + timedelta(days=2, microseconds=9)


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def approve(account, approver, kind, **fields):
    if kind in REWARD_KINDS:
        pay_up(account)
    decision = make_decision(account=account, kind=kind, **fields)
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    return decision


def answer(account, field, version, value):
    key = f"{account.pk}-{field}-{version}"
    acknowledge_terms_change(effect_key=key, accepted=True, value=value, actor=None, at=AT)


def file_says(account, *, days=2, **columns):
    Account.objects.filter(pk=account.pk).update(as_of=TODAY + timedelta(days=days), **columns)
    return hear_accounts(at=LATER)


def lines(account):
    return list(TermsChange.objects.filter(account=account).order_by("version").values_list("before", "after"))


def test_a_limit_that_the_core_sets_is_the_base_and_undoing_an_old_reward_raises_nothing(account, approver):
    reward = approve(account, approver, "LIMIT_INCREASE")
    answer(account, "LIMIT", 1, "66000")

    assert file_says(account, credit_limit=Decimal(20000)) == 1

    reward.refresh_from_db()
    term = AccountTerm.objects.get()
    assert (term.base, term.effective, reward.state) == ("20000.00", "20000.00", "LIFTED")
    assert TermsMeasure.objects.get().end_reason == "CORE"
    assert lines(account) == [("60000.00", "66000.00")]
    assert file_says(account, credit_limit=Decimal(20000)) == 0


def test_a_cap_that_stands_is_instructed_again_over_a_limit_that_the_core_raises(account, approver):
    cut = approve(account, approver, "LIMIT_CUT")
    answer(account, "LIMIT", 1, "30000")

    file_says(account, credit_limit=Decimal(80000))
    reverse_decision(decision=cut, reason="Wrong account", actor=approver, at=LATER)

    assert lines(account) == [("60000.00", "30000.00"), ("80000.00", "30000.00"), ("30000.00", "80000.00")]


def test_a_value_of_the_core_comes_again_after_an_instruction_under_way(account, approver):
    approve(account, approver, "LIMIT_INCREASE")

    file_says(account, credit_limit=Decimal(20000))

    # The first may still be carried out; the second restores what the core set.
    assert lines(account) == [("60000.00", "66000.00"), ("20000.00", "20000.00")]


def test_a_file_from_before_the_answer_says_nothing(account, approver):
    approve(account, approver, "LIMIT_INCREASE")
    answer(account, "LIMIT", 1, "66000")

    assert file_says(account, days=0, credit_limit=Decimal(60000)) == 0
    assert AccountTerm.objects.get().trouble == ""


def test_an_old_value_in_a_later_file_is_trouble_until_the_file_agrees(account, approver):
    approve(account, approver, "LIMIT_INCREASE")
    answer(account, "LIMIT", 1, "66000")

    file_says(account, credit_limit=Decimal(60000))
    assert AccountTerm.objects.get().trouble == "DIFFERS"
    file_says(account, days=3, credit_limit=Decimal(66000))

    assert (AccountTerm.objects.get().trouble, len(lines(account))) == ("", 1)


def test_a_rate_that_the_core_sets_keeps_the_reductions_that_stand(account, approver):
    approve(account, approver, "RATE_REDUCTION")
    answer(account, "RATE", 1, "0.175")

    file_says(account, annual_rate=Decimal("0.12"))

    assert lines(account) == [("0.18000", "0.17500"), ("0.12000", "0.11500")]


def test_hear_accounts_costs_one_statement_where_all_agree(account, approver, django_assert_num_queries):
    approve(account, approver, "LIMIT_CUT")
    answer(account, "LIMIT", 1, "30000")

    # Savepoint and release beside it.
    with django_assert_num_queries(3):
        hear_accounts(at=LATER)
