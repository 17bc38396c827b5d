"""Database expressions that judge one row of facts by all rules of a policy: each rule is one bit of a number."""

from datetime import date
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Case, Exists, Expression, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from cases.models import AccountFacts, RuleMute
from cases.rules.policy.body import PolicyRules, Rule, Tree
from cases.rules.policy.conditions import NEVER, comparable_q, condition_q, judged_q
from cases.services.trials.compared_versions import ComparedVersions

OVERDUE = Q(days_past_due__gt=0) | Q(arrears_amount__gt=0)
# Bits of `elsewhere_mask`: another segment's policy gives the borrower a reason, and a reason that needs a visit.
REASON, VISIT = 1, 2
_ZERO = Value(0, output_field=BigIntegerField())


def overdue_facts(*, business_date: date, lower: int, upper: int) -> "QuerySet[AccountFacts]":
    """Return the facts of overdue accounts of one business date, of the borrowers in [lower, upper)."""
    facts: QuerySet[AccountFacts] = AccountFacts.objects.filter(
        OVERDUE, business_date=business_date, borrower_id__gte=lower, borrower_id__lt=upper
    )
    return facts


def rules_mask(*, policy: PolicyRules | None, scope: Q) -> Expression:
    """
    Return the number whose bits are the visit rules that hold, by their position in the policy.

    The same meaning as `rule_q` of each rule, with the gate evaluated once. 0 outside `scope` and without a policy.
    """
    if policy is None or not policy.rules:
        return _ZERO
    passed = scope & judged_q(policy=policy) & condition_q(policy.gate, policy=policy)
    return _when(passed, _bits([rule.when for rule in policy.rules], policy))


def trees_mask(*, trees: list[Tree], policy: PolicyRules | None, scope: Q) -> Expression:
    """Return the number whose bits are the conditions that hold, by position; the gate is not asked."""
    if policy is None or not trees:
        return _ZERO
    return _when(scope & judged_q(policy=policy), _bits(trees, policy))


def elsewhere_mask(*, compared: ComparedVersions, business_date: date) -> Expression:
    """Return the REASON and VISIT bits of accounts that the policies of other segments judge, without muted reasons."""
    whens = []
    for page in compared.elsewhere():
        passed = (
            compared.book.accounts_q(page)
            & judged_q(policy=page.rules)
            & condition_q(page.rules.gate, policy=page.rules)
        )
        for bits, rules in (
            (REASON | VISIT, [r for r in page.rules.rules if r.needs_visit]),
            (REASON, page.rules.rules),
        ):
            some = NEVER
            for rule in rules:
                some |= condition_q(rule.when, policy=page.rules) & _unmuted(rule, business_date)
            whens.append(When(passed & some, then=Value(bits)))
    return Case(*whens, default=_ZERO, output_field=BigIntegerField()) if whens else _ZERO


def uncompared(*, compared: ComparedVersions) -> Expression:
    """Return whether the new version has no rate for the account's currency, so that it judges no amount."""
    found = When(compared.scope & ~comparable_q(policy=compared.new), then=Value(True))
    return Case(found, default=Value(False), output_field=BooleanField())


def visit_bits(policy: PolicyRules | None) -> int:
    """Return the bits of the rules that need a visit."""
    rules = () if policy is None else policy.rules
    return sum(1 << position for position, rule in enumerate(rules) if rule.needs_visit)


def _unmuted(rule: Rule, business_date: date) -> Q:
    muted = RuleMute.objects.filter(borrower_id=OuterRef("borrower_id"), rule=rule.code, until__gte=business_date)
    return Q(~Exists(muted))


def _bits(trees: list[Tree], policy: PolicyRules) -> Combinable:
    bits: Combinable | None = None
    for position, tree in enumerate(trees):
        bit = _when(condition_q(tree, policy=policy), Value(1 << position, output_field=BigIntegerField()))
        bits = bit if bits is None else bits + bit
    return _ZERO if bits is None else bits


def _when(condition: Q, then: Any) -> Expression:
    return Case(When(condition, then=then), default=_ZERO, output_field=BigIntegerField())
