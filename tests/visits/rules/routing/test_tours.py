"""The times of one crew's day: windows, waiting, the way back, and who is left out."""

import pytest

from visits.rules.routing.tours import Node, Shift, reach_problem, time_tour, without_misfits

# From everywhere to everywhere else in 600 seconds.
SECONDS = [[0 if one == other else 600 for other in range(4)] for one in range(4)]
DAY = Shift(index=0, starts=0, ends=10_000, max_stops=8)


def node(index, *, opens=0, closes=10_000, priority=1, service=1_800):
    return Node(index=index, service_seconds=service, windows=((opens, closes),), priority=priority)


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


def test_the_most_urgent_stops_are_kept():
    short = Shift(index=0, starts=0, ends=5_400, max_stops=8)
    nodes = (node(1), node(2, priority=3), node(3, priority=2))

    tour, left_out = without_misfits(shift=short, nodes=nodes, seconds=SECONDS)

    assert [call.node.index for call in tour.calls] == [2, 3]
    assert [each.index for each in left_out] == [1]
