"""What became of the accounts that two versions flag, and whom their rewards and restrictions would reach."""

# ruff: noqa: S608 - composed of our own names; values are quoted by the driver

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from backoffice.core.batches import inlined
from cases.models import AccountFacts, ObservedOutcome
from cases.rules.policy.body import PolicyRules, StandingRule
from cases.rules.trials.trial_figures import Counts, bits_of
from cases.services.trials.compared_versions import Sides, trees_mask
from cases.services.trials.comparison import fetch, range_params, seen_sql
from cases.services.trials.trial_sql import OUTCOMES

# An outcome says something about a business date if it was observed after it and not much more than a year later.
OUTCOME_DAYS: Final = 400
# What no restriction of the standing job passes over (services/standing.py).
_UNPROTECTED: Final = Q(protected_flags=0, on_active_plan=False)


def outcomes_range(*, sides: Sides, business_date: date, lower: int, upper: int) -> dict[str, dict[str, Any]]:
    """
    Count, of the accounts of the range whose outcome is known, how many each side had flagged; one statement.

    By OutcomeKind: "observed", "bad", of them "judged" and "judged_bad" (overdue on the business date), and by side
    and rule ("" for any) the flagged accounts and how many of them turned out badly. Muted reasons flag nobody.
    """
    ends = business_date + timedelta(days=OUTCOME_DAYS)
    known = ObservedOutcome.objects.filter(
        sides.scope_of(path="account__segment"),
        observed_on__gt=business_date,
        observed_on__lte=ends,
        account__borrower_id__gte=lower,
        account__borrower_id__lt=upper,
    ).values_list("account_id", "kind", "is_bad")
    sql = OUTCOMES.format(seen=seen_sql(sides, business_date, lower, upper), outcomes=inlined(known))
    found: dict[str, dict[str, Any]] = {}
    for kind, judged, new, old, is_bad, number in fetch(sql, range_params(sides, business_date, lower, upper)):
        counts = found.setdefault(
            kind,
            {
                "all": defaultdict(int),
                "new": defaultdict(int),
                "old": defaultdict(int),
                "new_bad": defaultdict(int),
                "old_bad": defaultdict(int),
            },
        )
        for name in ("observed", *(["judged"] if judged else [])):
            counts["all"][name] += number
            counts["all"][f"{name}_bad"] += number if is_bad else 0
        for side, mask, codes in (("new", new, sides.codes), ("old", old, sides.old_codes)):
            for code in ("", *bits_of(mask, codes)) if mask else ():
                counts[side][code] += number
                counts[f"{side}_bad"][code] += number if is_bad else 0
    return {kind: {name: dict(values) for name, values in counts.items()} for kind, counts in found.items()}


def standing_range(*, sides: Sides, business_date: date, lower: int, upper: int) -> dict[str, Counts]:
    """
    Count the accounts that each reward and restriction of both sides would reach; one statement.

    Of the rules with one kind of effect the first that holds counts. Restrictions spare protected borrowers and kept
    plans. Caps, respites and decisions that are there already are not looked at: this is the reach, not the proposals.
    """
    asked: list[tuple[str, tuple[StandingRule, ...]]] = []
    columns: dict[str, Any] = {}
    for side, policy in (("new", sides.new), ("old", sides.old)):
        for name, rules in _standing(policy):
            scope = sides.scope if name == "rewards" else sides.scope & _UNPROTECTED
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
    for place, rule in enumerate(rules):
        if mask >> place & 1 and rule.effect.kind not in kinds:
            kinds.add(rule.effect.kind)
            yield rule.code
