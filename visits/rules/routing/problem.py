"""What a day's routing is given and what it gives back: crews and stops, routes and what is left out."""

from dataclasses import dataclass
from datetime import datetime

from visits.enums import UnassignedReason

DETOUR_FACTOR = 1.3
SPEED_KMH = 25.0
SERVICE_MINUTES = 30
MAX_STOPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """When a visit may begin, both instants aware and included."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """A crew's day. It leaves from and returns to one place, in degrees, within its shift."""

    id: str
    latitude: float
    longitude: float
    starts_at: datetime
    ends_at: datetime
    max_stops: int = MAX_STOPS
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """
    A visit to be made. Without `windows` any time of a shift will do.

    `priority` >= 1 says what to keep when not all fit. `skills` a crew must have all of; of `prefers`
    it should (a crew member of the borrower's sex), at the cost of up to 3 km.
    """

    id: str
    latitude: float
    longitude: float
    service_minutes: int = SERVICE_MINUTES
    windows: tuple[TimeWindow, ...] = ()
    priority: int = 1
    skills: frozenset[str] = frozenset()
    prefers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingProblem:
    """
    What is to be planned.

    :raises ValueError: if an id occurs twice, an instant is naive, or speed or detour is not positive.
    """

    crews: tuple[Crew, ...]
    stops: tuple[Stop, ...]
    speed_kmh: float = SPEED_KMH
    detour_factor: float = DETOUR_FACTOR
    max_iterations: int = 50_000

    def __post_init__(self) -> None:
        for ids in ([crew.id for crew in self.crews], [stop.id for stop in self.stops]):
            if len(set(ids)) < len(ids):
                raise ValueError("Every crew and every stop needs an id of its own.")
        instants = [at for crew in self.crews for at in (crew.starts_at, crew.ends_at)]
        instants += [at for stop in self.stops for w in stop.windows for at in (w.opens_at, w.closes_at)]
        if any(at.tzinfo is None for at in instants):
            raise ValueError("Instants must carry their time zone.")
        if self.speed_kmh <= 0 or self.detour_factor <= 0:
            raise ValueError("Speed and detour factor must be positive.")


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
    """One crew's day. `distance_m` includes the way back; `minutes` runs from departure to return."""

    crew_id: str
    departs_at: datetime
    returns_at: datetime
    stops: tuple[PlannedStop, ...]
    distance_m: int
    minutes: int


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
