"""Whether conditions hold for the facts of one verification."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, ProposalRow, Tree


def holds(tree: Tree, *, facts: Mapping[str, Any]) -> bool:
    """Return whether a tree holds for `facts`; a fact that is missing or None meets no comparison."""
    if isinstance(tree, AllOf):
        return all(holds(part, facts=facts) for part in tree.parts)
    if isinstance(tree, AnyOf):
        return any(holds(part, facts=facts) for part in tree.parts)
    if isinstance(tree, Not):
        return not holds(tree.part, facts=facts)
    return _meets(facts.get(tree.feature), tree)


def first_row(rows: Iterable[ProposalRow], *, facts: Mapping[str, Any]) -> ProposalRow | None:
    """Return the first row whose conditions hold, None if there is none."""
    return next((row for row in rows if holds(row.when, facts=facts)), None)


def _meets(value: Any, condition: Condition) -> bool:
    if value is None:
        return False
    asked = condition.value
    if condition.op == "is":
        return value is asked
    if condition.op in ("in", "not_in"):
        words = asked if isinstance(asked, tuple) else (asked,)
        return (value in words) is (condition.op == "in")
    if condition.op in ("eq", "ne"):
        return bool(value == asked) is (condition.op == "eq")
    number, bound = Decimal(value), Decimal(str(asked))
    return {"gte": number >= bound, "gt": number > bound, "lte": number <= bound, "lt": number < bound}[condition.op]
