"""A valid sample of each part of a policy's body, so that one other part can be read alone (faults.py)."""

from collections.abc import Mapping
from typing import Any, Final

from cases.rules.policy.proposal_parser import FLAGS, TERMS, WAYS_BACK

LEAF: Final[Mapping[str, Any]] = {"feature": "days_past_due", "op": "gte", "value": 1}
TITLE: Final = {"en": "x", "zh": "x"}
EFFECTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "LIMIT_INCREASE": {"kind": "LIMIT_INCREASE", "percent": 1},
    "RATE_REDUCTION": {"kind": "RATE_REDUCTION", "points": "0.001"},
    "FREEZE": {"kind": "FREEZE", "expires_days": 1},
    "LIMIT_CUT": {"kind": "LIMIT_CUT", "percent": 1, "expires_days": 1},
}
TAKEN: Final[Mapping[str, Any]] = {"reasons": ["HARDSHIP"]}
RESULT: Final[Mapping[str, Any]] = {**TAKEN, "next_step": "CONTINUE_CONTACT"}
_SAMPLES: Final[Mapping[str, Any]] = {"days": 1, "relief": "0.005", "instalments": 1, "percent": 1, "flag": FLAGS[0]}
DECISIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    kind: {"kind": kind} | {name: WAYS_BACK[kind][0] if name == "way_back" else _SAMPLES[name] for name in needed}
    for kind, (needed, _extra) in TERMS.items()
}
_SECTION_EFFECT: Final = {"rewards": "LIMIT_INCREASE", "restrictions": "FREEZE"}
TOP: Final[Mapping[str, Any]] = {"currency": "CNY", "rates": {"CNY": "1"}, "gate": LEAF, "rules": []}
DAYS: Final = {"1": 1, "2": 1, "3": 1}
AMOUNTS: Final = ("grade_a_amount", "grade_b_amount")


def sample_rule(section: str) -> dict[str, Any]:
    """Return a valid rule of a section: rules, rewards, restrictions or proposals."""
    named = {"code": "AA", "title": TITLE, "when": LEAF}
    if section == "proposals":
        return named | {"result": RESULT}
    if section in _SECTION_EFFECT:
        return named | {"effect": EFFECTS[_SECTION_EFFECT[section]]}
    return named | {"priority": 1, "needs_visit": True}
