"""
A day's routes: which crew visits which stops, in which order, and when.

Without matrices, distances are great-circle metres times a detour factor (1.3, a house value for city streets) and
times follow from one average speed (25 km/h): good enough to share out a day, not to navigate by.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, floor

from visits.enums import UnassignedReason
from visits.rules.routing.checks import check_search
from visits.rules.routing.insertion import Costs, CrewDay, with_insertions
from visits.rules.routing.problem import (
    Crew,
    Objective,
    PlannedStop,
    Route,
    RoutingPlan,
    RoutingProblem,
    Stop,
    Unassigned,
)
from visits.rules.routing.solver import Fit, propose_tours
from visits.rules.routing.tours import (
    Matrix,
    Node,
    Rest,
    Shift,
    Tour,
    reach_problem,
    time_tour,
    without_misfits,
)
from visits.rules.routing.travel import has_place, kinds_of_crew, ways

# A crew that a stop does not want costs as much as a detour of so many metres.
UNWANTED_METRES = 3_000
# A crew fewer is worth more than any way between two plans.
CREW_METRES = 10_000_000
COSTS = {
    Objective.TIME_AND_DISTANCE: Costs(metre=1, second=1, crew=0, unwanted=UNWANTED_METRES),
    Objective.DISTANCE: Costs(metre=1, second=0, crew=0, unwanted=UNWANTED_METRES),
    Objective.CREWS_THEN_DISTANCE: Costs(metre=1, second=0, crew=CREW_METRES, unwanted=UNWANTED_METRES),
}


def plan_routes(problem: RoutingProblem, *, seconds: float, seed: int) -> RoutingPlan:
    """
    Return routes for the problem's crews, searched for at most `seconds`, repeatable by `seed` (0 to 2**32 - 1).

    Every route keeps its crew's shift, breaks and capacity, its stops' windows and its number of stops. What cannot be
    planned comes back with a reason, never as an exception; no stop that any crew could still take at any place of its
    route is left out. Instants are in the zone of the first crew's shift.

    :raises ValueError: if `seconds` is negative or no number, or `seed` is out of its range.
    """
    check_search(seconds=seconds, seed=seed)
    crews = tuple(
        crew
        for crew in problem.crews
        if crew.max_stops > 0
        # Planning is in whole seconds; a shift shorter than two may hold none.
        and crew.ends_at - crew.starts_at >= timedelta(seconds=2)
        and has_place(crew, problem=problem)
    )
    if not crews:
        left = tuple(Unassigned(stop_id=stop.id, reason=UnassignedReason.NO_CREW) for stop in problem.stops)
        return _plan(routes=(), unassigned=left, is_repeatable=True)

    epoch = min(crew.starts_at for crew in crews)
    located = tuple(stop for stop in problem.stops if has_place(stop, problem=problem))
    metres, travel_seconds = ways(problem=problem, crews=crews, stops=located)
    shifts = tuple(_shift(crew=crew, index=n, epoch=epoch) for n, crew in enumerate(crews))
    horizon = max(shift.ends for shift in shifts)
    every = {
        stop.id: _node(stop=stop, index=len(crews) + n, epoch=epoch, horizon=horizon) for n, stop in enumerate(located)
    }

    reasons: dict[str, UnassignedReason] = {}
    for stop in problem.stops:
        reason = _early_reason(
            stop=stop, node=every.get(stop.id), crews=crews, shifts=shifts, travel_seconds=travel_seconds
        )
        if reason is not None:
            reasons[stop.id] = reason
    stops = tuple(stop for stop in located if stop.id not in reasons)
    nodes = tuple(every[stop.id] for stop in stops)
    tours: list[Tour | None] = [None] * len(crews)
    is_repeatable = True
    if stops:
        tours, is_repeatable = _tours(
            problem=problem,
            crews=crews,
            shifts=shifts,
            stops=stops,
            nodes=nodes,
            metres=metres,
            travel_seconds=travel_seconds,
            seconds=seconds,
            seed=seed,
        )
    id_of = {node.index: stop.id for stop, node in zip(stops, nodes, strict=True)}
    routes = tuple(
        _route(crew=crew, shift=shift, tour=tour, metres=metres, epoch=epoch, id_of=id_of)
        for crew, shift, tour in zip(crews, shifts, tours, strict=True)
        if tour is not None and tour.calls
    )
    planned = {each.stop_id for route in routes for each in route.stops}
    late_reason = UnassignedReason.NO_CAPACITY if _is_too_much(stops, crews=crews) else UnassignedReason.NO_ROOM
    unassigned = tuple(
        Unassigned(stop_id=stop.id, reason=reasons.get(stop.id, late_reason))
        for stop in problem.stops
        if stop.id not in planned
    )
    return _plan(routes=routes, unassigned=unassigned, is_repeatable=is_repeatable)


def _is_too_much(stops: Sequence[Stop], *, crews: Sequence[Crew]) -> bool:
    """Return whether the stops or their demands are more than all crews together may take, whatever the time."""
    if len(stops) > sum(crew.max_stops for crew in crews):
        return True
    capacities = [crew.capacity for crew in crews if crew.capacity is not None]
    return len(capacities) == len(crews) and sum(stop.demand for stop in stops) > sum(capacities)


def _plan(*, routes: tuple[Route, ...], unassigned: tuple[Unassigned, ...], is_repeatable: bool) -> RoutingPlan:
    return RoutingPlan(
        routes=routes,
        unassigned=unassigned,
        distance_m=sum(route.distance_m for route in routes),
        minutes=sum(route.minutes for route in routes),
        feasible=not unassigned,
        is_repeatable=is_repeatable,
    )


def _tours(
    *,
    problem: RoutingProblem,
    crews: Sequence[Crew],
    shifts: Sequence[Shift],
    stops: Sequence[Stop],
    nodes: Sequence[Node],
    metres: Matrix,
    travel_seconds: Matrix,
    seconds: float,
    seed: int,
) -> tuple[list[Tour | None], bool]:
    """Return each crew's tour, and whether the search repeats: the solver's tours, cut to what fits, then filled up."""
    fit_of = {skills: _fit(skills=skills, stops=stops) for skills in {crew.skills for crew in crews}}
    fits = [fit_of[crew.skills] for crew in crews]
    kinds = kinds_of_crew(
        shifts=shifts, fits=fits, metres=metres, seconds=travel_seconds, stops=[node.index for node in nodes]
    )
    proposal = propose_tours(
        shifts=shifts,
        kinds=kinds,
        nodes=nodes,
        fits=fits,
        metres=metres,
        travel_seconds=travel_seconds,
        costs=COSTS[problem.objective],
        time_limit_seconds=seconds,
        max_iterations=problem.max_iterations,
        seed=seed,
    )
    days = []
    for shift, kind, fit, order in zip(shifts, kinds, fits, proposal.orders, strict=True):
        wanted = [nodes[position] for position in order if position not in fit.forbidden]
        days.append(
            CrewDay(
                shift=shift,
                kind=kind,
                forbidden=frozenset(nodes[position].index for position in fit.forbidden),
                unwanted=frozenset(nodes[position].index for position in fit.unwanted),
                nodes=without_misfits(shift=shift, nodes=wanted, seconds=travel_seconds),
            )
        )
    taken = {node.index for day in days for node in day.nodes}
    filled = with_insertions(
        days=days,
        left_out=[node for node in nodes if node.index not in taken],
        metres=metres,
        seconds=travel_seconds,
        costs=COSTS[problem.objective],
    )
    tours = [
        time_tour(shift=shift, nodes=visited, seconds=travel_seconds)
        for shift, visited in zip(shifts, filled, strict=True)
    ]
    return tours, proposal.is_repeatable


def _shift(*, crew: Crew, index: int, epoch: datetime) -> Shift:
    return Shift(
        index=index,
        starts=ceil((crew.starts_at - epoch).total_seconds()),
        ends=floor((crew.ends_at - epoch).total_seconds()),
        max_stops=crew.max_stops,
        capacity=crew.capacity,
        rests=tuple(
            Rest(
                opens=ceil((each.opens_at - epoch).total_seconds()),
                closes=floor((each.closes_at - epoch).total_seconds()),
                seconds=ceil(each.minutes * 60),
            )
            for each in sorted(crew.breaks, key=lambda each: (each.opens_at, each.closes_at))
        ),
    )


def _node(*, stop: Stop, index: int, epoch: datetime, horizon: int) -> Node:
    windows = [
        (
            max(0, ceil((window.opens_at - epoch).total_seconds())),
            min(horizon, floor((window.closes_at - epoch).total_seconds())),
        )
        for window in stop.windows
    ]
    open_ones = tuple(sorted({(begin, end) for begin, end in windows if begin <= end}))
    return Node(
        index=index,
        service_seconds=round(stop.service_minutes * 60),
        windows=open_ones if stop.windows else ((0, horizon),),
        priority=stop.priority,
        demand=stop.demand,
    )


def _early_reason(
    *, stop: Stop, node: Node | None, crews: Sequence[Crew], shifts: Sequence[Shift], travel_seconds: Matrix
) -> UnassignedReason | None:
    if node is None:
        return UnassignedReason.BAD_POSITION
    able = [shift for crew, shift in zip(crews, shifts, strict=True) if stop.skills <= crew.skills]
    if not able:
        return UnassignedReason.NO_SKILL
    large = [shift for shift in able if shift.capacity is None or node.demand <= shift.capacity]
    if not large:
        return UnassignedReason.NO_CAPACITY
    problems = set()
    for shift in large:
        problem = reach_problem(shift=shift, node=node, seconds=travel_seconds)
        if not problem:
            return None
        problems.add(problem)
    return UnassignedReason.OUT_OF_REACH if "REACH" in problems else UnassignedReason.WINDOW_CLOSED


def _fit(*, skills: frozenset[str], stops: Sequence[Stop]) -> Fit:
    return Fit(
        forbidden=frozenset(n for n, stop in enumerate(stops) if not stop.skills <= skills),
        unwanted=frozenset(n for n, stop in enumerate(stops) if not stop.prefers <= skills),
    )


def _route(*, crew: Crew, shift: Shift, tour: Tour, metres: Matrix, epoch: datetime, id_of: Mapping[int, str]) -> Route:
    path = [shift.index, *(call.node.index for call in tour.calls), shift.index]
    legs = [metres[one][other] for one, other in pairwise(path)]
    stops = tuple(
        PlannedStop(
            stop_id=id_of[call.node.index],
            arrives_at=epoch + timedelta(seconds=call.arrives),
            starts_at=epoch + timedelta(seconds=call.starts),
            leaves_at=epoch + timedelta(seconds=call.leaves),
            distance_m=leg,
        )
        for call, leg in zip(tour.calls, legs, strict=False)
    )
    return Route(
        crew_id=crew.id,
        departs_at=epoch + timedelta(seconds=tour.departs),
        returns_at=epoch + timedelta(seconds=tour.returns),
        stops=stops,
        distance_m=sum(legs),
        minutes=ceil((tour.returns - tour.departs) / 60),
        breaks_at=tuple(epoch + timedelta(seconds=at) for at in tour.rests),
    )
