"""A crew is at one place at a time, and its day costs what the road takes."""

from datetime import UTC, datetime, timedelta

import pytest

from visits.rules.dispatch.timetable import RouteCost, Stay, clash, middle, road_metres, road_time, route_cost

NINE = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
HOME = (31.230400, 121.473700)
# 4,000 m as the crow flies: 5,200 m by road, 749 s.
AWAY = (31.2663735, 121.4737)


def stay(minutes: float, place=HOME, ref: int = 1) -> Stay:
    return Stay(ref=ref, starts_at=NINE + timedelta(minutes=minutes), place=place)


def test_the_way_is_a_third_longer_than_the_straight_line_at_25_km_an_hour():
    assert road_metres(HOME, AWAY) == 5200
    assert road_time(5200) == timedelta(seconds=749)
    assert road_metres(HOME, None) == 0


@pytest.mark.parametrize(
    ("minutes", "place", "clashes"),
    [
        # At the same door: the visit of 30 minutes ends exactly when the next one begins.
        (30, HOME, False),
        (30 - 1 / 60, HOME, True),
        (-30, HOME, False),
        (-30 + 1 / 60, HOME, True),
        (0, HOME, True),
        # 749 s away, of which up to a minute may have been rounded off: 30 min + 689 s is too early, one more is not.
        (30 + 689 / 60, AWAY, True),
        (30 + 690 / 60, AWAY, False),
        (-30 - 689 / 60, AWAY, True),
        (-30 - 690 / 60, AWAY, False),
        # Nobody knows where: only the visits themselves may not overlap.
        (30, None, False),
        (29, None, True),
    ],
)
def test_two_visits_need_their_own_time_and_the_way_between(minutes, place, clashes):
    other = stay(minutes, place, ref=2)

    assert clash(wanted=stay(0), others=[other]) == (other if clashes else None)


def test_the_first_of_several_clashes_is_named():
    late, early, free = stay(10, ref=2), stay(-10, ref=3), stay(300, ref=4)

    assert clash(wanted=stay(0), others=[free, late, early]) == early


def test_a_day_costs_the_way_out_between_and_back():
    day = [stay(60, AWAY, ref=2), stay(0, HOME)]

    assert route_cost(base=AWAY, stays=day) == RouteCost(metres=10_400, minutes=30 + 60 + 13)
    assert route_cost(base=None, stays=day) == RouteCost(metres=5_200, minutes=90)
    assert route_cost(base=AWAY, stays=[]) == RouteCost(metres=0, minutes=0)


def test_the_middle_of_places():
    assert middle([(1.0, 3.0), (3.0, 5.0)]) == (2.0, 4.0)
    assert middle([]) is None


def test_a_household_takes_longer_and_its_parts_do_not_clash():
    part = Stay(ref=1, starts_at=NINE, place=HOME, people=3, household="H1")
    other_part = Stay(ref=2, starts_at=NINE, place=HOME, people=3, household="H1")

    assert part.ends_at == NINE + timedelta(minutes=50)
    assert clash(wanted=part, others=[other_part]) is None
    assert clash(wanted=part, others=[stay(49, ref=3)]) == stay(49, ref=3)
    assert clash(wanted=part, others=[stay(50, ref=3)]) is None
    # Without a household two visits at the same time are two, also to the same place.
    assert clash(wanted=stay(0), others=[stay(0, ref=3)]) == stay(0, ref=3)
