"""The difference of two policies: nothing for the same one, and no change that it keeps to itself."""

from copy import deepcopy
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.core.errors import InvalidInput
from cases.rules.policy.diff import PolicyDiff, diff_policies
from cases.rules.policy.parser import parse_policy
from tests.factories.policy import make_rule, policy_body


def difference(old: dict[str, Any], new: dict[str, Any]) -> PolicyDiff:
    with override("en"):
        return diff_policies(old=parse_policy(old), new=parse_policy(new))


def changed_lines(lines: Any) -> list[tuple[str, str, str]]:
    return [(str(line.mark), line.old, line.new) for line in lines if line.mark != "same"]


def test_a_policy_does_not_differ_from_itself() -> None:
    diff = difference(policy_body(), policy_body())

    assert diff.is_empty
    assert diff.counts() == {"added": 0, "removed": 0, "changed": 0, "moved": 0}
    assert len(diff.rules) == 10 + len(policy_body()["proposals"])


def test_a_changed_threshold_stands_beside_the_old_one() -> None:
    body = policy_body()
    body["rules"][0]["when"]["all"][2]["value"] = "30000"

    diff = difference(policy_body(), body)

    (rule,) = [rule for rule in diff.rules if rule.mark != "same"]
    assert (rule.code, rule.mark, rule.old_path, rule.new_path) == ("LARGE_ARREARS", "changed", "rules[0]", "rules[0]")
    assert changed_lines(rule.conditions) == [("changed", "Arrears at least CNY 20,000", "Arrears at least CNY 30,000")]
    assert rule.conditions[2].new_path == "rules[0].when.all[2]"


def test_rules_are_added_removed_and_moved() -> None:
    body = policy_body()
    first, second, third, fourth = body["rules"]
    body["rules"] = [second, make_rule(code="NEW"), fourth, first]

    diff = difference(policy_body(), body)

    assert {rule.code: str(rule.mark) for rule in diff.rules if rule.mark != "same"} == {
        "NEW": "added",
        third["code"]: "removed",
        first["code"]: "moved",
    }


def test_settings_are_said_in_their_units() -> None:
    body = policy_body(currency="USD", rates={"USD": 1, "CNY": "7"})
    body["parameters"]["sla_days"] = {"1": 1, "2": 5, "3": 10}
    body["caps"]["rate_max"] = "0.02"

    lines = {line.label: (str(line.mark), line.old, line.new) for line in difference(policy_body(), body).settings}

    assert lines["Currency"] == ("changed", "CNY", "USD")
    assert lines["Rate of CNY"] == ("changed", "1", "7")
    assert lines["Rate of TWD"] == ("removed", "4.4", "")
    assert lines["Grade A from"] == ("changed", "CNY 200,000", "USD 200,000")
    assert lines["Taken up within, priority 1"] == ("changed", "2 days", "1 days")
    assert lines["Largest cut of the rate"] == ("changed", "3 percentage points", "2 percentage points")
    assert lines["Largest share restricted in a night"] == ("same", "30 %", "30 %")


def test_a_part_that_only_changed_its_place_is_moved() -> None:
    body = policy_body()
    body["gate"]["all"] = body["gate"]["all"][1:] + body["gate"]["all"][:1]

    (line,) = changed_lines(difference(policy_body(), body).gate)

    assert (line[0], line[1] == line[2]) == ("moved", True)


def test_a_group_put_around_the_same_conditions_is_a_change() -> None:
    body = policy_body(gate={"all": [policy_body()["gate"]]})

    assert [mark for mark, _old, _new in changed_lines(difference(policy_body(), body).gate)][:1] != []


EDITS = ("title.en", "title.zh", "priority", "needs_visit")


@pytest.mark.parametrize("edit", EDITS)
def test_every_part_of_a_rules_head_shows(edit: str) -> None:
    body = policy_body()
    rule: Any = body["rules"][1]
    if edit.startswith("title"):
        rule["title"][edit[-2:]] = "another"
    else:
        rule[edit] = 3 if edit == "priority" else False

    (diff,) = [rule for rule in difference(policy_body(), body).rules if rule.mark != "same"]

    assert [line.new_path for line in diff.head if line.mark == "changed"] == [f"rules[1].{edit}"]


def test_an_effect_shows() -> None:
    body = policy_body()
    body["rewards"][0]["effect"]["expires_days"] = 90

    (diff,) = [rule for rule in difference(policy_body(), body).rules if rule.mark != "same"]

    (line,) = changed_lines(diff.head)
    assert line[1:] == (
        "raise the limit by 20 %, by CNY 20,000 at most",
        "raise the limit by 20 %, by CNY 20,000 at most, for 90 days",
    )


def leaf_places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every scalar of a body."""
    if isinstance(node, dict):
        return [way for key, value in node.items() for way in leaf_places(value, (*path, key))]
    if isinstance(node, list):
        return [way for i, value in enumerate(node) for way in leaf_places(value, (*path, i))]
    return [path]


PLACES = leaf_places(policy_body())


@settings(max_examples=200, deadline=None)
@given(place=st.sampled_from(PLACES), by=st.integers(1, 3))
def test_no_change_of_a_body_is_kept_quiet(place: tuple[Any, ...], by: int) -> None:
    old, new = policy_body(), deepcopy(policy_body())
    at: Any = new
    for key in place[:-1]:
        at = at[key]
    value = at[place[-1]]
    other = {bool: lambda: not value, int: lambda: value + by}.get(type(value), lambda: _other_text(value, by))()
    at[place[-1]] = other
    try:
        parsed_old, parsed_new = parse_policy(old), parse_policy(new)
    except InvalidInput:
        return  # not a policy any more

    diff = diff_policies(old=parsed_old, new=parsed_new)

    assert diff.is_empty is (parsed_old == parsed_new)
    assert not diff.is_empty


def _other_text(value: str, by: int) -> str:
    try:
        return str(float(value) / (1 + by))
    except ValueError:
        return value + "X" * by


def test_a_changed_row_of_proposals_stands_beside_the_old_one() -> None:
    body = policy_body()
    partly = next(each for each in body["proposals"] if each["code"] == "PART_OF_MEANS")
    partly["result"]["decisions"][0]["instalments"] = 12
    body["parameters"]["firm_confidence"] = "0.9"

    with override("en"):
        diff = difference(policy_body(), body)
        (changed,) = [rule for rule in diff.rules if rule.mark != "same"]

        assert (changed.section, changed.code, changed.is_moved) == ("proposals", "PART_OF_MEANS", False)
        assert changed_lines(changed.head) == [
            ("changed", "propose Repayment plan of 24 instalments", "propose Repayment plan of 12 instalments")
        ]
        assert changed_lines(diff.settings) == [("changed", "80 %", "90 %")]


def test_a_version_without_a_table_is_compared_as_it_decides() -> None:
    former = policy_body()
    del former["proposals"]

    assert difference(former, policy_body()).is_empty
