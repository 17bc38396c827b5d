"""How many accounts the rewards and restrictions of two versions would reach."""

# ruff: noqa: S608 - composed of our own names; values are quoted by the driver

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet

from backoffice.core.batches import inlined
from cases.models import AccountFacts
from cases.rules.policy.body import PolicyRules, StandingRule
from cases.rules.trials.trial_figures import Counts
from cases.services.trials.compared_versions import ComparedVersions
from cases.services.trials.comparison import fetch
from cases.services.trials.rule_masks import trees_mask

# The nightly standing job restricts nobody who is protected or keeps a plan (services/evaluation/standing.py).
_UNPROTECTED: Final = Q(protected_flags=0, on_active_plan=False)


def standing_range(*, compared: ComparedVersions, business_date: date, lower: int, upper: int) -> dict[str, Counts]:
    """
    Return the accounts that each reward and restriction would reach: by "new" and "old", by rule code.

    One statement over the borrowers in [lower, upper). Of several rules with one kind of effect only the first that
    holds counts. Restrictions pass over protected borrowers and accounts with a kept plan. Caps, waiting times and
    existing decisions are not considered, so the nightly job may propose fewer.
    """
    asked: list[tuple[str, tuple[StandingRule, ...]]] = []
    columns: dict[str, Any] = {}
    for side, policy in (("new", compared.new), ("old", compared.old)):
        for name, rules in _standing(policy):
            scope = compared.scope if name == "rewards" else compared.scope & _UNPROTECTED
            columns[f"{side}_{name}"] = trees_mask(trees=[rule.when for rule in rules], policy=policy, scope=scope)
            asked.append((side, rules))
    facts: QuerySet[Any, Any] = AccountFacts.objects.filter(
        business_date=business_date, borrower_id__gte=lower, borrower_id__lt=upper
    )
    names = ", ".join(f'"{name}"' for name in columns)
    rows = inlined(facts.annotate(**columns).values_list(*columns))
    grouped = f"SELECT {names}, count(*) FROM ({rows}) judged GROUP BY {names}"
    found: dict[str, Counts] = {"new": {}, "old": {}}
    for *masks, number in fetch(grouped, {}):
        for (side, rules), mask in zip(asked, masks, strict=True):
            for code in _first_of_each_kind(rules, mask):
                found[side][code] = found[side].get(code, 0) + number
    return found


def _standing(policy: PolicyRules | None) -> tuple[tuple[str, tuple[StandingRule, ...]], ...]:
    if policy is None:
        return (("rewards", ()), ("restrictions", ()))
    return (("rewards", policy.rewards), ("restrictions", policy.restrictions))


def _first_of_each_kind(rules: tuple[StandingRule, ...], mask: int) -> Iterable[str]:
    kinds: set[str] = set()
    for position, rule in enumerate(rules):
        if mask >> position & 1 and rule.effect.kind not in kinds:
            kinds.add(rule.effect.kind)
            yield rule.code
