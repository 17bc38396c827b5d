"""The only module that imports pyvrp (0.14), because its API changes between releases."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from visits.rules.routing.insertion import Costs
from visits.rules.routing.tours import Matrix, Node, Shift

# The search begins with half of this as the price of one unit of load, or one second, too many.
MAX_PENALTY = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a group of like-skilled crews suits the stops, by position in `nodes`."""

    forbidden: frozenset[int]
    unwanted: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """For each shift the positions of its nodes in order. `is_repeatable`: the clock did not end the search."""

    orders: tuple[tuple[int, ...], ...]
    is_repeatable: bool


def propose_tours(
    *,
    shifts: Sequence[Shift],
    kinds: Sequence[int],
    nodes: Sequence[Node],
    fits: Sequence[Fit],
    metres: Matrix,
    travel_seconds: Matrix,
    costs: Costs,
    time_limit_seconds: float,
    max_iterations: int,
    seed: int,
) -> Proposal:
    """
    Return the solver's best tours. They may break a window where it found none that keeps all, and leave out a stop for
    which there is room: the search is not exhaustive.

    Leaving out a stop costs its priority times more than any detour, so stops are left out only for want of room, the
    least urgent first. A break shortens the longest time on duty; where it falls is for the caller to find. Ends
    after `time_limit_seconds`, `max_iterations`, or 500 + 100 iterations a stop without improvement; the last two
    repeat exactly for a seed, the first does not.
    """
    import pyvrp  # noqa: PLC0415 - heavy
    from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, NoImprovement  # noqa: PLC0415 - heavy

    data, owners, numbers = _problem_data(
        shifts=shifts, kinds=kinds, nodes=nodes, fits=fits, metres=metres, travel_seconds=travel_seconds, costs=costs
    )
    by_count = MultipleCriteria([MaxIterations(max_iterations), NoImprovement(500 + 100 * len(nodes))])
    clock = MaxRuntime(max(0.0, time_limit_seconds))
    ended_by_clock = False

    def stop(best_cost: float) -> bool:
        nonlocal ended_by_clock
        if by_count(best_cost):  # type: ignore[arg-type]  # infinite while nothing feasible is known
            return True
        ended_by_clock = clock(best_cost)  # type: ignore[arg-type]  # as above
        return ended_by_clock

    params = pyvrp.SolveParams(penalty=pyvrp.PenaltyParams(max_penalty=MAX_PENALTY))
    with warnings.catch_warnings():
        # The solver warns when it finds no feasible tours; the caller checks every tour anyway.
        warnings.simplefilter("ignore")
        result = pyvrp.solve(data, stop, seed=seed, collect_stats=False, display=False, params=params)

    orders: list[tuple[int, ...]] = [()] * len(shifts)
    for route in result.best.routes():
        visited = [owners[activity.idx] for activity in route if activity.is_client()]
        orders[numbers[route.vehicle_type()].pop(0)] = tuple(dict.fromkeys(visited))
    return Proposal(orders=tuple(orders), is_repeatable=not ended_by_clock)


def _problem_data(
    *,
    shifts: Sequence[Shift],
    kinds: Sequence[int],
    nodes: Sequence[Node],
    fits: Sequence[Fit],
    metres: Matrix,
    travel_seconds: Matrix,
    costs: Costs,
) -> tuple[Any, list[int], list[list[int]]]:
    """Return the problem in the solver's terms, the position of each client's node, and the crews of each kind."""
    import numpy as np  # noqa: PLC0415 - heavy
    import pyvrp  # noqa: PLC0415 - heavy

    # Any: the stubs type the shape of a matrix as int, which no matrix has.
    distance: Any = np.asarray(metres, dtype=np.int64)
    duration: Any = np.asarray(travel_seconds, dtype=np.int64)
    longest = max(shift.ends for shift in shifts)
    prize = 4 * costs.metre * _longest_leg(distance, longest) + 2 * costs.second * longest + 4 * costs.unwanted
    prize += 2 * costs.crew
    dearest = prize * max(node.priority for node in nodes)
    forbidden_cost = 4 * dearest
    # The price of one stop too many is at first as high as the dearest prize. Where it is far above, the search cannot
    # pass through tours that are one stop too full, and stops are left out beside crews with room; where it is far
    # below, tours stay too full.
    unit = max(1, round(2 * dearest / MAX_PENALTY))

    counted = any(shift.max_stops < len(nodes) for shift in shifts)
    weighed = any(shift.capacity is not None for shift in shifts)
    demand = sum(node.demand for node in nodes)

    def load(stops: int, weight: int) -> list[int]:
        return [unit * stops] * counted + [unit * weight] * weighed

    clients: list[pyvrp.Client] = []
    owners: list[int] = []
    groups: list[pyvrp.ClientGroup] = []
    for position, node in enumerate(nodes):
        group = len(groups) if len(node.windows) > 1 else None
        for begin, end in node.windows:
            owners.append(position)
            clients.append(
                pyvrp.Client(
                    location=node.index,
                    delivery=load(1, node.demand),
                    service_duration=node.service_seconds,
                    tw_early=begin,
                    tw_late=end,
                    prize=prize * node.priority,
                    required=False,
                    group=group,
                )
            )
        if group is not None:
            members = list(range(len(clients) - len(node.windows), len(clients)))
            groups.append(pyvrp.ClientGroup(members, required=False))

    profiles = list(dict.fromkeys(fits))
    matrices: list[Any] = []
    for fit in profiles:
        matrix = distance.copy()
        for positions, extra in ((fit.unwanted, costs.unwanted), (fit.forbidden, forbidden_cost)):
            columns = [nodes[position].index for position in sorted(positions)]
            matrix[:, columns] += extra
        np.fill_diagonal(matrix, 0)
        matrices.append(matrix)

    numbers = [[n for n, kind in enumerate(kinds) if kind == each] for each in dict.fromkeys(kinds)]
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(distance))],
        clients=clients,
        depots=[pyvrp.Depot(location=shifts[of_kind[0]].index) for of_kind in numbers],
        vehicle_types=[
            pyvrp.VehicleType(
                num_available=len(of_kind),
                capacity=load(
                    min(shift.max_stops, len(nodes)), demand if shift.capacity is None else min(shift.capacity, demand)
                ),
                start_depot=number,
                end_depot=number,
                tw_early=shift.starts,
                tw_late=shift.ends,
                shift_duration=max(0, shift.ends - shift.starts - sum(rest.seconds for rest in shift.rests)),
                fixed_cost=costs.crew,
                unit_distance_cost=costs.metre,
                unit_duration_cost=costs.second,
                profile=profiles.index(fits[of_kind[0]]),
            )
            for number, of_kind in enumerate(numbers)
            for shift in (shifts[of_kind[0]],)
        ],
        distance_matrices=matrices,
        duration_matrices=[duration] * len(matrices),
        groups=groups,
    )
    return data, owners, numbers


def _longest_leg(distance: Any, longest: int) -> int:
    """Return the longest way of a matrix in metres; one that nobody can go in a shift does not raise the prizes."""
    # 100 metres a second is more than any crew travels.
    return min(int(distance.max()), 100 * max(1, longest))
