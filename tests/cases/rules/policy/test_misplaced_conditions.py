"""Features that a part of a policy may not use, and circumstances that may only protect."""

from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.policy.parser import parse_policy
from tests.factories.policy import make_rule, policy_body

HARDSHIP = {"feature": "flag_hardship", "op": "is", "value": True}


PROTECTED = {"feature": "protected_flags", "op": "gte", "value": 1}


SICHUAN = {"feature": "territory", "op": "in", "value": ["510100"]}


FREEZE = {"kind": "FREEZE", "expires_days": 9}


RAISE = {"kind": "LIMIT_INCREASE", "percent": 10}


def standing(when: Any, effect: Any) -> list[dict[str, Any]]:
    return [{"code": "X1", "title": {"en": "x", "zh": "x"}, "when": when, "effect": effect}]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rewards": standing({"all": [SICHUAN]}, RAISE)}, "rewards[0].when.all[0].feature"),
        ({"restrictions": standing(SICHUAN, FREEZE)}, "restrictions[0].when.feature"),
        (
            {"restrictions": standing({"feature": "under_strategy_upgrade", "op": "is", "value": True}, FREEZE)},
            "restrictions[0].when.feature",
        ),
        (
            {"restrictions": standing({"feature": "signal_evasion", "op": "gte", "value": "0.9"}, FREEZE)},
            "restrictions[0].when.feature",
        ),
        ({"rewards": standing({"not": HARDSHIP}, RAISE)}, "rewards[0].when.not.feature"),
        ({"gate": HARDSHIP}, "gate"),
        ({"gate": {"not": {"not": HARDSHIP}}}, "gate.not.not"),
        ({"gate": {"not": {"any": [HARDSHIP | {"value": False}]}}}, "gate.not.any[0]"),
        ({"rules": [make_rule(when=PROTECTED)]}, "rules[0].when"),
        ({"rules": [make_rule(when=PROTECTED | {"op": "eq"})]}, "rules[0].when"),
        ({"rules": [make_rule(when={"not": PROTECTED | {"op": "eq"}})]}, "rules[0].when.not"),
        (
            {"restrictions": standing({"any": [{"not": PROTECTED | {"op": "eq", "value": 0}}]}, FREEZE)},
            "restrictions[0].when.any[0].not",
        ),
    ],
)
def test_parse_policy_refuses_what_may_not_stand_there(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_policy(policy_body(**changes))

    assert caught.value.field == field


def test_parse_policy_lets_places_steer_visits_and_circumstances_protect() -> None:
    kept = {"all": [SICHUAN, {"not": HARDSHIP}, HARDSHIP | {"value": False}, PROTECTED | {"op": "eq", "value": 0}]}
    takes = {"any": [{"not": PROTECTED}, PROTECTED | {"op": "lt"}, {"not": {"not": {"not": HARDSHIP}}}]}

    policy = parse_policy(policy_body(gate=kept, rules=[make_rule(when=kept)], restrictions=standing(takes, FREEZE)))

    assert (len(policy.rules), len(policy.restrictions)) == (1, 1)
