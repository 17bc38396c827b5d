"""The timetable of a crew: whether a visit fits between its others, and what its day costs on the road."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Final

from visits.rules.dispatch.household import stop_minutes
from visits.rules.geography import haversine_m
from visits.rules.routing.problem import DETOUR_FACTOR, SPEED_KMH

Place = tuple[float, float]

# A plan begins visits at whole minutes, so the way between two of them may lack the seconds that were rounded.
ROUNDING: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """
    One visit in a crew's day: when it begins and where it is (degrees, WGS 84; None if that is unknown).

    It goes to `people`, and takes `stop_minutes` for so many. `ref` tells it from others; visits of one `household` are one.
    """

    ref: int
    starts_at: datetime
    place: Place | None
    people: int = 1
    household: str = ""

    @property
    def ends_at(self) -> datetime:
        """When the crew leaves."""
        return self.starts_at + timedelta(minutes=stop_minutes(people=self.people))

    def is_part_of(self, other: "Stay") -> bool:
        """Return whether the two are parts of one household visit."""
        return bool(self.household) and self.household == other.household


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCost:
    """What a day costs: metres on the road with the way out and back, and minutes from leaving to coming back."""

    metres: int = 0
    minutes: int = 0


def road_metres(one: Place | None, other: Place | None) -> int:
    """Return the metres by road between two places, as the route search counts them; zero if one is unknown."""
    if one is None or other is None:
        return 0
    straight = haversine_m(from_latitude=one[0], from_longitude=one[1], to_latitude=other[0], to_longitude=other[1])
    return round(straight * DETOUR_FACTOR)


def road_time(metres: int) -> timedelta:
    """Return how long a way of `metres` takes, in whole seconds."""
    return timedelta(seconds=ceil(metres / (SPEED_KMH / 3.6)))


def clash(*, wanted: Stay, others: Iterable[Stay]) -> Stay | None:
    """
    Return the first of a crew's other visits that leaves no time for `wanted`, the way between them included.

    None if all leave enough. The way may lack less than `ROUNDING`; the visits themselves may not overlap at all. Parts of
    the same household visit are no others.
    """
    for other in sorted(others, key=lambda each: (each.starts_at, each.ref)):
        if wanted.is_part_of(other):
            continue
        first, second = (wanted, other) if wanted.starts_at < other.starts_at else (other, wanted)
        gap = second.starts_at - first.ends_at
        way = road_time(road_metres(first.place, second.place))
        if gap < timedelta(0) or gap + ROUNDING <= way:
            return other
    return None


def route_cost(*, base: Place | None, stays: Iterable[Stay]) -> RouteCost:
    """Return what a crew's day costs, by the order of its visits' times. Without a base it begins and ends at its visits."""
    day = sorted(stays, key=lambda each: (each.starts_at, each.ref))
    if not day:
        return RouteCost()
    legs = [road_metres(base, day[0].place)]
    legs += [road_metres(one.place, other.place) for one, other in pairwise(day)]
    legs.append(road_metres(day[-1].place, base))
    away = day[-1].ends_at - day[0].starts_at + road_time(legs[0]) + road_time(legs[-1])
    return RouteCost(metres=sum(legs), minutes=ceil(away.total_seconds() / 60))


def middle(places: Sequence[Place]) -> Place | None:
    """Return the mean of places, from where a crew without a base starts; None without any."""
    if not places:
        return None
    return (sum(place[0] for place in places) / len(places), sum(place[1] for place in places) / len(places))
