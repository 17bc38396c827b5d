"""What more visits would meet: room, when it frees up, crews and prices."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories.visits import TODAY, make_agency, make_case, make_member, make_placement
from visits.selectors.foresight import Overload, Room, crew_days, overload, rooms


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_territorys_room_takes_the_same_queries_for_one_and_three(item_count, shanghai, django_assert_num_queries):
    for _each in range(item_count):
        agency = make_agency(territory=shanghai, capacity=2)
        make_member(agency=agency), make_member(agency=agency)
        make_placement(case=make_case(territory=shanghai), agency=agency)

    # capacities, held, endings, waiting, crew, prices
    with django_assert_num_queries(6):
        room = rooms(territories=[shanghai.pk], business_date=TODAY)[shanghai.pk]

    assert (room.agencies, room.capacity, room.held, room.free, room.pairs) == (
        item_count,
        2 * item_count,
        item_count,
        item_count,
        item_count,
    )
    assert room.ending == {TODAY + timedelta(days=90): item_count}
    assert [(price.currency, price.low, price.mean) for price in room.prices] == [("CNY", Decimal(220), Decimal(220))]


@pytest.mark.parametrize(
    ("room", "more", "found"),
    [
        (Room(agencies=1, free=5), 5, None),
        (Room(agencies=1, free=5), 0, None),
        (Room(agencies=1, free=5, waiting=2), 5, Overload(over=2, since=TODAY, until=None)),
        (
            Room(agencies=1, free=0, ending={TODAY: 1, TODAY + timedelta(days=3): 1}),
            2,
            Overload(over=2, since=TODAY, until=TODAY + timedelta(days=4)),
        ),
        (
            Room(agencies=1, free=0, ending={TODAY + timedelta(days=120): 9}),
            2,
            Overload(over=2, since=TODAY, until=None),
        ),
    ],
)
def test_overload_says_by_how_many_and_until_when(room, more, found):
    assert overload(room=room, more=more, business_date=TODAY) == found


@pytest.mark.parametrize(("pairs", "more", "days"), [(0, 5, None), (1, 8, 1), (1, 9, 2), (2, 17, 2)])
def test_crew_days_round_up(pairs, more, days):
    assert crew_days(room=Room(pairs=pairs), more=more, orders_a_day=8) == days


@pytest.mark.parametrize(
    ("free", "waiting", "more", "over"), [(5, 0, 5, None), (5, 1, 5, 1), (0, 9, 0, None), (2, 0, 6, 4)]
)
def test_overload_begins_where_places_end(free: int, waiting: int, more: int, over: int | None) -> None:
    found = overload(room=Room(agencies=1, free=free, waiting=waiting), more=more, business_date=TODAY)

    assert (found and found.over) == over
    assert found is None or found.until is None
