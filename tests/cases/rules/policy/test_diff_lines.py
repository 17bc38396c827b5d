"""Lines of a difference: conditions are paired with the old ones that they replace."""

from typing import Any

from django.utils.translation import override

from cases.rules.policy.body import PolicyRules
from cases.rules.policy.diff_lines import condition_lines, settings_lines
from cases.rules.policy.parser import parse_policy
from tests.factories.policy import policy_body
from tests.factories.policy_checks import is_

A, B, C = is_("attempts", "gte", 1), is_("kept_promises", "gte", 2), is_("late_months", "gte", 3)


def policy(*parts: Any, **changes: Any) -> PolicyRules:
    return parse_policy(policy_body(gate={"all": list(parts or [A])}, **changes))


def lines(old: PolicyRules, new: PolicyRules) -> list[tuple[str, str, str]]:
    with override("en"):
        found = condition_lines(old.gate, new.gate, "gate", "gate", old, new)
        return [(str(line.mark), line.old_path, line.new_path) for line in found]


def test_a_condition_with_another_threshold_is_paired_with_the_old_one() -> None:
    assert lines(policy(A, B), policy(A | {"value": 4}, B)) == [
        ("changed", "gate.all[0]", "gate.all[0]"),
        ("same", "gate.all[1]", "gate.all[1]"),
    ]


def test_conditions_are_added_removed_and_moved() -> None:
    assert lines(policy(A, B), policy(B, C)) == [
        ("removed", "gate.all[0]", ""),
        ("same", "gate.all[1]", "gate.all[0]"),
        ("added", "", "gate.all[1]"),
    ]
    assert [mark for mark, _old, _new in lines(policy(A, B), policy(B, A))] == ["moved", "same"]


def test_no_tree_on_one_side_gives_only_additions_or_removals() -> None:
    both = policy(A, B)

    added = list(condition_lines(None, both.gate, "", "gate", both, both))
    removed = list(condition_lines(both.gate, None, "gate", "", both, both))

    assert [str(line.mark) for line in added + removed] == ["added", "added", "removed", "removed"]


def test_an_equal_amount_in_another_currency_is_a_change() -> None:
    old, new = policy(), policy(currency="TWD", rates={"TWD": "1", "CNY": "0.2"})
    with override("en"):
        (line,) = [each for each in settings_lines(old, new) if each.new_path == "parameters.grade_a_amount"]

    assert (str(line.mark), line.old, line.new) == ("changed", "CNY 200,000", "TWD 200,000")
