"""The way between all places of a problem, in whole seconds and metres: given, or along straight lines."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from math import ceil

from visits.rules.geography import haversine_m, is_position
from visits.rules.routing.checks import MAX_LEG
from visits.rules.routing.problem import Crew, Matrices, RoutingProblem, Stop
from visits.rules.routing.tours import Matrix, Shift


def has_place(place: Crew | Stop, *, problem: RoutingProblem) -> bool:
    """Return whether it is known where the crew or stop is."""
    if place.latitude is None or place.longitude is None:
        return False
    return problem.matrices is not None or is_position(latitude=place.latitude, longitude=place.longitude)


def ways(*, problem: RoutingProblem, crews: Sequence[Crew], stops: Sequence[Stop]) -> tuple[Matrix, Matrix]:
    """
    Return metres and seconds between the crews and then the stops, which are some of the problem's.

    Broken seconds are rounded up, so that no crew comes too late; broken metres are rounded to the nearest.
    """
    if problem.matrices is None:
        metres = _straight_metres(crews=crews, stops=stops, detour_factor=problem.detour_factor)
        speed = problem.speed_kmh / 3.6
        return metres, [[min(MAX_LEG, ceil(metre / speed)) for metre in row] for row in metres]
    return _chosen(matrices=problem.matrices, places=_numbers(problem=problem, crews=crews, stops=stops))


def _numbers(*, problem: RoutingProblem, crews: Sequence[Crew], stops: Sequence[Stop]) -> list[int]:
    crew_at = {crew.id: number for number, crew in enumerate(problem.crews)}
    stop_at = {stop.id: len(crew_at) + number for number, stop in enumerate(problem.stops)}
    return [crew_at[crew.id] for crew in crews] + [stop_at[stop.id] for stop in stops]


def _chosen(*, matrices: Matrices, places: Sequence[int]) -> tuple[Matrix, Matrix]:
    metres = [[_leg(matrices.metres[one][other], round) for other in places] for one in places]
    seconds = [[_leg(matrices.seconds[one][other], ceil) for other in places] for one in places]
    for place in range(len(places)):
        metres[place][place] = seconds[place][place] = 0
    return metres, seconds


def _leg(cell: float | None, rounded: Callable[[float], int]) -> int:
    return MAX_LEG if cell is None else rounded(cell)


def _straight_metres(*, crews: Sequence[Crew], stops: Sequence[Stop], detour_factor: float) -> Matrix:
    places = [(crew.latitude or 0.0, crew.longitude or 0.0) for crew in crews]
    places += [(stop.latitude or 0.0, stop.longitude or 0.0) for stop in stops]
    metres = [[0] * len(places) for _ in places]
    for one, (latitude, longitude) in enumerate(places):
        for other in range(one):
            straight_m = haversine_m(
                from_latitude=latitude,
                from_longitude=longitude,
                to_latitude=places[other][0],
                to_longitude=places[other][1],
            )
            metres[one][other] = metres[other][one] = min(MAX_LEG, round(straight_m * detour_factor))
    return metres


def kinds_of_crew(
    *, shifts: Sequence[Shift], fits: Sequence[Hashable], metres: Matrix, seconds: Matrix, stops: Sequence[int]
) -> list[int]:
    """
    Return a number for each crew; crews with the same number can stand in for each other.

    They have the same day (shift and `fits`), and the same way to and from each of `stops` (indices of the matrices).
    """
    kinds: dict[Hashable, int] = {}
    return [
        kinds.setdefault(
            (
                replace(shift, index=0),
                fit,
                *(tuple(matrix[shift.index][stop] for stop in stops) for matrix in (metres, seconds)),
                *(tuple(matrix[stop][shift.index] for stop in stops) for matrix in (metres, seconds)),
            ),
            len(kinds),
        )
        for shift, fit in zip(shifts, fits, strict=True)
    ]
