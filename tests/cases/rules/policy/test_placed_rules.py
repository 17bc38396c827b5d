"""Rules with their paths: every comparison of a body is found at the path that its conditions have."""

from typing import Any

from cases.rules.policy.parser import parse_policy
from cases.rules.policy.placed_rules import Section, Sections, paths_of
from cases.rules.policy.satisfiability import ALWAYS, Solver
from cases.rules.policy.value_cells import space_of
from tests.factories.policy import make_rule, policy_body
from tests.factories.policy_checks import is_

GATE = {"any": [is_("attempts", "gte", 1), {"not": {"all": [is_("days_past_due", "lt", 9)]}}]}


def test_paths_lead_to_each_comparison_in_the_body() -> None:
    body = policy_body(gate=GATE, rules=[make_rule(), make_rule(code="TWO", when=GATE)], restrictions=[])
    body["proposals"] = body["proposals"][-1:]

    paths = [path for path, _leaf in paths_of(parse_policy(body))]

    assert paths[:5] == [
        "gate.any[0]",
        "gate.any[1].not.all[0]",
        "rules[0].when",
        "rules[1].when.any[0]",
        "rules[1].when.any[1].not.all[0]",
    ]
    assert all(path.startswith("rewards[") for path in paths[5:-1])
    assert paths[-1] == "proposals[0].when"


def test_a_rule_that_was_left_out_does_not_change_the_index_of_the_others() -> None:
    policy = parse_policy(policy_body(rules=[make_rule(code=f"R{i}", value=str(i + 1)) for i in range(3)]))
    solver = Solver(space=space_of(trees=[rule.when for rule in policy.rules], policy=policy))
    none: tuple[Any, ...] = ()
    rewards, restrictions = (Section.of(name, none, solver, context=ALWAYS) for name in ("rewards", "restrictions"))
    rules = Section.of("rules", policy.rules, solver, context=ALWAYS)

    left = Sections(rules=rules, rewards=rewards, restrictions=restrictions).without({"rules[1]"}).rules

    assert [(placed.index, placed.path) for placed in left.placed] == [(0, "rules[0]"), (2, "rules[2]")]
    assert left.rule_at(2).rule.code == "R2"
    assert solver.can_hold(left.node(2), left.negation(2, solver)) is False
