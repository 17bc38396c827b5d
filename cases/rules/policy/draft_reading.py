"""Read an unfinished policy body: list its faults, and return the parts that have none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from backoffice.core.errors import InvalidInput
from cases.rules.policy.body import PolicyRules, ProposalRow, Rule, StandingRule, Tree
from cases.rules.policy.faults import Fault, faults_of
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.placed_rules import SECTIONS

_ANY_ACCOUNT: Final[Mapping[str, Any]] = {"feature": "days_past_due", "op": "gte", "value": 0}
_NAMED: Final = {"code": "AA", "title": {"en": "x", "zh": "x"}}
_HEADS: Final[Mapping[str, Mapping[str, Any]]] = {
    "rules": {**_NAMED, "priority": 1, "needs_visit": True},
    "rewards": {**_NAMED, "effect": {"kind": "LIMIT_INCREASE", "percent": 1}},
    "restrictions": {**_NAMED, "effect": {"kind": "FREEZE", "expires_days": 1}},
    "proposals": {**_NAMED, "result": {"reasons": ["HARDSHIP"], "next_step": "CONTINUE_CONTACT"}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    One rule of a draft with its path, such as rules[2].

    `when` is None if its conditions have a fault, `rule` is None if any part of it has one.
    """

    path: str
    code: str
    when: Tree | None
    rule: Rule | StandingRule | ProposalRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReading:
    """
    A body with its faults and its valid parts. `policy` is the whole policy, None if there is any fault.

    `frame` is a valid policy of the general parts only (currency, rates, parameters, caps, gate), for sentences and
    counts of single rules. `gate` is None if the gate has a fault.
    """

    faults: tuple[Fault, ...]
    policy: PolicyRules | None
    frame: PolicyRules
    gate: Tree | None
    parts: tuple[Part, ...] = field(default=())

    @property
    def is_countable(self) -> bool:
        """Return whether currency, rates and gate are valid, so that the accounts of a rule can be counted."""
        return self.gate is not None and not any(
            f.path.split(".")[0] in ("body", "currency", "rates") for f in self.faults
        )


def read_draft(body: Any) -> PolicyReading:
    """Return the faults and the valid parts of `body`, which may be any JSON value."""
    faults = faults_of(body)
    if not faults:
        policy = parse_policy(body)
        return PolicyReading(faults=(), policy=policy, frame=policy, gate=policy.gate, parts=_whole(policy))
    top = body if isinstance(body, Mapping) else {}
    frame = _frame(top)
    # The gate of the frame is the body's own only where that has no fault.
    gate = None if any(fault.path.startswith("gate") for fault in faults) else frame.gate
    parts = tuple(
        _part(name, index, item)
        for name in SECTIONS
        for index, item in enumerate(top[name] if isinstance(top.get(name), list) else ())
    )
    return PolicyReading(faults=faults, policy=None, frame=frame, gate=gate, parts=parts)


def _whole(policy: PolicyRules) -> tuple[Part, ...]:
    sections: Mapping[str, tuple[Rule | StandingRule | ProposalRow, ...]] = {
        "rules": policy.rules,
        "rewards": policy.rewards,
        "restrictions": policy.restrictions,
        "proposals": policy.proposals,
    }
    return tuple(
        Part(path=f"{name}[{index}]", code=rule.code, when=rule.when, rule=rule)
        for name, rules in sections.items()
        for index, rule in enumerate(rules)
    )


def _frame(top: Mapping[str, Any]) -> PolicyRules:
    """Return a policy of the valid general parts of a body; invalid parts get the default values."""
    stub: dict[str, Any] = {"currency": "CNY", "rates": {"CNY": "1"}, "gate": _ANY_ACCOUNT, "rules": []}
    for names in (("currency", "rates"), ("parameters",), ("caps",), ("gate",)):
        candidate = stub | {name: top[name] for name in names if name in top}
        try:
            parse_policy(candidate)
        except InvalidInput:
            continue
        stub = candidate
    return parse_policy(stub)


def _part(name: str, index: int, item: Any) -> Part:
    entry = item if isinstance(item, Mapping) else {}
    code = entry.get("code")
    rule = _alone(name, item)
    # Conditions are read even if the title or the code of the rule is still invalid.
    headed = rule or _alone(name, {**_HEADS[name], "when": entry.get("when")})
    return Part(
        path=f"{name}[{index}]",
        code=code if isinstance(code, str) else "",
        when=headed.when if headed is not None else None,
        rule=rule,
    )


def _alone(name: str, item: Any) -> Rule | StandingRule | ProposalRow | None:
    body = {"currency": "CNY", "rates": {"CNY": "1"}, "gate": _ANY_ACCOUNT, "rules": [], name: [item]}
    try:
        policy = parse_policy(body)
    except InvalidInput:
        return None
    found: tuple[Rule | StandingRule | ProposalRow, ...]
    found = (*policy.rules, *policy.rewards, *policy.restrictions, *policy.proposals)
    return found[0]
