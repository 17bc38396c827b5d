"""What a dispatcher sees of one day in one territory: crews with their stops, visits to be planned, and what is missing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from backoffice.access.models import Territory
from cases.enums import CaseStage
from cases.models import Case
from visits.enums import CrewState, VisitState
from visits.models import AgencyTerritory, CrewMember, LetterDue, PlanningCrew, PlanningRun, VisitOrder
from visits.models.order import ENDED_VISITS, LIVE_PLACEMENTS
from visits.planning_enums import LetterState
from visits.rules.dispatch.timetable import Place, RouteCost, Stay, route_cost
from visits.selectors.crew_days import place_of, stay_of, stops_of, visits_of_day
from visits.selectors.households import stops_to_join

# Orders and cases that are listed at most; the page says how many there are beyond.
MOST_LISTED: Final = 400
MOST_DUE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewDay:
    """A pair on the day: where it starts (degrees, None if nobody has said), its own stops, and what they cost."""

    lead: CrewMember
    second: CrewMember
    base: Place | None
    cost: RouteCost
    stops: int

    @property
    def key(self) -> str:
        """The pair by the ids of its two."""
        return f"{self.lead.pk}-{self.second.pk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStop:
    """
    A planned stop: the orders of one household visit, mostly one, as far as the reader sees them.

    Without any the crew is busy with a visit that the reader may not see. `letter` is that of the order whose letter is
    furthest from being made.
    """

    stay: Stay
    crew: str
    orders: tuple[VisitOrder, ...]
    letter: str = ""

    @property
    def order(self) -> VisitOrder | None:
        """The first of the orders."""
        return self.orders[0] if self.orders else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A planned visit that an order can join: the pair that goes, as the desk names it, and when it begins."""

    crew: str
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskDay:
    """
    The day. `drafts` wait for an approval, `due` are cases that need a visit and have no order; both may be cut.

    `joins` holds, for each order that is to be planned and can join a planned visit to its door, that visit.
    """

    crews: tuple[CrewDay, ...]
    stops: tuple[DeskStop, ...]
    ready: tuple[VisitOrder, ...]
    unplaced: tuple[VisitOrder, ...]
    drafts: tuple[VisitOrder, ...]
    unassigned: tuple[VisitOrder, ...]
    due: tuple[Case, ...]
    due_count: int
    last_run: PlanningRun | None
    joins: Mapping[int, Joined] = field(default_factory=dict)


def desk_day(*, user: Any, day: date, territory: Territory) -> DeskDay:
    """Return the day desk of a territory that the user sees, with thirteen queries at most for any number of visits."""
    seen = VisitOrder.objects.visible_to(user).filter(case__territory=territory)
    rows = seen.select_related("case__borrower", "address", "placement__agency").order_by("valid_until", "pk")
    live = Q(placement__state__in=LIVE_PLACEMENTS)
    approved = list(rows.filter(live, state=VisitState.APPROVED)[:MOST_LISTED])
    drafts = rows.filter(state=VisitState.DRAFT)[:MOST_LISTED]
    unassigned = rows.filter(~live, state=VisitState.APPROVED)[:MOST_LISTED]
    open_visit = VisitOrder.objects.filter(case=OuterRef("pk")).exclude(state__in=ENDED_VISITS)
    due = (
        Case.objects.visible_to(user)
        .due_for_visit()
        .filter(~Exists(open_visit), territory=territory)
        .exclude(stage__in=(CaseStage.ON_HOLD, CaseStage.VISITING))
        .select_related("borrower")
    )
    pairs = crew_pairs(user=user, day=day, territory=territory)
    stops = _stops(user=user, pairs=pairs, day=day)
    return DeskDay(
        crews=_crew_days(pairs=pairs, stops=stops),
        stops=stops,
        ready=tuple(order for order in approved if place_of(order) is not None),
        unplaced=tuple(order for order in approved if place_of(order) is None),
        drafts=tuple(drafts),
        unassigned=tuple(unassigned),
        due=tuple(due[:MOST_DUE]),
        due_count=due.order_by().count(),
        last_run=PlanningRun.objects.visible_to(user).filter(territory=territory, day=day).order_by("-pk").first(),
        joins=_joins(orders=approved, day=day),
    )


