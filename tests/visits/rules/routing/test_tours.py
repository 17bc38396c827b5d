"""The times of one crew's day: windows, waiting, the way back, and who is left out."""

from dataclasses import replace

import pytest

from visits.rules.routing.tours import Node, Rest, Shift, reach_problem, time_tour, without_misfits

# From everywhere to everywhere else in 600 seconds.
SECONDS = [[0 if one == other else 600 for other in range(4)] for one in range(4)]
DAY = Shift(index=0, starts=0, ends=10_000, max_stops=8)


def node(index, *, opens=0, closes=10_000, priority=1, service=1_800, demand=0):
    return Node(index=index, service_seconds=service, windows=((opens, closes),), priority=priority, demand=demand)


def test_a_crew_leaves_as_late_as_costs_nothing():
    tour = time_tour(shift=DAY, nodes=(node(1, opens=3_000), node(2)), seconds=SECONDS)

    assert (tour.departs, tour.returns) == (2_400, 7_800)
    assert [(call.arrives, call.starts, call.leaves) for call in tour.calls] == [
        (3_000, 3_000, 4_800),
        (5_400, 5_400, 7_200),
    ]


@pytest.mark.parametrize(
    ("shift", "nodes"),
    [
        (DAY, (node(1, closes=599),)),
        (Shift(index=0, starts=0, ends=2_999, max_stops=8), (node(1),)),
        (Shift(index=0, starts=0, ends=10_000, max_stops=1), (node(1), node(2))),
        (DAY, (node(1), node(2, closes=2_999))),
    ],
)
def test_a_tour_that_breaks_a_window_the_shift_or_the_number_of_stops_is_none(shift, nodes):
    assert time_tour(shift=shift, nodes=nodes, seconds=SECONDS) is None


@pytest.mark.parametrize(
    ("stop", "problem"),
    [(node(1), ""), (node(1, opens=10_001, closes=20_000), "WINDOW"), (node(1, closes=599), "REACH")],
)
def test_why_a_crew_cannot_serve_a_stop_alone(stop, problem):
    assert reach_problem(shift=DAY, node=stop, seconds=SECONDS) == problem


def test_the_most_urgent_stops_are_kept_in_their_order():
    short = Shift(index=0, starts=0, ends=5_400, max_stops=8)
    nodes = (node(1), node(2, priority=3), node(3, priority=2))

    kept = without_misfits(shift=short, nodes=nodes, seconds=SECONDS)

    assert [each.index for each in kept] == [2, 3]


def test_a_crew_leaves_late_only_as_far_as_no_window_closes():
    nodes = (node(1, closes=1_000, service=0), node(2, opens=5_000, service=0))

    tour = time_tour(shift=DAY, nodes=nodes, seconds=SECONDS)

    assert (tour.departs, [call.starts for call in tour.calls], tour.returns) == (400, [1_000, 5_000], 5_600)


@pytest.mark.parametrize(
    ("rest", "departs", "starts", "returns", "rests"),
    [
        # Between two stops, where it makes the second one later.
        ((2_000, 2_500, 900), 0, [600, 3_900], 6_300, (2_400,)),
        # At the base before leaving, and at the base after the return.
        ((0, 0, 900), 900, [1_500, 3_900], 6_300, (0,)),
        ((6_000, 9_000, 900), 0, [600, 3_000], 5_400, (6_000,)),
        # On arrival at the first stop, before its visit.
        ((600, 700, 900), 0, [1_500, 3_900], 6_300, (600,)),
    ],
)
def test_a_break_falls_where_the_day_ends_earliest(rest, departs, starts, returns, rests):
    opens, closes, seconds = rest
    shift = replace(DAY, rests=(Rest(opens=opens, closes=closes, seconds=seconds),))
    nodes = (node(1, closes=1_500), node(2))

    tour = time_tour(shift=shift, nodes=nodes, seconds=SECONDS)

    found = (tour.departs, [call.starts for call in tour.calls], tour.returns, tour.rests)
    assert found == (departs, starts, returns, rests)


def test_waiting_at_the_door_is_a_break():
    shift = replace(DAY, rests=(Rest(opens=1_000, closes=2_000, seconds=900),))

    tour = time_tour(shift=shift, nodes=(node(1, closes=600, service=0), node(2, opens=3_000)), seconds=SECONDS)

    assert ([call.starts for call in tour.calls], tour.returns) == ([600, 3_000], 5_400)
    assert tour.rests == (1_200,)


@pytest.mark.parametrize(
    "rests",
    [
        # During the only visit, and too late to end within the shift.
        (Rest(opens=700, closes=800, seconds=60),),
        (Rest(opens=9_950, closes=9_990, seconds=60),),
        # Two that cannot both begin in time.
        (Rest(opens=3_000, closes=3_100, seconds=900), Rest(opens=3_100, closes=3_200, seconds=900)),
    ],
)
def test_a_day_without_room_for_its_breaks_is_none(rests):
    shift = replace(DAY, rests=rests)

    assert time_tour(shift=shift, nodes=(node(1, closes=600, service=1_800),), seconds=SECONDS) is None


def test_demand_is_bounded_by_the_capacity():
    nodes = (node(1, demand=3), node(2, demand=4))

    assert time_tour(shift=replace(DAY, capacity=6), nodes=nodes, seconds=SECONDS) is None
    assert time_tour(shift=replace(DAY, capacity=7), nodes=nodes, seconds=SECONDS).returns == 5_400
