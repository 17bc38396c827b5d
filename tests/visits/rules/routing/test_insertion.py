"""No stop is left out for want of room while any crew can take it at any place of its day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories.routing import HOUR, NINE, crew, stop, window
from visits.enums import UnassignedReason
from visits.rules.routing import Break, Crew, Matrices, RoutingProblem, Stop, plan_routes
from visits.rules.routing.insertion import Costs, CrewDay, with_insertions
from visits.rules.routing.tours import Node, Shift

NODE = {"service_seconds": 0, "windows": ((0, 10_000),)}
FULL = (UnassignedReason.NO_ROOM, UnassignedReason.NO_CAPACITY)


def test_two_hundred_stops_in_one_tower_block_are_shared_out_among_forty_crews() -> None:
    crews = tuple(crew(f"c{n}") for n in range(40))
    stops = tuple(stop(f"s{n}") for n in range(200))

    plan = plan_routes(RoutingProblem(crews=crews, stops=stops, max_iterations=40), seconds=60, seed=1)

    assert (plan.unassigned, plan.feasible) == ((), True)
    assert sum(len(route.stops) for route in plan.routes) == 200
    assert max(len(route.stops) for route in plan.routes) <= 8


@pytest.mark.parametrize("seconds", [0.0, 0.2])
def test_a_search_that_had_no_time_leaves_nobody_out(seconds: float) -> None:
    stops = tuple(stop(f"s{n}", north=n % 7 / 500, east=n % 5 / 500) for n in range(60))
    crews = tuple(crew(f"c{n}") for n in range(10))

    assert plan_routes(RoutingProblem(crews=crews, stops=stops), seconds=seconds, seed=1).feasible


def test_the_most_urgent_stop_goes_first_and_where_it_costs_least() -> None:
    metres = [[abs(one - other) for other in (0, 0, 1_000, 900, 5_000)] for one in (0, 0, 1_000, 900, 5_000)]
    near, far = Node(index=3, **NODE, priority=1), Node(index=4, **NODE, priority=2)
    known = Node(index=2, **NODE, priority=1)
    days = [
        CrewDay(
            shift=Shift(index=n, starts=0, ends=10_000, max_stops=2),
            kind=0,
            forbidden=frozenset(),
            unwanted=frozenset(),
            nodes=nodes,
        )
        for n, nodes in enumerate([(known,), ()])
    ]

    tours = with_insertions(
        days=days,
        left_out=[near, far],
        metres=metres,
        seconds=metres,
        costs=Costs(metre=1, second=0, crew=0, unwanted=0),
    )

    # The far stop takes the free place of the crew that is out already; the near one starts a day of its own.
    assert tours == [(far, known), (near,)]


minutes = st.integers(min_value=0, max_value=90)
window_strategy = st.builds(
    lambda opens, length: window(opens / 60, (opens + length) / 60),
    st.integers(min_value=0, max_value=500),
    st.integers(min_value=0, max_value=200),
)
stop_strategy = st.builds(
    lambda service, windows, skill, demand, priority: stop(
        service_minutes=service,
        windows=tuple(windows),
        skills=frozenset({"F"} if skill else ()),
        demand=demand,
        priority=priority,
    ),
    minutes,
    st.lists(window_strategy, max_size=2),
    st.booleans(),
    st.integers(min_value=0, max_value=4),
    st.integers(min_value=1, max_value=3),
)
crew_strategy = st.builds(
    lambda hours, most, skill, capacity, breaks: crew(
        ends_at=NINE + hours * HOUR,
        max_stops=most,
        skills=frozenset({"F"} if skill else ()),
        capacity=capacity,
        breaks=tuple(
            Break(opens_at=NINE + timedelta(minutes=a), closes_at=NINE + timedelta(minutes=a + b), minutes=c)
            for a, b, c in breaks
        ),
    ),
    st.integers(min_value=1, max_value=10),
    st.integers(min_value=1, max_value=4),
    st.booleans(),
    st.one_of(st.none(), st.integers(min_value=0, max_value=8)),
    st.lists(st.tuples(st.integers(min_value=0, max_value=400), minutes, minutes), max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_stop_that_is_left_out_could_be_put_into_any_day(data: st.DataObject) -> None:
    crews = tuple(replace(each, id=f"c{n}") for n, each in enumerate(data.draw(st.lists(crew_strategy, max_size=3))))
    stops = tuple(replace(each, id=f"s{n}") for n, each in enumerate(data.draw(st.lists(stop_strategy, max_size=6))))
    size = len(crews) + len(stops)
    # Minutes, not alike in both directions; the way round may be quicker than the way straight on.
    row = st.lists(minutes, min_size=size, max_size=size)
    way = data.draw(st.lists(row, min_size=size, max_size=size))
    matrix = [[60 * cell * (one != other) for other, cell in enumerate(cells)] for one, cells in enumerate(way)]
    problem = RoutingProblem(
        crews=crews, stops=stops, max_iterations=10, matrices=Matrices(seconds=matrix, metres=matrix)
    )

    plan = plan_routes(problem, seconds=5, seed=data.draw(st.integers(min_value=0, max_value=99)))

    place = {each.id: number for number, each in enumerate((*crews, *stops))}
    of = {each.id: each for each in stops}
    days = {each.id: [] for each in crews}
    days |= {route.crew_id: [of[each.stop_id] for each in route.stops] for route in plan.routes}

    def fits(owner: Crew, visited: Sequence[Stop]) -> bool:
        ways = [
            matrix[place[a.id]][place[b.id]] // 60 for a, b in zip((owner, *visited), (*visited, owner), strict=True)
        ]
        return day_fits(owner, visited, ways)

    for owner in crews:
        assert not days[owner.id] or fits(owner, days[owner.id])
    for left in plan.unassigned:
        for owner in crews if left.reason in FULL else ():
            day = days[owner.id]
            for at in range(len(day) + 1):
                assert not fits(owner, [*day[:at], of[left.stop_id], *day[at:]])


def day_fits(owner: Crew, visited: Sequence[Stop], ways: Sequence[int]) -> bool:
    """Return whether a crew can make these visits in order; `ways` are minutes. Tries every place for every break."""
    if len(visited) > owner.max_stops or any(not each.skills <= owner.skills for each in visited):
        return False
    if owner.capacity is not None and sum(each.demand for each in visited) > owner.capacity:
        return False
    breaks = sorted(owner.breaks, key=lambda each: (each.opens_at, each.closes_at))
    # Before leaving, on arrival at and after each visit, and after the return.
    moments = range(2 * len(visited) + 2) if visited else range(1)
    return any(
        _keeps(owner, visited, ways, list(zip(places, breaks, strict=True)))
        for places in combinations_with_replacement(moments, len(breaks))
    )


def _keeps(owner: Crew, visited: Sequence[Stop], ways: Sequence[int], breaks: Sequence[tuple[int, Break]]) -> bool:
    now: datetime | None = owner.starts_at

    def rested(now: datetime | None, moment: int) -> datetime | None:
        for place, each in breaks:
            if place == moment and now is not None:
                begins = max(now, each.opens_at)
                now = begins + timedelta(minutes=each.minutes) if begins <= each.closes_at else None
        return now

    now = rested(now, 0)
    for number, (each, way) in enumerate(zip(visited, ways, strict=False)):
        if now is None:
            return False
        now = rested(now + timedelta(minutes=way), 2 * number + 1)
        if now is None:
            return False
        starts = [max(now, w.opens_at) for w in each.windows if now <= w.closes_at] if each.windows else [now]
        if not starts:
            return False
        now = rested(min(starts) + timedelta(minutes=each.service_minutes), 2 * number + 2)
    if now is None:
        return False
    now = rested(now + timedelta(minutes=ways[-1]), 2 * len(visited) + 1)
    return now is not None and now <= owner.ends_at
