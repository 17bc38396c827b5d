"""Every finding is true of every row of a small world; found by drawing policies at random."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.rules.policy.body import AllOf, AnyOf, Not, PolicyRules, Tree
from cases.rules.policy.checks import check_policy
from cases.rules.policy.findings import Finding
from cases.rules.policy.parser import parse_policy
from tests.factories.policy import make_rule, policy_body
from tests.factories.policy_checks import is_, reward

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
