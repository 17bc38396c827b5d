"""A day's routes against the bare solver: instances with time windows of 100, 200 or 1,000 customers."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings

from backoffice.bench.dispatch_instances import Instance, instances
from backoffice.bench.registry import ProgressLog, Result
from visits.rules.routing import Crew, Matrices, Objective, RoutingProblem, Stop, TimeWindow, plan_routes

DAY: Final = datetime(2026, 11, 24, tzinfo=UTC)
SEED: Final = 1
TENFOLD: Final = 10


def run(*, scale: int, log_progress: ProgressLog) -> Result:
    """
    Measure `plan_routes` on every instance of `scale` customers, searched for 5 to 30 seconds by scale.

    The floor is PyVRP itself, given the same matrices, for the same seconds, and once more for ten times as many.
    `gap_percent` is how much longer our routes are than the floor's in the mean, `worst_gap_percent` in the worst
    instance, `tenfold_gap_percent` in the mean beside the long search. A plan that leaves a stop out fails the bench.
    Instances come from the folder `vrptw` of DOORSTEP_DATA; where it has none of this size they are generated.
    """
    seconds = min(30.0, max(5.0, scale / 20))
    rows: list[dict[str, Any]] = []
    ours_took = floor_took = 0.0
    for instance in instances(scale=scale, folder=settings.REAL_DATA / "vrptw"):
        problem = _problem(instance)
        began = time.monotonic()
        plan = plan_routes(problem, seconds=seconds, seed=SEED)
        took = time.monotonic() - began
        if not plan.feasible:
            raise RuntimeError(f"{instance.name}: {len(plan.unassigned)} stops were left out.")
        began = time.monotonic()
        bare = _bare(instance, seconds=seconds)
        ours_took, floor_took = ours_took + took, floor_took + time.monotonic() - began
        row = {
            "name": instance.name,
            "ours": plan.distance_m,
            "floor": bare,
            "gap_percent": _gap(plan.distance_m, bare),
        }
        long = _bare(instance, seconds=TENFOLD * seconds)
        row |= {"tenfold_floor": long, "tenfold_gap_percent": _gap(plan.distance_m, long), "crews": len(plan.routes)}
        rows.append(row)
        log_progress(f"{row}")
    return Result(
        seconds=ours_took,
        items=scale * len(rows),
        floor_seconds=floor_took,
        extra={
            "search_seconds": seconds,
            "gap_percent": _mean([row["gap_percent"] for row in rows]),
            "worst_gap_percent": max(row["gap_percent"] for row in rows),
            "tenfold_gap_percent": _mean([row["tenfold_gap_percent"] for row in rows]),
            "worst_tenfold_gap_percent": max(row["tenfold_gap_percent"] for row in rows),
            "instances": rows,
        },
    )


def _problem(instance: Instance) -> RoutingProblem:
    """Return the instance in our terms: the vehicles first, each at the depot, a tenth of a unit is a second and a metre."""
    places = [0] * instance.vehicles + list(range(1, len(instance.demands)))
    matrix = [[instance.ways[one][other] for other in places] for one in places]

    def at(tenths: int) -> datetime:
        return DAY + timedelta(seconds=tenths)

    return RoutingProblem(
        crews=tuple(
            Crew(
                id=f"v{n}",
                latitude=0,
                longitude=0,
                starts_at=at(instance.windows[0][0]),
                ends_at=at(instance.windows[0][1]),
                max_stops=len(instance.demands),
                capacity=instance.capacity,
            )
            for n in range(instance.vehicles)
        ),
        stops=tuple(
            Stop(
                id=f"s{n}",
                latitude=0,
                longitude=0,
                windows=(TimeWindow(opens_at=at(instance.windows[n][0]), closes_at=at(instance.windows[n][1])),),
                service_minutes=instance.service[n] / 60,
                demand=instance.demands[n],
            )
            for n in range(1, len(instance.demands))
        ),
        matrices=Matrices(seconds=matrix, metres=matrix),
        objective=Objective.DISTANCE,
        max_iterations=10**9,
    )


def _bare(instance: Instance, *, seconds: float) -> int:
    """Return the length of the tours that PyVRP finds with its own settings."""
    import numpy as np  # noqa: PLC0415 - heavy
    import pyvrp  # noqa: PLC0415 - heavy
    from pyvrp.stop import MaxRuntime  # noqa: PLC0415 - heavy

    matrix: Any = np.asarray(instance.ways, dtype=np.int64)
    opens, closes = instance.windows[0]
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in instance.demands],
        clients=[
            pyvrp.Client(
                location=n,
                delivery=[instance.demands[n]],
                service_duration=instance.service[n],
                tw_early=instance.windows[n][0],
                tw_late=instance.windows[n][1],
            )
            for n in range(1, len(instance.demands))
        ],
        depots=[pyvrp.Depot(location=0)],
        vehicle_types=[
            pyvrp.VehicleType(
                num_available=instance.vehicles, capacity=[instance.capacity], tw_early=opens, tw_late=closes
            )
        ],
        distance_matrices=[matrix],
        duration_matrices=[matrix],
    )
    result = pyvrp.solve(data, MaxRuntime(seconds), seed=SEED, collect_stats=False, display=False)
    if not result.is_feasible():
        raise RuntimeError(f"{instance.name}: PyVRP found no tours that keep all windows.")
    return result.best.distance()


def _gap(ours: int, floor: int) -> float:
    return round(100 * (ours - floor) / floor, 3)


def _mean(figures: list[float]) -> float:
    return round(sum(figures) / len(figures), 3)
