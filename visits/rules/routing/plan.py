"""
A day's routes: which crew visits which stops, in which order, and when.

Distances are great-circle metres times a detour factor (1.3, a house value for city streets) and times
follow from one average speed (25 km/h): good enough to share out a day, not to navigate by.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, floor

from visits.enums import UnassignedReason
from visits.rules.geography import haversine_m, is_position
from visits.rules.routing.problem import (
    Crew,
    PlannedStop,
    Route,
    RoutingPlan,
    RoutingProblem,
    Stop,
    Unassigned,
)
from visits.rules.routing.solver import Fit, propose_tours
from visits.rules.routing.tours import Matrix, Node, Shift, Tour, reach_problem, without_misfits


def plan_routes(problem: RoutingProblem, *, seconds: float, seed: int) -> RoutingPlan:
    """
    Return routes for the problem's crews, searched for at most `seconds`, repeatable by `seed`.

    Every route keeps its crew's shift, its stops' windows and its number of stops. What cannot be planned
    comes back with a reason, never as an exception. Instants are in the zone of the first crew's shift.
    """
    crews = tuple(
        crew
        for crew in problem.crews
        if crew.max_stops > 0
        # Planning is in whole seconds; a shift shorter than two may hold none.
        and crew.ends_at - crew.starts_at >= timedelta(seconds=2)
        and is_position(latitude=crew.latitude, longitude=crew.longitude)
    )
    if not crews:
        left = tuple(Unassigned(stop_id=stop.id, reason=UnassignedReason.NO_CREW) for stop in problem.stops)
        return _plan(routes=(), unassigned=left, is_repeatable=True)

    epoch = min(crew.starts_at for crew in crews)
    located = tuple(s for s in problem.stops if is_position(latitude=s.latitude, longitude=s.longitude))
    metres = _metres(crews=crews, stops=located, detour_factor=problem.detour_factor)
    speed = problem.speed_kmh / 3.6
    travel_seconds = [[ceil(m / speed) for m in row] for row in metres]
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

    orders: Sequence[tuple[int, ...]] = [()] * len(crews)
    is_repeatable = True
    if stops:
        proposal = propose_tours(
            shifts=shifts,
            nodes=nodes,
            fits=[_fit(crew=crew, stops=stops) for crew in crews],
            metres=metres,
            travel_seconds=travel_seconds,
            time_limit_seconds=seconds,
            max_iterations=problem.max_iterations,
            seed=seed,
        )
        orders, is_repeatable = proposal.orders, proposal.is_repeatable

    id_of = {node.index: stop.id for stop, node in zip(stops, nodes, strict=True)}
    routes = []
    for crew, shift, order in zip(crews, shifts, orders, strict=True):
        wanted = [nodes[position] for position in order if stops[position].skills <= crew.skills]
        tour, _left_out = without_misfits(shift=shift, nodes=wanted, seconds=travel_seconds)
        if tour.calls:
            routes.append(_route(crew=crew, shift=shift, tour=tour, metres=metres, epoch=epoch, id_of=id_of))

    planned = {each.stop_id for route in routes for each in route.stops}
    room = sum(crew.max_stops for crew in crews)
    late_reason = UnassignedReason.NO_CAPACITY if len(stops) > room else UnassignedReason.NO_ROOM
    unassigned = tuple(
        Unassigned(stop_id=stop.id, reason=reasons.get(stop.id, late_reason))
        for stop in problem.stops
        if stop.id not in planned
    )
    return _plan(routes=tuple(routes), unassigned=unassigned, is_repeatable=is_repeatable)


def _plan(*, routes: tuple[Route, ...], unassigned: tuple[Unassigned, ...], is_repeatable: bool) -> RoutingPlan:
    return RoutingPlan(
        routes=routes,
        unassigned=unassigned,
        distance_m=sum(route.distance_m for route in routes),
        minutes=sum(route.minutes for route in routes),
        feasible=not unassigned,
        is_repeatable=is_repeatable,
    )


def _metres(*, crews: Sequence[Crew], stops: Sequence[Stop], detour_factor: float) -> Matrix:
    places = [(crew.latitude, crew.longitude) for crew in crews] + [(stop.latitude, stop.longitude) for stop in stops]
    metres = [[0] * len(places) for _ in places]
    for one, (latitude, longitude) in enumerate(places):
        for other in range(one):
            straight_m = haversine_m(
                from_latitude=latitude,
                from_longitude=longitude,
                to_latitude=places[other][0],
                to_longitude=places[other][1],
            )
            metres[one][other] = metres[other][one] = round(straight_m * detour_factor)
    return metres


def _shift(*, crew: Crew, index: int, epoch: datetime) -> Shift:
    return Shift(
        index=index,
        starts=ceil((crew.starts_at - epoch).total_seconds()),
        ends=floor((crew.ends_at - epoch).total_seconds()),
        max_stops=crew.max_stops,
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
        service_seconds=max(0, stop.service_minutes) * 60,
        windows=open_ones if stop.windows else ((0, horizon),),
        priority=max(1, stop.priority),
    )


def _early_reason(
    *, stop: Stop, node: Node | None, crews: Sequence[Crew], shifts: Sequence[Shift], travel_seconds: Matrix
) -> UnassignedReason | None:
    if node is None:
        return UnassignedReason.BAD_POSITION
    able = [shift for crew, shift in zip(crews, shifts, strict=True) if stop.skills <= crew.skills]
    if not able:
        return UnassignedReason.NO_SKILL
    problems = {reach_problem(shift=shift, node=node, seconds=travel_seconds) for shift in able}
    if "" in problems:
        return None
    return UnassignedReason.OUT_OF_REACH if "REACH" in problems else UnassignedReason.WINDOW_CLOSED


def _fit(*, crew: Crew, stops: Sequence[Stop]) -> Fit:
    return Fit(
        forbidden=frozenset(n for n, stop in enumerate(stops) if not stop.skills <= crew.skills),
        unwanted=frozenset(n for n, stop in enumerate(stops) if not stop.prefers <= crew.skills),
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
    )
