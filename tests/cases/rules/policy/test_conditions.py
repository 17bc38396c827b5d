"""Conditions as database conditions: unknown values, currencies, and every operator, judged by PostgreSQL."""

from decimal import Decimal
from typing import Any

import pytest

from cases.models import AccountFacts
from cases.rules.policy.conditions import comparable_q, condition_q, rule_q
from cases.rules.policy.parser import parse_policy
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, policy_body
from tests.factories.portfolio import make_overdue

pytestmark = pytest.mark.django_db


def holds(when: Any, **facts: Any) -> bool:
    """Return whether a condition holds for the one account of the test with these facts."""
    AccountFacts.objects.update(**facts)
    policy = parse_policy(policy_body(rules=[make_rule(when=when)]))
    return AccountFacts.objects.filter(condition_q(policy.rules[0].when, policy=policy)).exists()


@pytest.fixture(autouse=True)
def _facts(shanghai: Any) -> None:
    make_facts(account=make_overdue(territory=shanghai))


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("gte", [False, True, True]),
        ("gt", [False, False, True]),
        ("lte", [True, True, False]),
        ("lt", [True, False, False]),
        ("eq", [False, True, False]),
    ],
)
def test_numbers_compare_with_the_threshold(op: str, expected: list[bool]) -> None:
    when = {"feature": "attempts", "op": op, "value": 5}

    assert [holds(when, attempts=number) for number in (4, 5, 6)] == expected


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [
        ("eq", "A", [True, False]),
        ("ne", "A", [False, True]),
        ("in", ["A", "C"], [True, False]),
        ("not_in", ["A", "C"], [False, True]),
    ],
)
def test_words_compare_with_one_or_several(op: str, value: Any, expected: list[bool]) -> None:
    when = {"feature": "segment", "op": op, "value": value}

    assert [holds(when, segment=word) for word in ("A", "B")] == expected


def test_an_unknown_value_meets_no_comparison_and_so_meets_the_negation() -> None:
    when = {"feature": "days_since_login", "op": "gte", "value": 5}

    assert holds(when, days_since_login=None) is False
    assert holds({"not": when}, days_since_login=None) is True
    assert holds({"not": {"not": when}}, days_since_login=None) is False


def test_amounts_are_compared_at_the_rate_of_the_accounts_currency() -> None:
    when = {"feature": "arrears_amount", "op": "gte", "value": "100"}
    policy = parse_policy(policy_body(rates={"CNY": "1", "TWD": "4.4"}, rules=[make_rule(when=when)]))
    found = []
    for currency, amount in (("CNY", "100"), ("TWD", "439.99"), ("TWD", "440"), ("EUR", "9999")):
        AccountFacts.objects.update(currency=currency, arrears_amount=Decimal(amount))
        found.append(AccountFacts.objects.filter(condition_q(policy.rules[0].when, policy=policy)).exists())

    assert found == [True, False, True, False]
    assert AccountFacts.objects.filter(comparable_q(policy=policy)).exists() is False


def test_a_visit_rule_needs_the_gate_and_a_currency_with_a_rate() -> None:
    gate = {"feature": "days_past_due", "op": "gte", "value": 10}
    always = {"feature": "attempts", "op": "gte", "value": 0}
    policy = parse_policy(policy_body(gate=gate, rules=[make_rule(when=always)]))
    found = []
    for currency, days in (("CNY", 10), ("CNY", 9), ("EUR", 10)):
        AccountFacts.objects.update(currency=currency, days_past_due=days)
        found.append(AccountFacts.objects.filter(rule_q(policy.rules[0].when, policy=policy)).exists())

    assert found == [True, False, False]
