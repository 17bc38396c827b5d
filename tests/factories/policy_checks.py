"""Short ways to write the rules of a policy and to read the findings of its checks."""

from typing import Any

from django.utils.translation import override

from cases.rules.policy.checks import check_policy
from cases.rules.policy.findings import Finding
from cases.rules.policy.parser import parse_policy
from tests.factories.policy import make_rule, policy_body

PROTECTED = [
    {"feature": "protected_flags", "op": "eq", "value": 0},
    {"feature": "on_active_plan", "op": "is", "value": False},
]


def is_(feature: str, op: str, value: Any) -> dict[str, Any]:
    return {"feature": feature, "op": op, "value": value}


def band(code: str, low: int, high: int, *more: Any, feature: str = "days_past_due") -> dict[str, Any]:
    return make_rule(code=code, when={"all": [is_(feature, "gte", low), is_(feature, "lte", high), *more]})


def reward(code: str, when: Any, kind: str = "LIMIT_INCREASE") -> dict[str, Any]:
    effect = {"kind": kind, "percent": 10} if kind == "LIMIT_INCREASE" else {"kind": kind, "points": "0.005"}
    return {"code": code, "title": {"en": code, "zh": code}, "when": when, "effect": effect}


def restriction(code: str, when: Any) -> dict[str, Any]:
    effect = {"kind": "FREEZE", "expires_days": 90}
    return {"code": code, "title": {"en": code, "zh": code}, "when": when, "effect": effect}


def findings(**changes: Any) -> list[Finding]:
    bare: dict[str, Any] = {"rewards": [], "restrictions": []}
    with override("en"):
        return list(check_policy(parse_policy(policy_body(**(bare | changes)))))


def kinds(*wanted: str, **changes: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(str(f.severity), str(f.kind), f.paths) for f in findings(**changes) if not wanted or str(f.kind) in wanted]
