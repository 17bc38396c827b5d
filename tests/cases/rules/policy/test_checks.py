"""Static checks of a policy: what is said of a rule holds for every account there can be, and examples are examples."""

import random
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, PolicyRules, Tree
from cases.rules.policy.checks import SPARED, check_policy
from cases.rules.policy.features import FEATURES, Unit
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


def test_a_condition_that_the_rest_implies_could_be_left_out() -> None:
    when = {"all": [is_("days_past_due", "gte", 31), is_("days_past_due", "gte", 61), is_("protected_flags", "eq", 0)]}

    assert kinds("redundant", rules=[make_rule(when=when)]) == [
        ("note", "redundant", ("rules[0].when.all[2]",)),
        ("note", "redundant", ("rules[0].when.all[0]",)),
    ]


def test_of_two_equal_conditions_one_is_named() -> None:
    when = {"all": [is_("attempts", "gte", 3), is_("attempts", "gte", 3)]}

    assert kinds("redundant", rules=[make_rule(when=when)]) == [("note", "redundant", ("rules[0].when.all[1]",))]


def test_an_alternative_that_can_never_hold_is_a_warning() -> None:
    when = {"any": [is_("attempts", "gte", 3), is_("status", "eq", "CLOSED"), is_("attempts", "gte", 5)]}

    assert kinds("never_holds", "redundant", rules=[make_rule(when=when)]) == [
        ("warning", "never_holds", ("rules[0].when.any[1]",)),
        ("note", "redundant", ("rules[0].when.any[2]",)),
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


def test_a_gap_between_bands_is_named_with_the_value_that_is_left() -> None:
    (finding,) = [f for f in findings(rules=[band("B2", 31, 60), band("B3", 62, 90)]) if f.kind == "gap"]

    assert (str(finding.severity), finding.paths, finding.example) == (
        "warning",
        ("rules[0]", "rules[1]"),
        {"days_past_due": 61},
    )
    assert finding.message == "Between B2, B3 a gap is left: Days past due 61 days."


def test_a_gap_is_found_behind_a_rule_that_holds_for_more() -> None:
    rules = [
        band("B2", 31, 60),
        band("B3", 62, 90),
        make_rule(code="ALL", when={"all": [is_("days_past_due", "gte", 20), is_("attempts", "gte", 9)]}),
    ]

    assert kinds("gap", rules=rules) == [("note", "gap", ("rules[0]", "rules[1]"))] or kinds("gap", rules=rules) == [
        ("warning", "gap", ("rules[0]", "rules[1]"))
    ]


def test_amounts_leave_a_gap_too() -> None:
    rules = [
        make_rule(code="A1", when={"all": [is_("arrears_amount", "gte", 100), is_("arrears_amount", "lt", 200)]}),
        make_rule(code="A2", when=is_("arrears_amount", "gt", 200)),
    ]

    (finding,) = [f for f in findings(rules=rules) if f.kind == "gap"]

    assert finding.message == "Between A1, A2 a gap is left: Arrears CNY 200."


def test_bands_that_share_values_overlap() -> None:
    (finding,) = [f for f in findings(rules=[band("B2", 31, 60), band("B3", 60, 90)]) if f.kind == "overlap"]

    assert (str(finding.severity), finding.paths, finding.example) == (
        "warning",
        ("rules[0]", "rules[1]"),
        {"days_past_due": 60},
    )


def test_bands_that_meet_are_fine() -> None:
    assert (
        kinds(
            "gap",
            "overlap",
            rules=[band("B2", 31, 60), band("B3", 61, 90), make_rule(code="B4", when=is_("days_past_due", "gt", 90))],
        )
        == []
    )


def test_a_policy_of_one_segment_is_checked_for_it() -> None:
    policy = parse_policy(policy_body(rules=[make_rule(when=is_("segment", "eq", "小微"))]))

    assert [f.kind for f in check_policy(policy, segment="新客") if f.severity == "error"] == ["never_fires"]
    assert [f.kind for f in check_policy(policy) if f.severity == "error"] == []


def test_findings_are_in_the_readers_language() -> None:
    with override("en"):
        english = check_policy(parse_policy(policy_body()))[0].message
    with override("zh-hans"):
        chinese = check_policy(parse_policy(policy_body()))[0].message

    assert english != chinese


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


# --- held against every row of a small world ---------------------------------------------------------------------

VALUES: dict[str, tuple[Any, ...]] = {
    "days_past_due": (0, 1, 2, 3, 4),
    "days_since_login": (None, 0, 1, 2, 3, 4),
    "arrears_amount": (Decimal(0), Decimal("0.5"), Decimal(1), Decimal("1.5"), Decimal(2), Decimal("2.5")),
    "status": ("ACTIVE", "FROZEN", "CLOSED", "WRITTEN_OFF"),
    "has_open_case": (False, True),
}


def holds(tree: Tree, row: dict[str, Any]) -> bool:
    if isinstance(tree, AllOf):
        return all(holds(part, row) for part in tree.parts)
    if isinstance(tree, AnyOf):
        return any(holds(part, row) for part in tree.parts)
    if isinstance(tree, Not):
        return not holds(tree.part, row)
    value, asked = row[tree.feature], tree.value
    if value is None:
        return False
    meets: dict[str, Any] = {
        "gte": lambda: value >= asked,
        "gt": lambda: value > asked,
        "lte": lambda: value <= asked,
        "lt": lambda: value < asked,
        "eq": lambda: value == asked,
        "ne": lambda: value != asked,
        "in": lambda: value in asked,
        "not_in": lambda: value not in asked,
        "is": lambda: value is asked,
    }
    return bool(meets[tree.op]())


def rows() -> list[dict[str, Any]]:
    from itertools import product

    fixed = {"protected_flags": 0, "on_active_plan": False}
    return [dict(zip(VALUES, values, strict=True)) | fixed for values in product(*VALUES.values())]


ROWS = rows()


def conditions() -> st.SearchStrategy[dict[str, Any]]:
    orders = st.sampled_from(["gte", "gt", "lte", "lt"])
    small = st.integers(0, 3)
    return st.one_of(
        st.builds(is_, st.sampled_from(["days_past_due", "days_since_login"]), orders | st.just("eq"), small),
        st.builds(is_, st.just("arrears_amount"), orders, st.integers(0, 2)),
        st.builds(
            is_, st.just("status"), st.sampled_from(["eq", "ne"]), st.sampled_from(["ACTIVE", "FROZEN", "CLOSED"])
        ),
        st.builds(is_, st.just("status"), st.sampled_from(["in", "not_in"]), st.just(["ACTIVE", "FROZEN"])),
        st.builds(is_, st.just("has_open_case"), st.just("is"), st.booleans()),
    )


TREES = st.recursive(
    conditions(),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


def leave_out(body: Any, path: str) -> Any:
    """Return a tree's body without the part at `path` (all[1].any[0])."""
    head, _dot, rest = path.partition(".")
    word, _bracket, place = head.partition("[")
    if not place:
        return {word: leave_out(body[word], rest)}
    i = int(place.rstrip("]"))
    parts = list(body[word])
    if rest:
        parts[i] = leave_out(parts[i], rest)
    else:
        del parts[i]
    return {word: parts}


def read(when: Any) -> Tree:
    return parse_policy(policy_body(rules=[make_rule(when=when)])).rules[0].when


def depth(body: Any) -> int:
    inner = body.get("all") or body.get("any") or ([body["not"]] if "not" in body else [])
    return 1 + max((depth(part) for part in inner), default=0)


@settings(max_examples=60, deadline=None)
@given(
    gate=TREES.filter(lambda t: depth(t) <= 5),
    whens=st.lists(TREES.filter(lambda t: depth(t) <= 5), min_size=1, max_size=3),
)
def test_what_is_said_of_rules_is_true_of_every_row(gate: Any, whens: list[Any]) -> None:
    rules = [make_rule(code=f"R{i}", when=when) for i, when in enumerate(whens)]
    rewards = [reward(f"W{i}", when) for i, when in enumerate(whens)]
    body = policy_body(gate=gate, rules=rules, rewards=rewards, restrictions=[])
    policy = parse_policy(body)
    passing = [row for row in ROWS if holds(policy.gate, row)]

    found = check_policy(policy)

    assert {str(f.kind) for f in found}.isdisjoint({"too_complex"})
    _firing_is_exact(policy, list(found), passing)
    for finding in found:
        place, _dot, way = finding.paths[0].partition(".when.")
        if finding.kind in ("redundant", "never_holds") and way:
            kind, i = place[:-1].split("[")
            among = passing if kind == "rules" else ROWS
            less = read(leave_out(whens[int(i)], way)) if _is_left(leave_out(whens[int(i)], way)) else None
            if less is not None:
                when = read(whens[int(i)])
                assert [r for r in among if holds(less, r)] == [r for r in among if holds(when, r)], finding
        if finding.kind == "shadowed":
            later, *earlier = (policy.rewards[int(path[8:-1])].when for path in finding.paths)
            assert not [r for r in ROWS if holds(later, r) and not any(holds(e, r) for e in earlier)], finding
        if finding.kind == "duplicate":
            one, other = (policy.rules[int(path[6:-1])].when for path in finding.paths)
            assert [r for r in passing if holds(one, r)] == [r for r in passing if holds(other, r)], finding
        if finding.kind == "contradiction":
            assert finding.example is not None
            row = ROWS[0] | dict(finding.example)
            rule, given_ = policy.rules[int(finding.paths[0][6:-1])], policy.rewards[int(finding.paths[1][8:-1])]
            assert holds(policy.gate, row), finding
            assert holds(rule.when, row), finding
            assert holds(given_.when, row), finding
        if finding.kind in ("uncovered", "gap") and finding.paths == ("gate",):
            ((name, value),) = dict(finding.example or {}).items()
            near = [r for r in passing if r[name] == value]
            assert not [r for r in near if any(holds(rule.when, r) for rule in policy.rules)], finding


def _is_left(body: Any) -> bool:
    """Say whether every group still has a part, as a policy must."""
    if "not" in body:
        return _is_left(body["not"])
    parts = body.get("all", body.get("any"))
    return parts is None or (bool(parts) and all(_is_left(part) for part in parts))


def _firing_is_exact(policy: PolicyRules, found: list[Finding], passing: list[dict[str, Any]]) -> None:
    """Never fires and always holds: said if and only if it is so."""
    said = {kind: {f.paths[0] for f in found if f.kind == kind} for kind in ("never_fires", "always_holds")}
    assert ("gate" in said["never_fires"]) is not bool(passing)
    if not passing:
        return
    for name, rules, among in (("rules", policy.rules, passing), ("rewards", policy.rewards, ROWS)):
        for i, rule in enumerate(rules):
            hits = sum(holds(rule.when, row) for row in among)  # type: ignore[attr-defined]
            assert (f"{name}[{i}]" in said["never_fires"]) is (hits == 0), rule
            assert (f"{name}[{i}]" in said["always_holds"]) is (hits == len(among)), rule


def test_what_spares_restrictions_is_what_the_night_spares() -> None:
    assert [leaf.feature for leaf in SPARED.parts if isinstance(leaf, Condition)] == [
        "protected_flags",
        "on_active_plan",
    ]
