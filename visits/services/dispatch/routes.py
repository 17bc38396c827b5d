"""A day's visits as a routing problem: pairs, stops, and the hours in which a visit may begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from visits.models import CrewMember, VisitOrder
from visits.rules.conduct.guard import ConductPolicy
from visits.rules.conduct.timing import whole_minute
from visits.rules.geography import is_position
from visits.rules.routing import SERVICE_MINUTES, Crew, RoutingProblem, Stop, TimeWindow
from visits.selectors.conduct import OFFICIAL_ZONE
from visits.services.dispatch.road_network import with_road_network


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
    opens = datetime.combine(day, policy.visit_from, tzinfo=OFFICIAL_ZONE)
    closes = datetime.combine(day, policy.visit_until, tzinfo=OFFICIAL_ZONE)
    needed = timedelta(minutes=SERVICE_MINUTES + policy.check_in_minutes)
    return whole_minute(at=max(opens, at + timedelta(hours=policy.notice_min_hours))), closes - needed


def routing_problem(
    *,
    policy: ConductPolicy,
    orders: Sequence[VisitOrder],
    crews: Sequence[CrewPair],
    opens_at: datetime,
    closes_at: datetime,
) -> RoutingProblem:
    """
    Return the day's problem: an agency's pairs for its own cases only, starts between the two instants.

    A pair whose hours are empty does not go out. The ways between the places are those of the road network, if the
    operator has named a source of them and it answers; else straight lines.
    """
    places = {order.pk: _sound(order.address.coordinates) for order in orders}
    middle = _middle([place for place in places.values() if place is not None])
    window = (TimeWindow(opens_at=opens_at, closes_at=closes_at),)
    service_ends = closes_at + timedelta(minutes=SERVICE_MINUTES)
    problem = RoutingProblem(
        crews=tuple(
            Crew(
                id=str(number),
                latitude=middle[0] if pair.latitude is None else pair.latitude,
                longitude=middle[1] if pair.longitude is None else pair.longitude,
                starts_at=starts_at,
                ends_at=ends_at,
                max_stops=policy.crew_orders_per_day,
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
                windows=window,
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
