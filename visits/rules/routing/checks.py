"""What a routing problem may say: each refusal names the crew or stop, the figure and what it may be."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from visits.rules.routing.problem import Crew, Matrices, RoutingProblem, Stop

# Bounds that no day comes near, and below which no sum of the solver's 64-bit costs overflows.
MAX_COUNT: Final = 1_000_000_000
MAX_PRIORITY: Final = 1_000_000
MAX_MINUTES: Final = 31 * 24 * 60
MAX_SPAN: Final = timedelta(minutes=MAX_MINUTES)
# A leg of a matrix, in seconds or metres; what is longer, or unknown, is out of every crew's reach.
MAX_LEG: Final = 100_000_000


def check_problem(problem: "RoutingProblem") -> None:
    """
    Return quietly if the problem can be planned.

    :raises ValueError: if it cannot be understood; the first fault is told.
    """
    for what, ids in (("crew", [c.id for c in problem.crews]), ("stop", [s.id for s in problem.stops])):
        twice = sorted({each for each in ids if ids.count(each) > 1}, key=str) if len(set(ids)) < len(ids) else []
        if twice:
            raise ValueError(f"Every crew and every stop needs an id of its own; {what} {twice[0]!r} occurs twice.")
    _number("Speed", problem.speed_kmh, least=0.1, most=1_000, unit=" km/h", positive=True)
    _number("The detour factor", problem.detour_factor, least=0.01, most=100, positive=True)
    _whole("The number of iterations", problem.max_iterations, most=10**12)
    for crew in problem.crews:
        _check_crew(crew, with_place=problem.matrices is None)
    for stop in problem.stops:
        _check_stop(stop, with_place=problem.matrices is None)
    _check_span(problem.crews)
    if problem.matrices is not None:
        _check_matrices(problem.matrices, crews=problem.crews, stops=problem.stops)


def check_search(*, seconds: float, seed: int) -> None:
    """
    Return quietly if a search may run so long, from that seed.

    :raises ValueError: if the seconds are negative or no number, or the seed is no whole number from 0 to 2**32 - 1.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds != seconds or seconds < 0:
        raise ValueError(f"The seconds of a search must be a number that is not negative, not {seconds!r}.")
    _whole("The seed", seed, most=2**32 - 1)


def _check_crew(crew: "Crew", *, with_place: bool) -> None:
    who = f"Crew {crew.id!r}:"
    _aware(who, (crew.starts_at, crew.ends_at))
    if crew.ends_at <= crew.starts_at:
        raise ValueError(f"{who} the shift must end after it starts.")
    if with_place:
        _check_place(who, crew.latitude, crew.longitude)
    _whole(f"{who} the number of stops", crew.max_stops, most=MAX_COUNT)
    if crew.capacity is not None:
        _whole(f"{who} the capacity", crew.capacity, most=MAX_COUNT)
    for each in crew.breaks:
        _aware(who, (each.opens_at, each.closes_at))
        _number(f"{who} the minutes of a break", each.minutes, least=0, most=MAX_MINUTES)
        if each.closes_at < each.opens_at:
            raise ValueError(f"{who} a break's window must not close before it opens.")


def _check_stop(stop: "Stop", *, with_place: bool) -> None:
    who = f"Stop {stop.id!r}:"
    if with_place:
        _check_place(who, stop.latitude, stop.longitude)
    _number(f"{who} the minutes of service", stop.service_minutes, least=0, most=MAX_MINUTES)
    _whole(f"{who} the priority", stop.priority, least=1, most=MAX_PRIORITY)
    _whole(f"{who} the demand", stop.demand, most=MAX_COUNT)
    for window in stop.windows:
        _aware(who, (window.opens_at, window.closes_at))


def _check_place(who: str, latitude: Any, longitude: Any) -> None:
    # No coordinates is an answer: such a stop is left out, with a reason.
    if latitude is None or longitude is None:
        return
    _number(f"{who} the latitude", latitude, least=-90, most=90, unit=" degrees")
    _number(f"{who} the longitude", longitude, least=-180, most=180, unit=" degrees")


def _check_span(crews: "Sequence[Crew]") -> None:
    if not crews:
        return
    first, last = min(crew.starts_at for crew in crews), max(crews, key=lambda crew: crew.ends_at)
    if last.ends_at - first > MAX_SPAN:
        raise ValueError(f"Crew {last.id!r}: all shifts of a plan must lie within 31 days.")


def _check_matrices(matrices: "Matrices", *, crews: "Sequence[Crew]", stops: "Sequence[Stop]") -> None:
    names = [f"crew {crew.id!r}" for crew in crews] + [f"stop {stop.id!r}" for stop in stops]
    for unit, matrix in (("seconds", matrices.seconds), ("metres", matrices.metres)):
        if len(matrix) != len(names):
            raise ValueError(
                f"The matrix of {unit} must have a row for each crew and then each stop: {len(names)}, not {len(matrix)}."
            )
        for name, row in zip(names, matrix, strict=True):
            if len(row) != len(names):
                raise ValueError(f"The matrix of {unit}, row of {name}, must have {len(names)} cells, not {len(row)}.")
            for other, cell in zip(names, row, strict=True):
                if cell is not None:
                    _number(f"The {unit} from {name} to {other}", cell, least=0, most=MAX_LEG)


def _aware(who: str, instants: Iterable[Any]) -> None:
    if any(at.tzinfo is None or at.utcoffset() is None for at in instants):
        raise ValueError(f"{who} instants must carry their time zone.")


def _number(what: str, value: Any, *, least: float, most: float, unit: str = "", positive: bool = False) -> None:
    is_number = hasattr(value, "__float__") and not isinstance(value, bool)
    if not is_number or value != value or not least <= value <= most or not isfinite(value):
        word = "a positive number" if positive else "a number"
        raise ValueError(f"{what} must be {word} from {least:,} to {most:,}{unit}, not {value!r}.")


def _whole(what: str, value: Any, *, least: int = 0, most: int) -> None:
    is_whole = hasattr(value, "__index__") and not isinstance(value, bool)
    if not is_whole or not least <= value <= most:
        raise ValueError(f"{what} must be a whole number from {least:,} to {most:,}, not {value!r}.")
