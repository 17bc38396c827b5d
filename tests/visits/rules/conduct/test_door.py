"""Doors: one dwelling by its key and city, and the caps that all who live there share."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.conduct import CN, LAWFUL, NOON, refused
from visits.rules.conduct.clauses import ConductRule
from visits.rules.conduct.contact import ContactHistory, PastVisit
from visits.rules.conduct.door import Door
from visits.rules.conduct.timing import cap_refusals

HOME = Door(key="home")
SECOND = timedelta(seconds=1)


def to_others(*days: float, agency: str = "A1", door: Door = HOME, more: timedelta = timedelta()) -> ContactHistory:
    """Return visits to other people at the door, so many days before the visit that is asked about."""
    return ContactHistory(
        at_doors=tuple(
            PastVisit(starts_at=NOON - timedelta(days=n) - more, door=door, placement_ref="P9", agency_ref=agency)
            for n in days
        )
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Door(key="a", city="3101"), Door(key="a", city="3101"), True),
        (Door(key="a", city="3101"), Door(key="a", city="3301"), False),
        (Door(key="a", city="3101"), Door(key="a"), True),
        (Door(key="a"), Door(key="b"), False),
    ],
)
def test_a_door_is_the_same_unless_its_number_or_its_city_differs(one: Door, other: Door, same: bool) -> None:
    assert (one.is_same(other), other.is_same(one)) == (same, same)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (to_others(7), []),
        (to_others(7, more=-SECOND), [ConductRule.ADDRESS_CAP]),
        (to_others(-7), []),
        (to_others(-7, more=SECOND), [ConductRule.ADDRESS_CAP]),
        (to_others(8, 30, more=-SECOND), [ConductRule.HOUSEHOLD_CAP]),
        (to_others(8, 30), []),
        (to_others(1, door=Door(key="next door")), []),
        (to_others(30, agency="A2"), []),
        (to_others(30, agency="A2", more=-SECOND), [ConductRule.DOOR_AGENCY]),
        # Its placement has ended.
        (to_others(10, agency=""), []),
    ],
)
def test_visits_to_others_at_the_door_count(history: ContactHistory, expected: list[ConductRule]) -> None:
    assert refused(LAWFUL, history) == expected


def test_a_visit_without_a_door_asks_no_cap_of_a_door() -> None:
    asked = cap_refusals(
        policy=CN, starts_at=NOON, history=to_others(1, 2, 3), door=None, placement_ref="P1", agency_ref="A1"
    )

    assert list(asked) == []


@given(days=st.lists(st.integers(min_value=-60, max_value=60), max_size=6))
def test_another_agency_may_come_when_the_refusal_says_so_and_not_before(days: list[int]) -> None:
    history = to_others(*days, agency="A2")

    found = {refusal.rule: refusal.until for refusal in ask(history)}

    near = any(abs(day) < CN.door_agency_days for day in days)
    assert (ConductRule.DOOR_AGENCY in found) is near
    until = found.get(ConductRule.DOOR_AGENCY)
    if until is not None:
        assert ConductRule.DOOR_AGENCY not in {refusal.rule for refusal in ask(history, later=until - NOON)}
        before = {refusal.rule for refusal in ask(history, later=until - NOON - SECOND)}
        assert ConductRule.DOOR_AGENCY in before


def ask(history: ContactHistory, *, later: timedelta = timedelta()) -> list:
    asked = replace(LAWFUL, starts_at=NOON + later, ends_at=NOON + later + timedelta(minutes=30))
    return list(
        cap_refusals(
            policy=CN,
            starts_at=asked.starts_at,
            history=history,
            door=asked.door,
            placement_ref=asked.placement_ref,
            agency_ref=asked.agency.ref,
        )
    )
