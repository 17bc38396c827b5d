"""Static checks of a policy: rules that can never hold, always hold, repeat, shadow or contradict each other."""

import random
from typing import Any

import pytest
from django.utils.translation import override

from cases.rules.policy.body import Condition
from cases.rules.policy.checks import SPARED, check_policy
from cases.rules.policy.feature import Unit
from cases.rules.policy.features import FEATURES
from cases.rules.policy.parser import parse_policy
from tests.factories.policy import make_rule, policy_body
from tests.factories.policy_checks import PROTECTED, findings, is_, kinds, restriction, reward


def test_the_shipped_policy_has_nothing_to_accept() -> None:
    with override("en"):
        found = check_policy(parse_policy(policy_body()))

    assert [(str(f.severity), str(f.kind), f.message) for f in found] == [
        (
            "note",
            "uncovered",
            "Accounts pass the gate though no rule can hold for them: Days past due at least 11 days and at most 30 days.",
        )
    ]


@pytest.mark.parametrize(
    "when",
    [
        {"all": [is_("days_past_due", "gte", 61), is_("days_past_due", "lte", 60)]},
        # whole numbers have nothing in between
        {"all": [is_("attempts", "gt", 3), is_("attempts", "lt", 4)]},
        # nobody is tried in a fourth part of the day, and nothing counts below zero
        is_("attempt_day_parts", "gte", 4),
        is_("kept_promises", "lt", 0),
        is_("suspicion_confidence", "gt", 1),
        {"all": [is_("status", "in", ["ACTIVE", "FROZEN"]), is_("status", "eq", "CLOSED")]},
        {"all": [is_("segment", "eq", "A"), is_("segment", "ne", "A")]},
        # an unknown value meets no condition, so one of these must be known to be both
        {"all": [is_("days_since_login", "gte", 9), {"not": is_("days_since_login", "gte", 5)}]},
        {"all": [is_("bucket", "eq", 2), is_("days_past_due", "gte", 91)]},
        {"all": [{"any": [is_("attempts", "eq", 1), is_("attempts", "eq", 2)]}, {"not": is_("attempts", "lte", 2)}]},
        {"not": {"any": [is_("attempts", "gte", 1), is_("attempts", "lt", 1)]}},
        is_("currency", "eq", "EUR"),
        # the gate asks for at most 360 days
        is_("days_past_due", "gt", 360),
        is_("status", "eq", "WRITTEN_OFF"),
    ],
)
def test_a_rule_that_can_never_hold_is_an_error(when: Any) -> None:
    found = kinds("never_fires", rules=[make_rule(code="FINE", when=is_("attempts", "gte", 1)), make_rule(when=when)])

    assert [(severity, paths[0]) for severity, _kind, paths in found] == [("error", "rules[1]")]


@pytest.mark.parametrize(
    "when",
    [
        {"all": [is_("arrears_amount", "gt", 100), is_("arrears_amount", "lt", 101)]},
        {"all": [{"not": is_("days_since_login", "gte", 5)}, {"not": is_("days_since_login", "lt", 5)}]},
        {"all": [is_("segment", "ne", "A"), is_("segment", "not_in", ["B", "C"])]},
        {"all": [is_("bucket", "eq", 4), is_("days_past_due", "eq", 91)]},
        {"all": [is_("attempts", "gte", 3), is_("attempts", "lte", 3)]},
    ],
)
def test_a_rule_that_can_hold_is_none(when: Any) -> None:
    assert kinds("never_fires", rules=[make_rule(when=when)]) == []


def test_what_excludes_each_other_is_named() -> None:
    when = {"all": [is_("attempts", "gte", 1), is_("days_past_due", "gte", 99), is_("days_past_due", "lt", 40)]}

    (finding,) = [f for f in findings(rules=[make_rule(when=when)]) if f.severity == "error"]

    assert finding.paths == ("rules[0]", "rules[0].when.all[1]", "rules[0].when.all[2]")
    assert finding.message == "This rule can never hold: its conditions exclude each other."


def test_a_gate_that_nobody_passes_is_an_error_and_says_nothing_of_the_rules() -> None:
    gate = {"all": [is_("days_past_due", "gt", 10), is_("days_past_due", "lt", 11)]}

    assert kinds(gate=gate) == [("error", "never_fires", ("gate",))]


def test_a_word_that_does_not_exist_is_an_error() -> None:
    found = findings(rules=[make_rule(when=is_("status", "in", ["ACTIVE", "ACTIV"]))])

    assert [(str(f.severity), f.paths, f.message) for f in found if f.kind == "unknown_word"] == [
        ("error", ("rules[0].when",), "There is no such value: ACTIV. There are: ACTIVE, FROZEN, CLOSED, WRITTEN_OFF.")
    ]


