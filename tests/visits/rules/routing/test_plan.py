"""Routes of a day: shifts, windows, skills and wishes, and why a stop is left out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.routing import HOUR, NINE, crew, stop, window
from visits.enums import UnassignedReason
from visits.rules.routing import Crew, RoutingPlan, RoutingProblem, Stop, plan_routes


def planned(crews: list[Crew], stops: list[Stop], **changes: Any) -> RoutingPlan:
    problem = RoutingProblem(crews=tuple(crews), stops=tuple(stops), max_iterations=200)
    return plan_routes(replace(problem, **changes), seconds=5, seed=1)


def left_out(plan: RoutingPlan) -> dict[str, UnassignedReason]:
    return {each.stop_id: each.reason for each in plan.unassigned}


def test_plan_routes_finds_the_shortest_way_along_a_line() -> None:
    names = ["s3", "s1", "s4", "s2"]
    stops = [stop(name, north=0.01 * int(name[1])) for name in names]

    plan = planned([crew()], stops)

    assert {each.stop_id for each in plan.routes[0].stops} == set(names)
    # Four hundredths of a degree there and back, times 1.3; what lies between is free on either way.
    assert plan.distance_m == pytest.approx(2 * 4 * 1112 * 1.3, rel=0.01)
    assert (plan.feasible, plan.is_repeatable) == (True, True)


def test_plan_routes_times_a_single_stop() -> None:
    plan = planned([crew()], [stop(windows=(window(2, 3),))])

    route, only = plan.routes[0], plan.routes[0].stops[0]
    assert only.starts_at == NINE + 2 * HOUR
    assert only.leaves_at == only.starts_at + timedelta(minutes=30)
    assert only.arrives_at == only.starts_at  # leaves late rather than wait at the door
    assert route.departs_at > NINE + HOUR
    assert route.returns_at - only.leaves_at == only.arrives_at - route.departs_at
    assert route.minutes == plan.minutes == pytest.approx(37, abs=1)


@pytest.mark.parametrize(
    ("crews", "stops", "expected"),
    [
        ([], [stop()], UnassignedReason.NO_CREW),
        ([crew(max_stops=0)], [stop()], UnassignedReason.NO_CREW),
        ([crew(ends_at=NINE + timedelta(milliseconds=200))], [stop()], UnassignedReason.NO_CREW),
        ([crew(latitude=0.0, longitude=0.0)], [stop()], UnassignedReason.NO_CREW),
        ([crew()], [stop(skills=frozenset({"F"}))], UnassignedReason.NO_SKILL),
        ([crew(latitude=None)], [stop()], UnassignedReason.NO_CREW),
        ([crew(capacity=2)], [stop(demand=3)], UnassignedReason.NO_CAPACITY),
        ([crew()], [stop(longitude=None)], UnassignedReason.BAD_POSITION),
        ([crew()], [stop(latitude=0.0, longitude=0.0)], UnassignedReason.BAD_POSITION),
        ([crew()], [stop(windows=(window(-3, -1),))], UnassignedReason.WINDOW_CLOSED),
        ([crew()], [stop(windows=(window(12, 13),))], UnassignedReason.WINDOW_CLOSED),
        ([crew()], [stop(windows=(window(3, 2),))], UnassignedReason.WINDOW_CLOSED),
        ([crew()], [stop(north=9.0)], UnassignedReason.OUT_OF_REACH),
        ([crew()], [stop(service_minutes=700)], UnassignedReason.OUT_OF_REACH),
        ([crew()], [stop(north=0.5, windows=(window(0, 1),))], UnassignedReason.OUT_OF_REACH),
    ],
)
def test_plan_routes_says_why_a_stop_is_left_out(
    crews: list[Crew], stops: list[Stop], expected: UnassignedReason
) -> None:
    plan = planned(crews, stops)

    assert left_out(plan) == {"s1": expected}
    assert (plan.routes, plan.distance_m, plan.minutes, plan.feasible) == ((), 0, 0, False)


def test_plan_routes_of_nothing_is_an_empty_plan() -> None:
    plan = planned([crew()], [])

    assert (plan.routes, plan.unassigned, plan.feasible) == ((), (), True)


def test_plan_routes_leaves_out_the_least_urgent_when_there_are_too_many() -> None:
    stops = [stop(f"s{n}", north=0.01 + n / 500, priority=2 if n % 2 else 1) for n in range(12)]

    plan = planned([crew(max_stops=6)], stops)

    assert left_out(plan) == {f"s{n}": UnassignedReason.NO_CAPACITY for n in range(0, 12, 2)}


def test_plan_routes_says_no_room_when_time_and_not_number_is_short() -> None:
    stops = [stop(f"s{n}", service_minutes=300) for n in range(3)]

    plan = planned([crew()], stops)

    assert sorted(left_out(plan).values()) == [UnassignedReason.NO_ROOM]


def test_plan_routes_gives_a_stop_to_a_crew_with_the_skill() -> None:
    skilled = crew("c2", latitude=30.6, skills=frozenset({"F"}))

    plan = planned([crew(), skilled], [stop(skills=frozenset({"F"})), stop("s2", north=-0.02)])

    assert {route.crew_id: [s.stop_id for s in route.stops] for route in plan.routes} == {"c1": ["s2"], "c2": ["s1"]}


def test_plan_routes_prefers_the_wished_crew_over_a_small_detour_only() -> None:
    wished = frozenset({"F"})
    near, far = crew("near", latitude=30.26, skills=wished), crew("far", latitude=30.9, skills=wished)

    assert planned([crew(), near], [stop(prefers=wished)]).routes[0].crew_id == "near"
    assert planned([crew(), far], [stop(prefers=wished)]).routes[0].crew_id == "c1"


def test_plan_routes_uses_the_second_window_when_the_first_is_taken() -> None:
    morning = window(0, 0.6)
    stops = [stop("s1", windows=(morning,)), stop("s2", north=-0.01, windows=(morning, window(6, 7)))]

    plan = planned([crew()], stops)

    starts = {each.stop_id: each.starts_at for each in plan.routes[0].stops}
    assert starts["s1"] <= NINE + 0.6 * HOUR
    assert NINE + 6 * HOUR <= starts["s2"] <= NINE + 7 * HOUR


def test_plan_routes_repeats_itself_for_a_seed() -> None:
    stops = [stop(f"s{n}", north=(n * 37 % 100) / 800, east=(n * 61 % 100) / 800) for n in range(14)]
    crews = [crew(), crew("c2")]

    one, two = planned(crews, stops), planned(crews, stops)

    assert one == two
    assert one.is_repeatable


def test_plan_routes_keeps_to_its_time() -> None:
    stops = [stop(f"s{n}", north=n / 900, east=n * 7 % 30 / 300) for n in range(16)]
    problem = RoutingProblem(crews=(crew(), crew("c2")), stops=tuple(stops), max_iterations=10**9)

    plan = plan_routes(problem, seconds=0.0, seed=1)

    assert not plan.is_repeatable
    assert sum(len(route.stops) for route in plan.routes) + len(plan.unassigned) == 16


stops_strategy = st.lists(
    st.builds(
        lambda north, east, opens, length, minutes, skill: stop(
            north=north,
            east=east,
            service_minutes=minutes,
            windows=(window(opens, opens + length), window(opens + 2, opens + 3)),
            skills=frozenset({"F"} if skill else ()),
        ),
        st.floats(min_value=-0.4, max_value=0.4),
        st.floats(min_value=-0.4, max_value=0.4),
        st.floats(min_value=-3, max_value=12),
        st.floats(min_value=-1, max_value=4),
        st.integers(min_value=0, max_value=120),
        st.booleans(),
    ),
    max_size=9,
)
crews_strategy = st.lists(
    st.builds(
        lambda starts, hours, most, skill: crew(
            starts_at=NINE + starts * HOUR,
            ends_at=NINE + (starts + hours) * HOUR,
            max_stops=most,
            skills=frozenset({"F"} if skill else ()),
        ),
        st.floats(min_value=0, max_value=6),
        st.one_of(st.floats(min_value=0.001, max_value=8), st.floats(min_value=0.000001, max_value=0.001)),
        st.integers(min_value=0, max_value=4),
        st.booleans(),
    ),
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(crews=crews_strategy, stops=stops_strategy, seed=st.integers(min_value=0, max_value=2**31))
def test_plan_routes_keeps_every_promise(crews: list[Crew], stops: list[Stop], seed: int) -> None:
    by_crew = {f"c{n}": replace(each, id=f"c{n}") for n, each in enumerate(crews)}
    by_stop = {f"s{n}": replace(each, id=f"s{n}") for n, each in enumerate(stops)}
    problem = RoutingProblem(crews=tuple(by_crew.values()), stops=tuple(by_stop.values()), max_iterations=20)

    plan = plan_routes(problem, seconds=5, seed=seed)

    visited = [each.stop_id for route in plan.routes for each in route.stops]
    assert sorted([*visited, *left_out(plan)]) == sorted(by_stop)
    assert plan.feasible is (not plan.unassigned)
    assert plan.distance_m == sum(route.distance_m for route in plan.routes)
    for route in plan.routes:
        owner = by_crew[route.crew_id]
        assert owner.starts_at <= route.departs_at <= route.returns_at <= owner.ends_at
        assert 1 <= len(route.stops) <= owner.max_stops
        now = route.departs_at
        for each in route.stops:
            wanted = by_stop[each.stop_id]
            assert wanted.skills <= owner.skills
            assert now <= each.arrives_at <= each.starts_at
            assert any(w.opens_at <= each.starts_at <= w.closes_at for w in wanted.windows)
            assert each.leaves_at == each.starts_at + timedelta(minutes=wanted.service_minutes)
            now = each.leaves_at
        assert now <= route.returns_at
