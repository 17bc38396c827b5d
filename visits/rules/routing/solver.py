"""The only module that imports pyvrp (0.14), because its API changes between releases."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from visits.rules.routing.tours import Matrix, Node, Shift

# A crew a stop does not want costs as much as this detour; one it cannot use costs more than any prize.
UNWANTED_METRES = 3_000
# Load is counted in thousandths of a stop, because the solver's penalty for one unit too many is
# bounded and would otherwise be less than the prize of one more stop.
LOAD_OF_STOP = 1_000
MAX_PENALTY = 1_000_000.0


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
    nodes: Sequence[Node],
    fits: Sequence[Fit],
    metres: Matrix,
    travel_seconds: Matrix,
    time_limit_seconds: float,
    max_iterations: int,
    seed: int,
) -> Proposal:
    """
    Return the solver's best tours. They may break a window where it found none that keeps all.

    Cost is one per metre and one per second on the road, waiting and serving; leaving out a stop costs its
    priority times more than any detour, so stops are left out only for want of room, the least urgent
    first. Ends after `time_limit_seconds`, `max_iterations`, or 500 + 20 iterations a stop without
    improvement; the last two repeat exactly for a seed, the first does not.
    """
    import numpy as np  # noqa: PLC0415 - heavy
    import pyvrp  # noqa: PLC0415 - heavy
    from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, NoImprovement  # noqa: PLC0415 - heavy

    # Any: the stubs type the shape of a matrix as int, which no matrix has.
    distance: Any = np.asarray(metres, dtype=np.int64)
    duration: Any = np.asarray(travel_seconds, dtype=np.int64)
    prize = int(4 * distance.max()) + 2 * max(shift.ends for shift in shifts) + 4 * UNWANTED_METRES
    forbidden_cost = 4 * prize * max(node.priority for node in nodes)

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
                    delivery=[LOAD_OF_STOP],
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
        for positions, extra in ((fit.unwanted, UNWANTED_METRES), (fit.forbidden, forbidden_cost)):
            columns = [nodes[position].index for position in sorted(positions)]
            matrix[:, columns] += extra
        np.fill_diagonal(matrix, 0)
        matrices.append(matrix)

    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(len(distance))],
        clients=clients,
        depots=[pyvrp.Depot(location=shift.index) for shift in shifts],
        vehicle_types=[
            pyvrp.VehicleType(
                capacity=[LOAD_OF_STOP * shift.max_stops],
                start_depot=number,
                end_depot=number,
                tw_early=shift.starts,
                tw_late=shift.ends,
                unit_distance_cost=1,
                unit_duration_cost=1,
                profile=profiles.index(fit),
            )
            for number, (shift, fit) in enumerate(zip(shifts, fits, strict=True))
        ],
        distance_matrices=matrices,
        duration_matrices=[duration] * len(matrices),
        groups=groups,
    )
    by_count = MultipleCriteria([MaxIterations(max_iterations), NoImprovement(500 + 20 * len(nodes))])
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
        orders[route.vehicle_type()] = tuple(dict.fromkeys(visited))
    return Proposal(orders=tuple(orders), is_repeatable=not ended_by_clock)