@pytest.mark.parametrize("op", ["eq", "gte"])
def test_a_reward_that_asks_for_circumstances_is_an_error(op: str) -> None:
    paid = is_("days_past_due", "eq", 0)
    when = {"all": [paid, {"not": is_("protected_flags", op, 1)}]}
    found = findings(rewards=[reward("PAID", paid), reward("COSTS", when, "RATE_REDUCTION")])

    assert [(str(f.severity), f.paths) for f in found if f.kind == "right_costs_reward"] == [
        ("error", ("rewards[1].when.all[1].not",))
    ]


def test_a_rule_for_everybody_who_passes_the_gate_is_a_warning() -> None:
    assert kinds("always_holds", "redundant", rules=[make_rule(when=is_("days_past_due", "gte", 5))]) == [
        ("warning", "always_holds", ("rules[0]",))
    ]


def test_a_reward_behind_a_wider_one_never_gets_its_turn() -> None:
    clean = is_("days_past_due", "eq", 0)
    rewards = [
        reward("THREE", {"all": [clean, is_("on_time_months", "gte", 3)]}),
        reward("RATE", {"all": [clean, is_("on_time_months", "gte", 12)]}, "RATE_REDUCTION"),
        reward("TWELVE", {"all": [clean, is_("on_time_months", "gte", 12)]}),
    ]

    assert kinds("shadowed", rewards=rewards) == [("warning", "shadowed", ("rewards[2]", "rewards[0]"))]


def test_a_reward_may_be_shadowed_by_two_together() -> None:
    rewards = [
        reward("LOW", is_("on_time_months", "lte", 6)),
        reward("HIGH", is_("on_time_months", "gte", 6)),
        reward("MID", {"all": [is_("on_time_months", "gte", 4), is_("on_time_months", "lte", 8)]}),
    ]

    assert kinds("shadowed", rewards=rewards) == [("warning", "shadowed", ("rewards[2]", "rewards[0]", "rewards[1]"))]


def test_rules_for_the_same_accounts_are_named() -> None:
    rules = [
        make_rule(code="ONE", when={"all": [is_("attempts", "gte", 3), is_("attempt_channels", "gte", 2)]}),
        make_rule(code="TWO", when={"all": [is_("attempt_channels", "gt", 1), is_("attempts", "gt", 2)]}),
        make_rule(code="WIDE", when=is_("attempts", "gte", 1), priority=1),
    ]

    assert kinds("duplicate", "covered", rules=rules) == [
        ("warning", "duplicate", ("rules[1]", "rules[0]")),
        ("note", "covered", ("rules[0]", "rules[2]")),
        ("note", "covered", ("rules[1]", "rules[2]")),
    ]


def test_a_narrower_rule_that_is_more_urgent_is_fine() -> None:
    rules = [
        make_rule(code="WIDE", when=is_("attempts", "gte", 1)),
        make_rule(code="URGENT", when=is_("attempts", "gte", 9), priority=1),
    ]

    assert kinds("covered", rules=rules) == []


def test_a_reward_and_a_restriction_for_one_account_contradict() -> None:
    found = findings(
        rewards=[reward("PAID", is_("kept_promises", "gte", 2))],
        restrictions=[restriction("BROKE", {"all": [is_("broken_promises", "gte", 2), *PROTECTED]})],
    )

    (finding,) = [f for f in found if f.kind == "contradiction" and f.severity == "warning"]
    assert finding.paths == ("restrictions[0]", "rewards[0]")
    assert finding.example == {"kept_promises": 2, "broken_promises": 2, "protected_flags": 0, "on_active_plan": False}
    assert finding.message == (
        "One account can be rewarded by PAID and restricted by BROKE: Kept promises in a year: 2,"
        " Broken promises in a year: 2, Protecting circumstances: 0, Repayment plan being kept: no."
    )


def test_a_policy_of_one_segment_is_checked_for_it() -> None:
    policy = parse_policy(policy_body(rules=[make_rule(when=is_("segment", "eq", "小微"))]))

    assert [f.kind for f in check_policy(policy, segment="新客") if f.severity == "error"] == ["never_fires"]
    assert [f.kind for f in check_policy(policy) if f.severity == "error"] == []


def test_a_policy_made_to_be_hard_is_given_up_in_time() -> None:
    rng = random.Random(7)
    names = [n for n, f in FEATURES.items() if f.unit == Unit.COUNT and "rules" in f.places and not f.protects]
    rules = [
        make_rule(
            code=f"R{i:02}",
            when={
                "all": [
                    {
                        "any": [
                            is_(rng.choice(names), rng.choice(["gte", "lte", "eq"]), rng.randint(0, 9))
                            for _a in range(3)
                        ]
                    }
                    for _b in range(19)
                ]
            },
        )
        for i in range(40)
    ]

    found = findings(rules=rules)

    assert {str(f.kind) for f in found if f.severity == "note"} >= {"too_complex"}


def test_what_spares_restrictions_is_what_the_night_spares() -> None:
    assert [leaf.feature for leaf in SPARED.parts if isinstance(leaf, Condition)] == [
        "protected_flags",
        "on_active_plan",
    ]
