"""Reading a policy: what is refused, and where it says the fault is."""

from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.models import AccountFacts
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.rules.policy.features import FEATURES
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.sentences import closing_sentence, tree_sentence
from tests.factories.policy import make_rule, policy_body


def nested(depth: int) -> Any:
    leaf: Any = {"feature": "attempts", "op": "gte", "value": 1}
    for _ in range(depth):
        leaf = {"not": leaf}
    return leaf


def test_the_catalogue_is_the_columns_of_the_facts() -> None:
    columns = {field.attname for field in AccountFacts._meta.concrete_fields}

    assert set(FEATURES) == columns - {"id", "account_id", "borrower_id", "business_date"}


def test_nullable_features_are_the_nullable_columns() -> None:
    nullable = {field.attname for field in AccountFacts._meta.concrete_fields if field.null}

    assert {name for name, feature in FEATURES.items() if feature.nullable} == nullable


def test_parse_policy_reads_the_shipped_one() -> None:
    policy = parse_policy(DEFAULT_POLICY)

    assert [rule.code for rule in policy.rules] == [
        "LARGE_ARREARS",
        "LONG_OVERDUE_UNREACHABLE",
        "FALSE_INFORMATION",
        "STRATEGY_UPGRADE",
    ]


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


def test_every_feature_says_how_it_is_worked_out() -> None:
    assert [name for name, feature in FEATURES.items() if not str(feature.doc).endswith((".", "。"))] == []


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


def test_sentences_say_a_rule_and_its_end() -> None:
    when = {
        "all": [
            {"feature": "arrears_amount", "op": "gte", "value": "20000"},
            {"not": {"feature": "days_since_login", "op": "lte", "value": 7}},
        ]
    }
    policy = parse_policy(policy_body(rules=[make_rule(when=when)]))
    facts = {"currency": "TWD", "arrears_amount": "90000.50", "days_since_login": None}

    with override("en"):
        asked = tree_sentence(policy.rules[0].when, policy=policy, facts=facts)
        ends = closing_sentence(policy.rules[0].when, policy=policy)

    assert asked == (
        "Arrears at least CNY 20,000 (here: TWD 90,000.50); and "
        "Days since the last app login more than 7 days or unknown (here: unknown)"
    )
    assert ends == "Arrears less than CNY 20,000; or Days since the last app login at most 7 days"
