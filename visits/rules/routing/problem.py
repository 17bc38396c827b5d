"""What a day's routing is given and what it gives back: crews and stops, routes and what is left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from visits.enums import UnassignedReason
from visits.rules.routing.checks import check_problem

DETOUR_FACTOR = 1.3
SPEED_KMH = 25.0
SERVICE_MINUTES = 30
MAX_STOPS = 8


class Objective(StrEnum):
    """
    What a plan shall be short in, once as many stops as possible are in it.

    TIME_AND_DISTANCE: a metre and a second on duty cost the same. DISTANCE: metres alone. CREWS_THEN_DISTANCE: as few
    crews as possible, and metres among plans with the same number.
    """

    TIME_AND_DISTANCE = "TIME_AND_DISTANCE"
    DISTANCE = "DISTANCE"
    CREWS_THEN_DISTANCE = "CREWS_THEN_DISTANCE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """When a visit may begin, both instants aware and included."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A pause of `minutes` that begins between the two instants, at the base, or at a stop before or after its visit."""

    opens_at: datetime
    closes_at: datetime
    minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """
    A crew's day. It leaves from and returns to one place, in degrees, within its shift.

    It visits at most `max_stops`, whose demands add up to at most `capacity` (None: no limit). `breaks` are taken in
    their order; one that begins after the return is taken at the base and ends within the shift.
    """

    id: str
    latitude: float | None
    longitude: float | None
    starts_at: datetime
    ends_at: datetime
    max_stops: int = MAX_STOPS
    skills: frozenset[str] = frozenset()
    capacity: int | None = None
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """
    A visit to be made. Without `windows` any time of a shift will do; without coordinates (None) it is not planned.

    `priority` >= 1 says what to keep when not all fit. `skills` a crew must have all of; of `prefers`
    it should (a crew member of the borrower's sex), at the cost of up to 3 km. `demand` uses up a crew's capacity.
    """

    id: str
    latitude: float | None
    longitude: float | None
    service_minutes: float = SERVICE_MINUTES
    windows: tuple[TimeWindow, ...] = ()
    priority: int = 1
    skills: frozenset[str] = frozenset()
    prefers: frozenset[str] = frozenset()
    demand: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrices:
    """
    The way between any two places in whole or broken seconds and metres, `[from][to]`, both ways of a pair on their own.

    The places are the crews and then the stops, in the order of the problem. None means that no way is known.
    """

    seconds: Sequence[Sequence[float | None]]
    metres: Sequence[Sequence[float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingProblem:
    """
    What is to be planned. With `matrices` neither coordinates nor speed nor detour are looked at.

    :raises ValueError: if an id occurs twice, an instant is naive, a shift is empty, or a number is not finite or out of
        its range; the message names the crew or stop.
    """

    crews: tuple[Crew, ...]
    stops: tuple[Stop, ...]
    speed_kmh: float = SPEED_KMH
    detour_factor: float = DETOUR_FACTOR
    max_iterations: int = 50_000
    matrices: Matrices | None = None
    objective: Objective = Objective.TIME_AND_DISTANCE

    def __post_init__(self) -> None:
        check_problem(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStop:
    """One stop of a route. The visit begins at `starts_at`, inside one of the stop's windows."""

    stop_id: str
    arrives_at: datetime
    starts_at: datetime
    leaves_at: datetime
    distance_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """
    One crew's day. `distance_m` includes the way back; `minutes` runs from departure to return.

    `breaks_at` are when the crew's breaks begin, in their order.
    """

    crew_id: str
    departs_at: datetime
    returns_at: datetime
    stops: tuple[PlannedStop, ...]
    distance_m: int
    minutes: int
    breaks_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """A stop that is in no route, and why."""

    stop_id: str
    reason: UnassignedReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPlan:
    """
    The plan. Every stop of the problem is in exactly one route or in `unassigned`.

    `feasible`: every stop is in a route. `is_repeatable`: the same problem and seed give the same plan on
    any machine, because the search ended by counting and not by the clock.
    """

    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...]
    distance_m: int
    minutes: int
    feasible: bool
    is_repeatable: bool
