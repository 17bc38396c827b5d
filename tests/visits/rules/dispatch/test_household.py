"""Which orders of a door are one stop: everybody in exactly one, nobody at an hour that is not theirs."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.rules.conduct.door import Door
from visits.rules.dispatch.household import Household, Resident, households, knock_minutes, stop_minutes
from visits.rules.routing import TimeWindow

NINE = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
HOME = Door(key="home", city="3101")
DAY = (0, 620)


def span(opens, closes):
    return TimeWindow(opens_at=NINE + timedelta(minutes=opens), closes_at=NINE + timedelta(minutes=closes))


def resident(order, *windows, **fields):
    values = {"person": order, "door": HOME, "sender": "A1", "over_by": NINE + timedelta(minutes=650)} | fields
    return Resident(order=order, windows=tuple(span(*window) for window in windows or (DAY,)), **values)


def orders(*residents, most=8):
    return [each.orders for each in households(residents=residents, most=most)]


@pytest.mark.parametrize(("people", "minutes"), [(1, 30), (2, 40), (4, 60), (8, 100)])
def test_a_stop_takes_half_an_hour_and_ten_minutes_more_for_each_further_person(people, minutes):
    assert stop_minutes(people=people) == minutes
    assert stop_minutes(people=people) == knock_minutes(is_further=False) + (people - 1) * knock_minutes(
        is_further=True
    )


@pytest.mark.parametrize(
    ("other", "together"),
    [
        ({}, True),
        ({"door": Door(key="home")}, True),
        ({"door": Door(key="next door", city="3101")}, False),
        ({"door": Door(key="home", city="3301")}, False),
        ({"sender": "A2"}, False),
        ({"person": 1}, False),
    ],
)
def test_only_different_people_of_one_door_and_one_agency_are_visited_together(other, together):
    assert orders(resident(1), resident(2, **other)) == ([(1, 2)] if together else [(1,), (2,)])


def test_a_door_without_a_city_joins_those_of_one_city_only():
    doors = [Door(key="home", city="3101"), Door(key="home"), Door(key="home", city="3301")]

    assert orders(*(resident(number, door=door) for number, door in enumerate(doors))) == [(0, 1), (2,)]


def test_a_stop_begins_when_it_suits_everybody_and_is_over_in_time():
    found = households(residents=[resident(1, (0, 60), (300, 620)), resident(2, (30, 320))], most=8)

    assert found == (Household(orders=(1, 2), windows=(span(30, 60), span(300, 320))),)
    # Forty minutes for two: the last beginning is ten minutes earlier than for one.
    assert households(residents=[resident(1), resident(2)], most=8)[0].windows == (span(0, 610),)
    assert households(residents=[resident(1)], most=8)[0].windows == (span(0, 620),)


def test_whose_hours_do_not_meet_or_who_is_one_too_many_has_a_stop_of_their_own():
    assert orders(resident(1, (0, 60)), resident(2, (61, 620)), resident(3, (60, 60))) == [(1, 3), (2,)]
    assert orders(resident(1, (612, 620)), resident(2, (612, 620))) == [(1,), (2,)]
    assert orders(*(resident(number) for number in range(5)), most=2) == [(0, 1), (2, 3), (4,)]


@given(
    people=st.lists(
        st.tuples(
            st.integers(1, 4),
            st.sampled_from(["home", "next door"]),
            st.sampled_from(["", "3101", "3301"]),
            st.sampled_from(["A1", "A2"]),
            st.lists(st.tuples(st.integers(0, 620), st.integers(0, 620)).map(sorted), min_size=1, max_size=2),
        ),
        max_size=9,
    ),
    most=st.integers(1, 8),
)
def test_everybody_is_in_one_stop_that_suits_them(people, most):
    residents = [
        resident(number, *windows, person=person, door=Door(key=key, city=city), sender=sender)
        for number, (person, key, city, sender, windows) in enumerate(people)
    ]

    found = households(residents=residents, most=most)

    by_order = {each.order: each for each in residents}
    assert sorted(order for each in found for order in each.orders) == sorted(by_order)
    for each in found:
        members = [by_order[order] for order in each.orders]
        assert len(members) <= most
        assert len({member.person for member in members}) == len(members)
        assert len({member.sender for member in members}) == 1
        assert all(one.door.is_same(other.door) for one in members for other in members)
        assert each.windows
        needs = timedelta(minutes=stop_minutes(people=len(members)))
        for begins in [instant for window in each.windows for instant in (window.opens_at, window.closes_at)]:
            assert all(begins + needs <= member.over_by for member in members)
            assert all(
                any(window.opens_at <= begins <= window.closes_at for window in member.windows) for member in members
            )
