"""All rules of a policy as bits of one number: the same answer as each rule asked alone."""

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q

from cases.models import AccountFacts, PolicyVersion
from cases.rules.policy.conditions import rule_q
from cases.rules.policy.parser import parse_policy
from cases.services.trials.compared_versions import compared_versions
from cases.services.trials.rule_masks import (
    REASON,
    VISIT,
    elsewhere_mask,
    overdue_facts,
    rules_mask,
    trees_mask,
    uncompared,
    visit_bits,
)
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version, policy_body
from tests.factories.portfolio import TODAY, make_account, make_borrower, make_overdue

pytestmark = pytest.mark.django_db
RULES = [
    make_rule(code="LARGE", value="20000"),
    make_rule(code="DESK", feature="days_past_due", value=40, needs_visit=False),
    make_rule(code="OLD", feature="days_past_due", value=90),
]


def test_each_bit_is_the_rule_at_its_position(shanghai: Any) -> None:
    policy = parse_policy(policy_body(rules=RULES))
    for arrears, days, currency in (
        ("30000", 95, "CNY"),
        ("10000", 45, "CNY"),
        ("30000", 5, "CNY"),
        ("9e9", 95, "XXX"),
    ):
        make_facts(account=make_overdue(territory=shanghai, arrears=arrears, days=days, currency=currency))

    masks = AccountFacts.objects.annotate(mask=rules_mask(policy=policy, scope=Q(account_id__isnull=False)))

    expected = {
        pk: sum(
            1 << position
            for position, rule in enumerate(policy.rules)
            if AccountFacts.objects.filter(rule_q(rule.when, policy=policy), pk=pk).exists()
        )
        for pk in AccountFacts.objects.values_list("pk", flat=True)
    }
    assert dict(masks.values_list("pk", "mask")) == expected
    assert set(expected.values()) >= {0b111, 0b010, 0}
    assert visit_bits(policy) == 0b101


def test_without_policy_or_outside_the_scope_no_bit_is_set(shanghai: Any) -> None:
    policy = parse_policy(policy_body(rules=RULES))
    make_facts(account=make_overdue(territory=shanghai, arrears="90000", days=95))

    def mask(expression: Any) -> int:
        return AccountFacts.objects.annotate(mask=expression).values_list("mask", flat=True).get()

    everybody = Q(account_id__isnull=False)
    assert mask(rules_mask(policy=None, scope=everybody)) == 0
    assert mask(rules_mask(policy=policy, scope=Q(segment="x"))) == 0
    assert mask(trees_mask(trees=[rule.when for rule in policy.rules], policy=policy, scope=everybody)) == 0b111
    assert visit_bits(None) == 0


def test_only_overdue_accounts_of_the_range_are_judged(shanghai: Any) -> None:
    owing = make_overdue(territory=shanghai)
    current = make_account(borrower=make_borrower(territory=shanghai))
    for account in (owing, current):
        make_facts(account=account)

    found = overdue_facts(business_date=TODAY, lower=0, upper=owing.borrower_id + 1)
    none = overdue_facts(business_date=TODAY, lower=0, upper=owing.borrower_id)

    assert ([fact.account_id for fact in found], none.count()) == ([owing.pk], 0)


def test_policies_of_other_segments_give_reasons_and_visits(shanghai: Any) -> None:
    version = make_version(rules=RULES)
    vip = make_version(segment="vip", rules=[make_rule(code="V1", value="50000"), RULES[1]])
    compared = compared_versions(version=version, body=version.body, against=None, others={"vip": vip})
    for segment, arrears, days in (("vip", "60000", 35), ("vip", "10000", 45), ("vip", "10000", 35), ("", "60000", 95)):
        make_facts(account=make_overdue(territory=shanghai, arrears=arrears, days=days, segment=segment))

    masks = AccountFacts.objects.annotate(mask=elsewhere_mask(compared=compared, business_date=TODAY)).order_by("pk")

    assert list(masks.values_list("mask", flat=True)) == [REASON | VISIT, REASON, 0, 0]


def test_an_account_in_a_currency_without_a_rate_is_uncompared(shanghai: Any) -> None:
    version: PolicyVersion = make_version(rules=RULES)
    compared = compared_versions(version=version, body=version.body, against=None, others={})
    for currency in ("CNY", "XXX"):
        make_facts(account=make_overdue(territory=shanghai, currency=currency, arrears=Decimal(100)))

    found = AccountFacts.objects.annotate(is_uncompared=uncompared(compared=compared)).order_by("pk")

    assert list(found.values_list("is_uncompared", flat=True)) == [False, True]
