"""What the parser of policy bodies refuses, and the path that it names."""

from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.policy.parser import parse_policy
from tests.factories.policy import make_rule, policy_body


def nested(depth: int) -> Any:
    leaf: Any = {"feature": "attempts", "op": "gte", "value": 1}
    for _ in range(depth):
        leaf = {"not": leaf}
    return leaf


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": 1}, "colour"),
        ({"rates": {"CNY": "2"}}, "rates.CNY"),
        ({"rates": {"CNY": "1", "TWD": "NaN"}}, "rates.TWD"),
        ({"rates": {"CNY": "1", "TWD": 0}}, "rates.TWD"),
        ({"rules": [make_rule(feature="age", value=3)]}, "rules[0].when.feature"),
        ({"rules": [make_rule(feature="Gender", value=3)]}, "rules[0].when.feature"),
        ({"rules": [make_rule(feature="territory_id", value=3)]}, "rules[0].when.feature"),
        ({"rules": [make_rule(feature="score", value=3)]}, "rules[0].when.feature"),
        ({"rules": [make_rule(op="eq")]}, "rules[0].when.op"),
        ({"rules": [make_rule(op=["gte"])]}, "rules[0].when.op"),
        ({"rules": [make_rule(value="1e40")]}, "rules[0].when.value"),
        ({"rules": [make_rule(value=float("nan"))]}, "rules[0].when.value"),
        ({"rules": [make_rule(value=True)]}, "rules[0].when.value"),
        ({"rules": [make_rule(value="-1")]}, "rules[0].when.value"),
        ({"rules": [make_rule(feature="attempts", value="1.5")]}, "rules[0].when.value"),
        ({"rules": [make_rule(feature="on_active_plan", op="is", value=1)]}, "rules[0].when.value"),
        ({"rules": [make_rule(feature="status", op="in", value=[])]}, "rules[0].when.value"),
        ({"rules": [make_rule(), make_rule()]}, "rules[1].code"),
        ({"rules": [make_rule(code="x y")]}, "rules[0].code"),
        ({"rules": [make_rule(priority=4)]}, "rules[0].priority"),
        ({"rules": [make_rule(title={"en": "x"})]}, "rules[0].title.zh"),
        ({"rules": [make_rule(when={"all": []})]}, "rules[0].when.all"),
        ({"rules": [make_rule(when={"all": [nested(0)], "any": []})]}, "rules[0].when.any"),
        ({"rules": [make_rule(when={"all": [nested(0), {"feature": "attempts"}]})]}, "rules[0].when.all[1].op"),
        ({"gate": nested(6)}, "gate.not.not.not.not.not.not"),
        ({"gate": {"any": [{"all": [nested(0)] * 31}] * 2}}, "gate"),
        ({"caps": {"rate_max": "0.031"}}, "caps.rate_max"),
        ({"parameters": {"sla_days": {"1": 1, "2": 0, "3": 1}}}, "parameters.sla_days.2"),
        ({"parameters": {"grade_a_amount": 1, "grade_b_amount": 2}}, "parameters.grade_a_amount"),
    ],
)
def test_parse_policy_refuses_and_names_the_place(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_policy(policy_body(**changes))

    assert caught.value.field == field


@pytest.mark.parametrize("body", [None, [], "x", 1, {}])
def test_parse_policy_refuses_what_is_no_policy(body: Any) -> None:
    with pytest.raises(InvalidInput):
        parse_policy(body)


def test_parse_policy_refuses_an_adverse_effect_without_an_end() -> None:
    rule = {"code": "X1", "title": {"en": "x", "zh": "x"}, "when": nested(0), "effect": {"kind": "FREEZE"}}

    with pytest.raises(InvalidInput) as caught:
        parse_policy(policy_body(restrictions=[rule]))

    assert caught.value.field == "restrictions[0].effect.expires_days"


def test_parse_policy_refuses_a_punishment_among_the_rewards() -> None:
    rule = {
        "code": "X1",
        "title": {"en": "x", "zh": "x"},
        "when": nested(0),
        "effect": {"kind": "FREEZE", "expires_days": 9},
    }

    with pytest.raises(InvalidInput) as caught:
        parse_policy(policy_body(rewards=[rule]))

    assert caught.value.field == "rewards[0].effect.kind"
