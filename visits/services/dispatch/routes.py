"""A day's visits as a routing problem: pairs, stops, the hours in which a visit may begin, and what the pairs do already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from visits.models import CrewMember, VisitOrder
from visits.rules.conduct.agreements import Agreements, times_of_day, window_closes_at
from visits.rules.conduct.guard import ConductPolicy
from visits.rules.conduct.timing import whole_minute
from visits.rules.dispatch.household import Household, stop_minutes
from visits.rules.dispatch.timetable import Place, Stay, middle, road_metres, road_time
from visits.rules.routing import SERVICE_MINUTES, Crew, RoutingProblem, Stop, TimeWindow
from visits.selectors.crew_days import place_of
from visits.services.dispatch.road_network import with_road_network

# The way back may end after the last visit; the visit itself may not.
WAY_BACK = timedelta(hours=1)
# From setting out to being back. A pair that is in another city that day would need more.
LONGEST_DAY = timedelta(hours=24)
# The priority of the most urgent order of one person.
MOST_URGENT = 4
# Between two planned visits the way may lack some seconds, because a plan rounds beginnings up to whole minutes. The search
# counts in seconds, and would leave one of the two out; so the first is a minute shorter to it.
ROUNDED_MINUTES = 1


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

    @property
    def base(self) -> Place | None:
        """Where they start and end, in degrees (WGS 84)."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)


def starting_hours(*, policy: ConductPolicy, day: date, at: datetime) -> tuple[datetime, datetime]:
    """
    Return the first and last instant at which a visit of the day to one person may be planned to begin, in whole minutes.

    The last one leaves `check_in_minutes` for the pair to check in: the guard asks at the knock, which is later than
    planned by seconds at least, whether the whole visit ends inside the visit window.
    """
    zone = ZoneInfo(policy.official_time_zone)
    opens = datetime.combine(day, policy.visit_from, tzinfo=zone)
    closes = datetime.combine(day, policy.visit_until, tzinfo=zone)
    return _starts(policy=policy, opens=opens, closes=closes, at=at)


def agreed_hours(
    *, policy: ConductPolicy, agreements: Agreements, day: date, at: datetime
) -> list[tuple[datetime, datetime]]:
    """
    Return the same for each time outside of the visit window on which the borrower agreed for the day.

    The last instant can lie before the first one, where the notice leaves none.
    """
    times = times_of_day(policy=policy, times=agreements.times, day=day)
    return [_starts(policy=policy, opens=each.opens_at, closes=each.closes_at, at=at) for each in times]


def last_start(*, policy: ConductPolicy, agreements: Agreements, announced_at: datetime) -> datetime:
    """Return the last instant at which a visit whose announced window opens at `announced_at` may begin without a new notice."""
    ends_at = announced_at + timedelta(minutes=SERVICE_MINUTES)
    closes = window_closes_at(policy=policy, agreements=agreements, starts_at=announced_at, ends_at=ends_at)
    return closes - _needed(policy)


def _starts(*, policy: ConductPolicy, opens: datetime, closes: datetime, at: datetime) -> tuple[datetime, datetime]:
    first = whole_minute(at=max(opens, at + timedelta(hours=policy.notice_min_hours)))
    return first, closes - _needed(policy)


def _needed(policy: ConductPolicy) -> timedelta:
    return timedelta(minutes=SERVICE_MINUTES + policy.check_in_minutes)


