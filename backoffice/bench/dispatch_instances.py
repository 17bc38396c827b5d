"""Vehicle routing problems with time windows of the kinds C1 and R1 (Solomon; Gehring and Homberger): read or generated."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

CAPACITY: Final = 200
SEED: Final = 20_261_124


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """
    A depot (place 0) and customers. Times and distances are in tenths of the published unit, rounded down, as the solvers'
    competition of 2022 counts them.
    """

    name: str
    vehicles: int
    capacity: int
    ways: list[list[int]]
    demands: list[int]
    windows: list[tuple[int, int]]
    service: list[int]


def instances(*, scale: int, folder: Path) -> Iterator[Instance]:
    """
    Yield the instances with `scale` customers that lie in `folder` in Solomon's format (*.txt), or in VRPLIB's (*.vrp).

    Where there are none, one of each kind is generated, always the same.
    """
    found = [
        each for path in sorted(folder.glob("*")) if path.suffix in (".txt", ".vrp") for each in _read(path, scale)
    ]
    yield from found or (generated(kind=kind, customers=scale) for kind in ("C1", "R1"))


def generated(*, kind: str, customers: int) -> Instance:
    """Return an instance of a kind: customers in clusters with windows along tours (C1), or spread with narrow ones (R1)."""
    random_of = random.Random(f"{kind} {customers} {SEED}")
    side = 100.0 * math.sqrt(customers / 100)
    places, demands, windows, service = [(side / 2, side / 2)], [0], [(0.0, 0.0)], [0.0]
    if kind == "C1":
        at_the_door, horizon = 90.0, 1_236.0
        while len(places) <= customers:
            _add_cluster(
                random_of, places, windows, side=side, at_the_door=at_the_door, horizon=horizon, most=customers
            )
    else:
        at_the_door, horizon = 10.0, 230.0 + side
        for _number in range(customers):
            place = (random_of.uniform(0, side), random_of.uniform(0, side))
            way = math.dist(places[0], place)
            opens = random_of.uniform(way, horizon - way - at_the_door - 30)
            places.append(place)
            windows.append((max(0.0, opens), max(0.0, opens) + random_of.choice((10.0, 30.0, 90.0))))
    for _place in places[1:]:
        demands.append(random_of.choice((10, 10, 20, 20, 30, 40)) if kind == "C1" else random_of.randint(1, 41))
        service.append(at_the_door)
    windows[0] = (0.0, horizon)
    return _instance(f"{kind}-like", places, demands, windows, service, vehicles=customers // 4, capacity=CAPACITY)


def _add_cluster(
    random_of: random.Random,
    places: list[tuple[float, float]],
    windows: list[tuple[float, float]],
    *,
    side: float,
    at_the_door: float,
    horizon: float,
    most: int,
) -> None:
    """Add ten customers about one point; each window holds the moment at which one tour through them would come."""
    middle = (random_of.uniform(0.1 * side, 0.9 * side), random_of.uniform(0.1 * side, 0.9 * side))
    here, now = places[0], random_of.uniform(0, 60)
    for _each in range(min(10, most + 1 - len(places))):
        place = (middle[0] + random_of.gauss(0, 2.5), middle[1] + random_of.gauss(0, 2.5))
        now += math.dist(here, place)
        latest = horizon - math.dist(place, places[0]) - at_the_door
        opens = max(math.dist(places[0], place), min(now, latest) - random_of.uniform(15, 45))
        windows.append((opens, min(latest, opens + random_of.uniform(60, 120))))
        places.append(place)
        here, now = place, now + at_the_door


def _read(path: Path, scale: int) -> Iterator[Instance]:
    import vrplib  # type: ignore[import-untyped]  # noqa: PLC0415 - needed where there are files only

    lines = path.read_text().splitlines()
    data: dict[str, Any] = vrplib.read_instance(
        str(path), instance_format="solomon" if path.suffix == ".txt" else "vrplib"
    )
    demands = [int(each) for each in data["demand"]]
    if len(demands) != scale + 1:
        return
    times = data["service_time"]
    service = [float(each) for each in times] if hasattr(times, "__len__") else [0.0] + [float(times)] * scale
    yield _instance(
        path.stem if lines else path.name,
        [(float(x), float(y)) for x, y in data["node_coord"]],
        demands,
        [(float(a), float(b)) for a, b in data["time_window"]],
        service,
        vehicles=int(data["vehicles"]),
        capacity=int(data["capacity"]),
    )


def _instance(
    name: str,
    places: list[tuple[float, float]],
    demands: list[int],
    windows: list[tuple[float, float]],
    service: list[float],
    *,
    vehicles: int,
    capacity: int,
) -> Instance:
    return Instance(
        name=name,
        vehicles=vehicles,
        capacity=capacity,
        ways=[[int(10 * math.dist(one, other)) for other in places] for one in places],
        demands=demands,
        windows=[(math.ceil(10 * opens), int(10 * closes)) for opens, closes in windows],
        service=[round(10 * each) for each in service],
    )
