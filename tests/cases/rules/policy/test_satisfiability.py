"""Whether conditions can hold together: exact answers, examples, and a bound on the work."""

from typing import Any

import pytest

from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, Tree
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.satisfiability import ALWAYS, NEVER, AllHold, AnyHolds, InCells, Solver, TooComplex, every, some
from cases.rules.policy.value_cells import laws_of, space_of
from tests.factories.policy import policy_body


def condition(feature: str, op: str, value: Any) -> Condition:
    return Condition(feature=feature, op=op, value=value)


def solver(*trees: Tree) -> Solver:
    laws = laws_of(trees)
    return Solver(space=space_of(trees=[*trees, *laws], policy=parse_policy(policy_body())), laws=laws)


MANY, FEW = condition("attempts", "gte", 5), condition("attempts", "lt", 5)
LATE = condition("days_past_due", "gte", 31)


def test_conditions_that_exclude_each_other_have_no_solution() -> None:
    here = solver(MANY, FEW, LATE)

    assert here.can_hold(here.node(MANY), here.node(FEW)) is False
    assert here.can_hold(here.node(MANY), here.node(LATE)) is True
    assert here.solution([here.node(AllOf(parts=(MANY, FEW)))]) is None


def test_a_tree_or_its_negation_holds_and_never_both() -> None:
    tree = AnyOf(parts=(MANY, Not(part=LATE)))
    here = solver(tree)

    assert here.can_hold(here.node(tree), here.node(tree, negated=True)) is False
    assert here.can_hold(some([here.node(tree), here.node(tree, negated=True)])) is True


def test_laws_between_features_hold_in_every_solution() -> None:
    bucket = condition("bucket", "eq", 1)
    here = solver(bucket, LATE)

    assert here.can_hold(here.node(bucket), here.node(LATE)) is False


def test_possible_cells_are_those_in_which_all_nodes_can_hold() -> None:
    here = solver(MANY, condition("attempts", "lte", 9))

    cells = here.possible_cells("attempts", [here.node(MANY)])

    assert [cell.sample for i, cell in enumerate(here.space.axis("attempts").cells) if cells >> i & 1] == [5, 6, 9, 10]


def test_an_example_is_of_known_values_and_leaves_out_words_that_no_rule_names() -> None:
    other = condition("segment", "ne", "A")
    old = condition("days_since_login", "gte", 5)
    here = solver(other, old, MANY)
    box = here.solution([here.node(other), here.node(MANY)])
    assert box is not None

    assert here.example(box, names=["attempts", "segment", "days_since_login", "attempts"]) == {
        "attempts": 5,
        "days_since_login": 0,
    }


def test_comparisons_of_one_axis_are_merged() -> None:
    assert every([InCells(0, 6), InCells(0, 3)]) == InCells(0, 2)
    assert some([InCells(0, 4), InCells(0, 1)]) == InCells(0, 5)
    assert every([InCells(0, 1), AllHold((InCells(1, 1), NEVER))]) == AllHold((InCells(0, 1), InCells(1, 1), NEVER))
    assert (every([]), some([])) == (ALWAYS, NEVER)
    assert some([InCells(0, 1), ALWAYS]) == AnyHolds((InCells(0, 1), ALWAYS))


def test_the_steps_of_one_solver_are_bounded_for_all_questions_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.rules.policy.satisfiability.STEPS_IN_ALL", 30)
    here = solver(MANY, FEW)

    def ask_many() -> list[bool]:
        return [here.can_hold(here.node(MANY)) for _question in range(40)]

    with pytest.raises(TooComplex):
        ask_many()
