"""Factories of policies in force, without submission and approval."""

from copy import deepcopy
from datetime import date
from typing import Any

from cases.models import Policy, PolicyTerm, PolicyVersion, StrategyUpgrade
from cases.rules.policy.default_policy import DEFAULT_POLICY
from tests.factories.portfolio import AT, TODAY


def policy_body(**changes: Any) -> dict[str, Any]:
    """Return the shipped policy's body with top-level entries replaced."""
    return deepcopy(DEFAULT_POLICY) | changes


def make_version(
    *, state: str = "ACTIVE", number: int = 1, segment: str = "", effective_from: date = TODAY, **changes: Any
) -> PolicyVersion:
    """Make a version of a segment's policy, in force by default; `changes` replace entries of the shipped body."""
    name = f"doorstep {segment}" if segment else "doorstep"
    policy, _ = Policy.objects.get_or_create(segment=segment, defaults={"name": name, "created_at": AT})
    version = PolicyVersion.objects.create(
        policy=policy,
        number=number,
        body=policy_body(**changes),
        state=state,
        effective_from=effective_from,
        created_at=AT,
        updated_at=AT,
    )
    if state == "ACTIVE":
        PolicyTerm.objects.create(
            policy=policy, version=version, effective_from=effective_from, created_at=AT, updated_at=AT
        )
    return version


def make_rule(
    *, code: str = "LARGE_ARREARS", feature: str = "arrears_amount", op: str = "gte", value: Any = "20000", **more: Any
) -> dict[str, Any]:
    """Return the body of one rule with a single condition."""
    return {
        "code": code,
        "title": {"en": code.title(), "zh": code},
        "priority": 2,
        "needs_visit": True,
        "when": {"feature": feature, "op": op, "value": value},
    } | more


def make_upgrade(*, raised_by: Any, approved_by: Any, **fields: Any) -> StrategyUpgrade:
    """Make a strategy upgrade of a territory or segment that is in force on the test's day."""
    values = {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 4, 1), "reason": "roll rate", "created_at": AT}
    return StrategyUpgrade.objects.create(raised_by=raised_by, approved_by=approved_by, **(values | fields))
