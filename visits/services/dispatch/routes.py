"""A day's visits as a routing problem: pairs, stops, and the hours in which a visit may begin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from visits.models import CrewMember, VisitOrder
from visits.rules.conduct.guard import ConductPolicy
from visits.rules.conduct.timing import whole_minute
from visits.rules.geography import is_position
from visits.rules.routing import SERVICE_MINUTES, Crew, RoutingProblem, Stop, TimeWindow
from visits.services.dispatch.road_network import with_road_network

# Stands for the hours of a day without orders, whose routes are empty.
NO_HOURS: Final = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewPair:
    """
    Two of one agency who go together on the day. Without a place they start from the middle of their stops;
    without hours they work through the visit window.
    """

    lead: CrewMember
    second: CrewMember
    latitude: float | None = None
    longitude: float | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def starting_hours(*, policy: ConductPolicy, day: date, at: datetime) -> tuple[datetime, datetime]:
    """
    Return the first and last instant at which a visit of the day may be planned to begin, in whole minutes.

    The last one leaves `check_in_minutes` for the pair to check in: the guard asks at the knock, which is later than
    planned by seconds at least, whether the whole visit ends inside the visit window.
    """
    zone = ZoneInfo(policy.official_time_zone)
    opens = datetime.combine(day, policy.visit_from, tzinfo=zone)
    closes = datetime.combine(day, policy.visit_until, tzinfo=zone)
    needed = timedelta(minutes=SERVICE_MINUTES + policy.check_in_minutes)
    return whole_minute(at=max(opens, at + timedelta(hours=policy.notice_min_hours))), closes - needed


def routing_problem(
    *,
    orders: Sequence[VisitOrder],
    crews: Sequence[CrewPair],
    hours: Mapping[int, tuple[datetime, datetime]],
    orders_a_day: int,
) -> RoutingProblem:
    """
    Return the day's problem: an agency's pairs for its own cases only.

    `hours` are the first and last instant at which each order (by id) may begin, by the clock at its address. A pair
    without hours of its own works from the first of them to the last; one whose hours are empty does not go out. The ways
    between the places are those of the road network, if the operator has named a source of them and it answers; else
    straight lines.
    """
    places = {order.pk: _sound(order.address.coordinates) for order in orders}
    middle = _middle([place for place in places.values() if place is not None])
    opens_at = min((opens for opens, _closes in hours.values()), default=NO_HOURS)
    last = max((closes for _opens, closes in hours.values()), default=NO_HOURS)
    service_ends = last + timedelta(minutes=SERVICE_MINUTES)
    problem = RoutingProblem(
        crews=tuple(
            Crew(
                id=str(number),
                latitude=middle[0] if pair.latitude is None else pair.latitude,
                longitude=middle[1] if pair.longitude is None else pair.longitude,
                starts_at=starts_at,
                ends_at=ends_at,
                max_stops=orders_a_day,
                skills=frozenset({pair.lead.agency.code} & {pair.second.agency.code}),
            )
            for number, pair in enumerate(crews)
            # The way back may end after the last visit; the visit itself may not.
            for starts_at, ends_at in [(pair.starts_at or opens_at, pair.ends_at or service_ends + timedelta(hours=1))]
            if starts_at < ends_at
        ),
        stops=tuple(
            Stop(
                id=str(order.pk),
                latitude=None if place is None else place[0],
                longitude=None if place is None else place[1],
                windows=(TimeWindow(opens_at=hours[order.pk][0], closes_at=hours[order.pk][1]),),
                priority=4 - min(3, order.case.priority),
                skills=frozenset({order.placement.agency.code}),
            )
            for order in orders
            if order.placement is not None
            for place in (places[order.pk],)
        ),
    )
    return with_road_network(problem)


def _sound(place: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return the place if it is one on earth: a core system's coordinates may be anything."""
    return place if place is not None and is_position(latitude=place[0], longitude=place[1]) else None


def _middle(places: Sequence[tuple[float, float]]) -> tuple[float, float]:
    if not places:
        return (0.0, 0.0)
    return (sum(lat for lat, _lon in places) / len(places), sum(lon for _lat, lon in places) / len(places))