def _joins(*, orders: Sequence[VisitOrder], day: date) -> dict[int, Joined]:
    return {
        pk: Joined(crew=f"{stop[0].lead_id}-{stop[0].second_id}", starts_at=stop[0].planned_arrival_at)
        for pk, stop in stops_to_join(orders=orders, day=day).items()
        if stop[0].planned_arrival_at is not None
    }


Pair = tuple[CrewMember, CrewMember, Place | None]


def crew_pairs(*, user: Any, day: date, territory: Territory) -> list[Pair]:
    """
    Return who could go on the day, two by two, with the base they last started from: nobody is in two pairs.

    First the pairs that have visits that day, then those of the territory's last plan, then the others of an agency by
    their badges; somebody left over stays at home.
    """
    agencies = AgencyTerritory.objects.filter(territory=territory).values("agency")
    members = {
        member.pk: member
        for member in CrewMember.objects.visible_to(user)
        .filter(agency__in=agencies, state=CrewState.CONFIRMED)
        .select_related("agency")
        .order_by("agency__code", "external_ref", "pk")
    }
    planned = visits_of_day(day=day).filter(lead__in=members, second__in=members).values_list("lead", "second")
    earlier = list(
        PlanningCrew.objects.filter(run__territory=territory, lead__in=members, second__in=members)
        .order_by("-run", "number")
        .values_list("lead", "second", "latitude", "longitude")[:200]
    )
    bases: dict[int, Place] = {}
    for lead, _second, latitude, longitude in earlier:
        if latitude is not None and longitude is not None:
            bases.setdefault(lead, (latitude, longitude))
    pairs: list[tuple[int, int]] = []
    taken: set[int] = set()
    known = [(lead or 0, second or 0) for lead, second in planned]
    for pair in [*known, *((lead, second) for lead, second, *_base in earlier)]:
        if not taken & set(pair):
            pairs.append(pair)
            taken |= set(pair)
    pairs += _by_badge(members, taken)
    order = {pk: number for number, pk in enumerate(members)}
    return [
        (members[lead], members[second], bases.get(lead))
        for lead, second in sorted(pairs, key=lambda pair: order[pair[0]])
    ]


def _by_badge(members: Mapping[int, CrewMember], taken: Collection[int]) -> list[tuple[int, int]]:
    by_agency: dict[int, list[int]] = {}
    for member in members.values():
        if member.pk not in taken:
            by_agency.setdefault(member.agency_id, []).append(member.pk)
    return [pair for crew in by_agency.values() for pair in zip(crew[::2], crew[1::2], strict=False)]


def _stops(*, user: Any, pairs: Sequence[Pair], day: date) -> tuple[DeskStop, ...]:
    crew_of = {member.pk: f"{lead.pk}-{second.pk}" for lead, second, _base in pairs for member in (lead, second)}
    rows = (
        visits_of_day(day=day)
        .filter(Q(lead__in=crew_of) | Q(second__in=crew_of))
        .select_related("case__borrower", "address", "placement__agency", "lead", "second")
    )
    planned = stops_of(rows)
    ids = [order.pk for orders in planned for order in orders]
    visible = set(VisitOrder.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    letters = dict(
        LetterDue.objects.filter(order__in=ids, state__in=(LetterState.WAITING, LetterState.FAILED))
        .order_by("pk")
        .values_list("order", "state")
    )
    stops: list[DeskStop] = []
    for orders in planned:
        pair = (orders[0].lead_id, orders[0].second_id)
        # Somebody of the pair may be out with another companion: the visit then takes the time of both rows.
        crews = dict.fromkeys(crew_of[pk] for pk in pair if pk in crew_of)
        waiting = {letters[order.pk] for order in orders if order.pk in letters}
        stops += [
            DeskStop(
                stay=stay_of(orders),
                crew=crew,
                orders=tuple(order for order in orders if order.pk in visible),
                letter=next((state for state in (LetterState.FAILED, LetterState.WAITING) if state in waiting), ""),
            )
            for crew in crews
        ]
    return tuple(stops)


def _crew_days(*, pairs: Sequence[Pair], stops: Sequence[DeskStop]) -> tuple[CrewDay, ...]:
    days = []
    for lead, second, base in pairs:
        stays = [stop.stay for stop in stops if stop.crew == f"{lead.pk}-{second.pk}"]
        cost = route_cost(base=base, stays=stays)
        days.append(CrewDay(lead=lead, second=second, base=base, cost=cost, stops=len(stays)))
    return tuple(days)
