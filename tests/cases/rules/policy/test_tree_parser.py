"""Trees of conditions: how deep, how many, and which operators a unit takes."""

from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.policy.feature import Place, Unit
from cases.rules.policy.tree_parser import LARGEST, MAX_CONDITIONS, MAX_DEPTH, OPS, read_title, read_tree

LEAF = {"feature": "days_past_due", "op": "gte", "value": 1}


def nested(depth: int) -> Any:
    tree: Any = LEAF
    for _ in range(depth):
        tree = {"not": tree}
    return tree


def test_depth_and_number_are_bounded() -> None:
    read_tree(nested(MAX_DEPTH - 1), "when", place=Place.RULES)
    for tree in (nested(MAX_DEPTH), {"any": [{"all": [LEAF] * 31}] * 2}):
        with pytest.raises(InvalidInput):
            read_tree(tree, "when", place=Place.RULES)
    assert MAX_CONDITIONS == 60


@pytest.mark.parametrize("place", Place)
def test_days_past_due_can_be_asked_everywhere(place: Place) -> None:
    assert read_tree(LEAF, "when", place=place)


def test_a_title_has_both_languages() -> None:
    assert read_title({"en": "a", "zh": "甲"}, "title").zh == "甲"
    with pytest.raises(InvalidInput):
        read_title({"en": "a"}, "title")


def test_every_unit_has_operators_and_every_number_a_bound() -> None:
    assert set(OPS) == set(Unit)
    assert set(LARGEST) == set(Unit) - {Unit.FLAG, Unit.WORD}
