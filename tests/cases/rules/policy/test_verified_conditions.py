"""Conditions over the facts of a verification, and the first row that fits."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.policy.body import Condition
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.verified_conditions import first_row, holds
from tests.factories.policy import policy_body
from tests.factories.proposals import asked, rest, row

FACTS: dict[str, Any] = {
    "capacity": "ABLE",
    "cooperative": False,
    "cause_confidence": Decimal("0.80"),
    "days_past_due": 31,
    "residence": None,
}


def leaf(feature: str, op: str, value: Any) -> Condition:
    return Condition(feature=feature, op=op, value=value)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (leaf("capacity", "eq", "ABLE"), True),
        (leaf("capacity", "ne", "ABLE"), False),
        (leaf("capacity", "in", ("UNABLE", "ABLE")), True),
        (leaf("capacity", "not_in", ("UNABLE", "ABLE")), False),
        (leaf("capacity", "not_in", ("UNABLE",)), True),
        (leaf("cooperative", "is", False), True),
        (leaf("cooperative", "is", True), False),
        (leaf("cause_confidence", "gte", Decimal("0.8")), True),
        (leaf("cause_confidence", "gt", Decimal("0.8")), False),
        (leaf("cause_confidence", "lte", Decimal("0.8")), True),
        (leaf("cause_confidence", "lt", Decimal("0.8")), False),
        (leaf("days_past_due", "eq", 31), True),
        (leaf("days_past_due", "gte", 32), False),
        # what is unknown or missing meets no comparison, not even "other than"
        (leaf("residence", "ne", "REFUTED"), False),
        (leaf("residence", "not_in", ("REFUTED",)), False),
        (leaf("identity", "eq", "CONFIRMED"), False),
    ],
)
def test_a_comparison_holds(condition: Condition, expected: bool) -> None:
    assert holds(condition, facts=FACTS) is expected


CONDITIONS = [
    asked("capacity", "ABLE"),
    asked("cause", "WILFUL"),
    asked("cooperative", True),
    {"any": [asked("capacity", "UNABLE"), asked("hardship_told", True)]},
    {"not": {"all": [asked("capacity", "ABLE"), asked("cooperative", True)]}},
]


@given(
    picked=st.lists(st.sampled_from(CONDITIONS), max_size=5),
    facts=st.fixed_dictionaries(
        {
            "capacity": st.sampled_from(["ABLE", "UNABLE", "PARTLY_ABLE"]),
            "cause": st.sampled_from(["WILFUL", "TEMPORARY"]),
            "cooperative": st.booleans(),
            "hardship_told": st.booleans(),
            "days_past_due": st.integers(0, 400),
        }
    ),
)
def test_the_first_row_that_fits_is_taken_and_there_always_is_one(picked: list[Any], facts: dict[str, Any]) -> None:
    body = [*(row(f"R{i}", when) for i, when in enumerate(picked)), rest()]
    rows = parse_policy(policy_body(proposals=body)).proposals

    found = first_row(rows, facts=facts)

    assert found is not None
    index = rows.index(found)
    assert holds(found.when, facts=facts)
    assert not any(holds(earlier.when, facts=facts) for earlier in rows[:index])


def test_without_a_row_that_fits_there_is_none() -> None:
    assert first_row((), facts=FACTS) is None
