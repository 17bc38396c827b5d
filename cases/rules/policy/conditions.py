"""Policy rules as database conditions (Q). Nightly runs, counts and trials all use these; there is no other evaluation."""

from decimal import Decimal

from django.db.models import Q

from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, PolicyRules, Tree
from cases.rules.policy.feature import Unit
from cases.rules.policy.features import FEATURES

NEVER = Q(pk__in=())


def condition_q(tree: Tree, *, policy: PolicyRules) -> Q:
    """
    Return `tree` as a condition over AccountFacts.

    It is true or false, never unknown: an unknown value meets no comparison, so the negation of the comparison holds.
    Amounts in a currency without a rate cannot be compared; `comparable_q` excludes those accounts from every rule.
    """
    if isinstance(tree, AllOf):
        every = Q()
        for part in tree.parts:
            every &= condition_q(part, policy=policy)
        return every
    if isinstance(tree, AnyOf):
        some = Q()
        for part in tree.parts:
            some |= condition_q(part, policy=policy)
        return some
    if isinstance(tree, Not):
        return ~condition_q(tree.part, policy=policy)
    return _comparison(tree, policy=policy)


def rule_q(when: Tree, *, policy: PolicyRules) -> Q:
    """Return the condition under which a visit rule holds: the account can be judged, the gate passes, and `when` holds."""
    return judged_q(policy=policy) & condition_q(policy.gate, policy=policy) & condition_q(when, policy=policy)


def judged_q(*, policy: PolicyRules) -> Q:
    """Return the condition that an account can be judged: its amounts can be compared, and its figures are not too old."""
    most = policy.parameters.max_figures_age_days
    return comparable_q(policy=policy) & (Q() if most is None else Q(figures_age_days__lte=most))


def comparable_q(*, policy: PolicyRules) -> Q:
    """Return the condition that the account's currency has a rate, so that its amounts can be compared."""
    return Q(currency__in=sorted(policy.rates))


def _comparison(condition: Condition, *, policy: PolicyRules) -> Q:
    feature = FEATURES[condition.feature]
    if feature.unit == Unit.MONEY:
        assert isinstance(condition.value, Decimal)  # noqa: S101 - the parser gives amounts as Decimal
        some = Q()
        for currency, rate in sorted(policy.rates.items()):
            some |= Q(currency=currency, **{f"{feature.name}__{condition.op}": condition.value * rate})
        return some
    if condition.op == "ne":
        return ~Q(**{feature.name: condition.value})
    if condition.op == "not_in":
        return ~Q(**{f"{feature.name}__in": condition.value})
    lookup = feature.name if condition.op in ("eq", "is") else f"{feature.name}__{condition.op}"
    known = Q(**{f"{feature.name}__isnull": False}) if feature.nullable else Q()
    return known & Q(**{lookup: condition.value})
