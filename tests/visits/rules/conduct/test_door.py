"""Doors: one dwelling by its key and city, and the caps that all who live there share."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

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


def made_together(household: str, *days: float, own: bool = False, **fields: Any) -> ContactHistory:
    """Return two visits to others on each of the days, made in one household visit a day; with `own`, to the person too."""
    others = to_others(*(day for day in days for _each in range(2)), **fields).at_doors
    named = tuple(replace(visit, household_ref=f"{household}{visit.starts_at}") for visit in others)
    return ContactHistory(visits=named[::2] if own else (), at_doors=named)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        # Two household visits of two people each in a month are two visits, as two to single people are.
        (made_together("H", 8), []),
        (made_together("H", 8, 29), [ConductRule.HOUSEHOLD_CAP]),
        (made_together("H", 8, own=True), []),
        (to_others(8, 8), [ConductRule.HOUSEHOLD_CAP]),
        # One visit a week to the address, however many people it went to.
        (made_together("H", 6), [ConductRule.ADDRESS_CAP]),
        (made_together("H", 10, agency="A2"), [ConductRule.DOOR_AGENCY]),
        (made_together("H", 6, own=True), [ConductRule.ADDRESS_CAP, ConductRule.AFTER_VISIT]),
    ],
)
def test_a_household_visit_counts_once_for_the_door(history: ContactHistory, expected: list[ConductRule]) -> None:
    assert refused(LAWFUL, history) == expected


def test_those_who_are_visited_with_the_person_do_not_count() -> None:
    mates = to_others(0, 0, 0)
    together = ContactHistory(at_doors=tuple(replace(visit, household_ref="H1") for visit in mates.at_doors))

    assert refused(replace(LAWFUL, household_ref="H1"), together) == []
    assert refused(replace(LAWFUL, household_ref="H2"), together) == [ConductRule.ADDRESS_CAP]
    assert refused(LAWFUL, together) == [ConductRule.ADDRESS_CAP]
    # The agency of the door holds for those who come together as well.
    foreign = ContactHistory(at_doors=tuple(replace(visit, agency_ref="A2") for visit in together.at_doors))
    assert refused(replace(LAWFUL, household_ref="H1"), foreign) == [ConductRule.DOOR_AGENCY]
    # A person's own visits count whoever was there: they are visited once.
    own = ContactHistory(visits=together.at_doors[:1])
    assert ConductRule.AFTER_VISIT in refused(replace(LAWFUL, household_ref="H1"), own)


@given(wishes=st.lists(st.tuples(st.integers(1, 4), st.integers(-45, 45), st.booleans()), min_size=1, max_size=14))
def test_joining_brings_nobody_to_the_door_more_often_than_the_caps_allow(wishes: list[tuple[int, int, bool]]) -> None:
    """Whoever plans, in any order: people ask for a visit on a day, of their own or with whoever is visited on that day."""
    planned: list[tuple[int, PastVisit]] = []
    for person, day, joins in wishes:
        starts_at = NOON + timedelta(days=day)
        mate = next((visit for _who, visit in planned if visit.starts_at == starts_at), None) if joins else None
        visit = PastVisit(
            starts_at=starts_at,
            door=HOME,
            placement_ref=f"P{person}",
            agency_ref="A1",
            household_ref=mate.household_ref if mate else f"H{len(planned)}",
        )
        history = ContactHistory(
            visits=tuple(each for who, each in planned if who == person),
            at_doors=tuple(each for who, each in planned if who != person),
        )
        asked = cap_refusals(
            policy=CN,
            starts_at=starts_at,
            history=history,
            door=HOME,
            placement_ref=visit.placement_ref,
            agency_ref="A1",
            household_ref=visit.household_ref,
        )
        if not list(asked):
            planned.append((person, visit))

    occasions = {visit.household_ref: visit.starts_at for _who, visit in planned}
    assert within(occasions.values(), days=CN.address_cap_days) <= CN.address_cap
    assert within(occasions.values(), days=CN.door_cap_days) <= CN.door_cap
    for person in {who for who, _visit in planned}:
        own = [visit.starts_at for who, visit in planned if who == person]
        assert within(own, days=CN.debtor_cap_days) <= CN.debtor_cap
        assert within(own, days=CN.after_visit_days) <= 1
    # Everybody who joined is at the door when the others are.
    assert all(visit.starts_at == occasions[visit.household_ref] for _who, visit in planned)


def within(instants: Iterable[datetime], *, days: int) -> int:
    """Return the largest number of instants in any [t, t + days)."""
    known = list(instants)
    return max((sum(1 for each in known if at <= each < at + timedelta(days=days)) for at in known), default=0)


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
