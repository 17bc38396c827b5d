"""The way between places: straight lines, or given matrices whose two directions differ."""

from dataclasses import replace

import pytest

from tests.factories.routing import HOUR, NINE, crew, stop
from visits.enums import UnassignedReason
from visits.rules.routing import Matrices, Objective, RoutingProblem, plan_routes
from visits.rules.routing.tours import Shift
from visits.rules.routing.travel import kinds_of_crew, ways

CREWS = (crew(), crew("c2", max_stops=0))
STOPS = (stop(), stop("s2", north=0.02))


def test_straight_lines_are_the_same_both_ways_and_take_whole_seconds():
    metres, seconds = ways(problem=RoutingProblem(crews=CREWS[:1], stops=STOPS), crews=CREWS[:1], stops=STOPS)

    assert metres == [[0, 1_446, 2_891], [1_446, 0, 1_446], [2_891, 1_446, 0]]
    assert seconds == [[0, 209, 417], [209, 0, 209], [417, 209, 0]]


def test_given_ways_are_those_of_the_places_that_take_part():
    matrices = Matrices(
        seconds=[[0, 1, 2.2, 3], [4, 0, 5, 6], [7, 8, 9, None], [11, 12, 13, 14]],
        metres=[[0, 10, 20.4, 30], [40, 0, 50, 60], [70, 80, 90, 100], [110, 120, None, 140]],
    )
    problem = RoutingProblem(crews=CREWS, stops=STOPS, matrices=matrices)

    metres, seconds = ways(problem=problem, crews=CREWS[:1], stops=STOPS)

    # Rounded up in time; nobody goes from a place to itself; no way is a way too long.
    assert seconds == [[0, 3, 3], [7, 0, 100_000_000], [11, 13, 0]]
    assert metres == [[0, 20, 30], [70, 0, 100], [110, 100_000_000, 0]]


def test_a_route_follows_the_direction_that_is_short():
    # A one-way circle: from the base to s1, to s2, and back.
    circle = [[0, 100, 900], [900, 0, 100], [100, 900, 0]]
    problem = RoutingProblem(
        crews=(crew(latitude=None, longitude=None, ends_at=NINE + HOUR),),
        stops=tuple(replace(each, service_minutes=0) for each in STOPS),
        max_iterations=50,
        matrices=Matrices(seconds=circle, metres=circle),
    )

    # Coordinates are asked for even so: who has none is not planned.
    assert [each.reason for each in plan_routes(problem, seconds=5, seed=1).unassigned] == [
        UnassignedReason.NO_CREW
    ] * 2
    plan = plan_routes(replace(problem, crews=(crew(ends_at=NINE + HOUR),)), seconds=5, seed=1)

    (route,) = plan.routes
    assert ([each.stop_id for each in route.stops], route.distance_m) == (["s1", "s2"], 300)
    assert [each.distance_m for each in route.stops] == [100, 100]


def test_a_stop_without_a_known_way_is_out_of_reach():
    matrix = [[0, 60, None], [60, 0, None], [60, 60, 0]]
    problem = RoutingProblem(
        crews=CREWS[:1], stops=STOPS, max_iterations=50, matrices=Matrices(seconds=matrix, metres=matrix)
    )

    plan = plan_routes(problem, seconds=5, seed=1)

    assert [(each.stop_id, each.reason) for each in plan.unassigned] == [("s2", UnassignedReason.OUT_OF_REACH)]


@pytest.mark.parametrize(
    ("objective", "routes"),
    [
        # One crew alone goes 2,000 metres further, but one crew fewer; two are short.
        (Objective.CREWS_THEN_DISTANCE, 1),
        (Objective.DISTANCE, 2),
    ],
)
def test_fewer_crews_or_fewer_metres(objective, routes):
    crews = (crew("c1"), crew("c2"))
    places = (0, 5_000, 100, 4_900)
    metres = [[abs(one - other) for other in places] for one in places]
    problem = RoutingProblem(
        crews=crews,
        stops=STOPS,
        max_iterations=100,
        matrices=Matrices(seconds=metres, metres=metres),
        objective=objective,
    )

    plan = plan_routes(problem, seconds=5, seed=1)

    assert (len(plan.routes), plan.feasible) == (routes, True)


def test_crews_stand_in_for_each_other_if_day_place_and_skills_are_the_same():
    shift = Shift(index=0, starts=0, ends=100, max_stops=2)
    shifts = [shift, replace(shift, index=1), replace(shift, index=2), replace(shift, index=3, ends=99)]
    way = [[0, 0, 9, 0, 5], [0, 0, 9, 0, 5], [9, 9, 0, 9, 6], [0, 0, 9, 0, 5], [5, 5, 5, 5, 0]]

    kinds = kinds_of_crew(shifts=shifts, fits=["F"] * 4, metres=way, seconds=way, stops=[4])

    assert kinds == [0, 0, 1, 2]
    assert kinds_of_crew(shifts=shifts[:2], fits=["F", "M"], metres=way, seconds=way, stops=[4]) == [0, 1]