def routing_problem(
    *,
    orders: Sequence[VisitOrder],
    households: Sequence[Household],
    crews: Sequence[CrewPair],
    closes_at: datetime,
    orders_a_day: int,
    stays: Mapping[int, Sequence[Stay]] | None = None,
) -> RoutingProblem:
    """
    Return the day's problem: a stop for each of the `households` of the orders, an agency's pairs for its own cases only.

    A stop takes as long as its people need, and each of its orders counts among the `orders_a_day` of a pair. `stays` are the visits that each crew member (id) has on the day already: fixed stops of every pair that they belong
    to. `closes_at` is the last instant at which a visit may begin. Every order needs a place, and every household at least one
    window. A pair whose hours are empty does not go out, nor does one whose visits of the day lie so far away that it would be
    on the road for longer than a day. The ways between the places are those of the road network, if the operator has
    named a source of them and it answers; else straight lines.
    """
    places = {order.pk: place_of(order) or (0.0, 0.0) for order in orders}
    centre = middle(list(places.values())) or (0.0, 0.0)
    opens_at = min((window.opens_at for each in households for window in each.windows), default=closes_at)
    service_ends = closes_at + timedelta(minutes=SERVICE_MINUTES)
    fixed = {number: _fixed(pair=pair, stays=stays or {}) for number, pair in enumerate(crews)}
    by_id = {order.pk: order for order in orders}
    # Without a household the number of stops says the same.
    is_weighed = any(len(each.orders) > 1 for each in households) or any(
        stay.people > 1 for each in fixed.values() for stay in each
    )
    known = [
        _crew(
            number=number,
            pair=pair,
            centre=centre,
            starts_at=pair.starts_at or opens_at,
            ends_at=pair.ends_at or service_ends + WAY_BACK,
            fixed=fixed[number],
            orders_a_day=orders_a_day,
            is_weighed=is_weighed,
        )
        for number, pair in enumerate(crews)
    ]
    going = {int(crew.id): crew for crew in known if timedelta() < crew.ends_at - crew.starts_at <= LONGEST_DAY}
    stops = [
        _stop([by_id[pk] for pk in each.orders], windows=each.windows, place=places[each.orders[0]])
        for each in households
    ]
    # A visit that is planned already is not left out for a new one.
    planned_priority = 1 + max([MOST_URGENT, *(stop.priority for stop in stops)])
    problem = RoutingProblem(
        crews=tuple(going.values()),
        stops=(
            *stops,
            *(
                _planned_stop(number=number, stay=stay, following=following, priority=planned_priority)
                for number, each in fixed.items()
                if number in going
                for stay, following in zip_longest(each, each[1:])
            ),
        ),
    )
    return with_road_network(problem)


def is_planned_already(*, stop_id: str) -> bool:
    """Return whether a stop of the problem is a visit that a crew has already, and no order to be planned."""
    return ":" in stop_id


def _crew(
    *,
    number: int,
    pair: CrewPair,
    centre: Place,
    starts_at: datetime,
    ends_at: datetime,
    fixed: Sequence[Stay],
    orders_a_day: int,
    is_weighed: bool,
) -> Crew:
    base = pair.base or centre
    for stay in fixed:
        # They leave early enough for what they have already, and are back as late as that needs.
        way = road_time(road_metres(base, stay.place))
        starts_at, ends_at = min(starts_at, stay.starts_at - way), max(ends_at, stay.ends_at + way)
    return Crew(
        id=str(number),
        latitude=base[0],
        longitude=base[1],
        starts_at=starts_at,
        ends_at=ends_at,
        max_stops=orders_a_day,
        capacity=orders_a_day if is_weighed else None,
        skills=frozenset({pair.lead.agency.code} & {pair.second.agency.code}) | {_own(number)},
    )


def _stop(orders: Sequence[VisitOrder], *, windows: tuple[TimeWindow, ...], place: Place) -> Stop:
    """Return the stop of the orders of one household: as urgent as all of them, so that it is not left out for fewer."""
    return Stop(
        id=str(orders[0].pk),
        latitude=place[0],
        longitude=place[1],
        service_minutes=stop_minutes(people=len(orders)),
        windows=windows,
        priority=sum(MOST_URGENT - min(3, order.case.priority) for order in orders),
        skills=frozenset(order.placement.agency.code for order in orders if order.placement is not None),
        demand=len(orders),
    )


def _own(number: int) -> str:
    return f"pair {number}"


def _fixed(*, pair: CrewPair, stays: Mapping[int, Sequence[Stay]]) -> list[Stay]:
    found = {stay.ref: stay for pk in (pair.lead.pk, pair.second.pk) for stay in stays.get(pk, ())}
    return sorted((stay for stay in found.values() if stay.place), key=lambda stay: (stay.starts_at, stay.ref))


def _planned_stop(*, number: int, stay: Stay, following: Stay | None, priority: int) -> Stop:
    latitude, longitude = stay.place or (0.0, 0.0)
    lacks = following and stay.ends_at + road_time(road_metres(stay.place, following.place)) > following.starts_at
    return Stop(
        id=f"{number}:{stay.ref}",
        latitude=latitude,
        longitude=longitude,
        service_minutes=stop_minutes(people=stay.people) - (ROUNDED_MINUTES if lacks else 0),
        windows=(TimeWindow(opens_at=stay.starts_at, closes_at=stay.starts_at),),
        priority=priority,
        skills=frozenset({_own(number)}),
        demand=stay.people,
    )
