"""Moving one planned visit to another crew or time: what would be refused and what it would cost, then the move itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may
from visits.enums import VisitState
from visits.models import CrewMember, VisitOrder
from visits.rules.conduct.timing import whole_minute
from visits.rules.dispatch.timetable import RouteCost, Stay, route_cost
from visits.selectors.crew_days import crew_stays, place_of
from visits.services.dispatch.plan_judging import NotScheduled, Slot, judge
from visits.services.dispatch.plan_writing import facts_of, movable, plannable, write_plan
from visits.services.dispatch.routes import CrewPair
from visits.services.dispatch.scheduling import assign_crew, must_be_planned
from visits.services.orders.conduct_guard import local_date


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """What a move changes in the day of one crew (its lead's id): metres and minutes before and after."""

    lead_id: int
    before: RouteCost
    after: RouteCost


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAnswer:
    """
    What would come of a move: who refuses it, what it costs the crews, and whether the borrower is told a new time.

    `starts_at` is the whole minute at which the visit would begin.
    """

    order: VisitOrder
    starts_at: datetime
    refused: NotScheduled | None
    changes: tuple[RouteChange, ...]
    tells_anew: bool


def ask_move(*, order: VisitOrder, pair: CrewPair, starts_at: datetime, actor: Any, at: datetime) -> MoveAnswer:
    """
    Return what the guard says and what it costs if the pair makes this visit from `starts_at` on; nothing is written.

    For a visit that is planned and not begun, or approved and to be planned.

    :raises NotAllowed: if the actor may not dispatch visits.
    :raises InvalidInput: if the two are one person.
    :raises StateConflict: if the visit has begun or ended, or its placement has.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    slot = _slot(order=order, pair=pair, starts_at=starts_at, actor=actor)
    day = local_date(slot.starts_at)
    facts = facts_of(orders=[slot.order], at=at)
    _kept, refused = judge(slots=[slot], day=day, at=at, facts=facts)
    return MoveAnswer(
        order=slot.order,
        starts_at=slot.starts_at,
        refused=refused[0] if refused else None,
        changes=tuple(_changes(slot=slot, day=day)),
        tells_anew=not slot.keeps_notice,
    )


@transaction.atomic
def move_visit(*, order: VisitOrder, pair: CrewPair, starts_at: datetime, actor: Any, at: datetime) -> VisitOrder:
    """
    Give a visit that is planned and not begun to this pair, beginning at the first whole minute not before `starts_at`.

    The guard is asked again under the locks of the people, the crews and the order. A time outside of the announced
    window is announced anew and needs the whole notice; the agency accepts the visit anew, and a letter is made anew. An
    approved visit is planned as by `assign_crew`.

    :raises NotAllowed: if the actor may not dispatch visits.
    :raises ConductRefused: if the guard refuses; all refusals are listed.
    :raises InvalidInput: if the two are one person, or the crew is at another visit then.
    :raises StateConflict: if the visit has begun or ended, or its placement has.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    slot = _slot(order=order, pair=pair, starts_at=starts_at, actor=actor)
    if slot.order.state == VisitState.APPROVED:
        return assign_crew(
            order=slot.order, lead=pair.lead, second=pair.second, starts_at=slot.starts_at, actor=actor, at=at
        )
    day = local_date(slot.starts_at)
    written, refused = write_plan(slots=[slot], day=day, actor=actor, at=at, moves=True)
    must_be_planned(refused)
    if not written:
        raise StateConflict
    moved = written[0].order
    record(
        actor=actor,
        action="visit.moved",
        subject=moved,
        at=at,
        body={
            "crew": [pair.lead.external_ref, pair.second.external_ref],
            "starts_at": slot.starts_at.isoformat(),
            "tells_anew": not slot.keeps_notice,
        },
    )
    return moved


def _slot(*, order: VisitOrder, pair: CrewPair, starts_at: datetime, actor: Any) -> Slot:
    if pair.lead.pk == pair.second.pk:
        raise InvalidInput(_("A visit needs two different people."), field="second")
    ids = [order.pk]
    found = movable(order_ids=ids, actor=actor).first() or plannable(order_ids=ids, actor=actor).first()
    if found is None:
        raise StateConflict
    return Slot(order=found, pair=pair, starts_at=whole_minute(at=starts_at))


def _changes(*, slot: Slot, day: date) -> list[RouteChange]:
    """Return how the days of both leads change; one of them where the visit stays with its lead."""
    order = slot.order
    stay = Stay(ref=order.pk, starts_at=slot.starts_at, place=place_of(order))
    former = order.lead_id if order.planned_arrival_at and local_date(order.planned_arrival_at) == day else None
    leads = [lead for lead in dict.fromkeys((former, slot.pair.lead.pk)) if lead is not None]
    days = crew_stays(members=leads, day=day)
    return [
        RouteChange(
            lead_id=lead,
            before=_cost(stays, base),
            after=_cost([*_without(stays, order), stay] if lead == slot.pair.lead.pk else _without(stays, order), base),
        )
        for lead in leads
        for stays in [days.get(lead, [])]
        for base in [slot.pair.base if lead == slot.pair.lead.pk else None]
    ]


def _without(stays: Sequence[Stay], order: VisitOrder) -> list[Stay]:
    return [stay for stay in stays if stay.ref != order.pk]


def _cost(stays: Sequence[Stay], base: tuple[float, float] | None) -> RouteCost:
    # Without a base the same middle for before and after would move with the stop, so the way out and back is left out.
    return route_cost(base=base, stays=stays)


def pair_of(*, lead: CrewMember, second: CrewMember, base: tuple[float, float] | None) -> CrewPair:
    """Return two people as a pair that starts from `base` (degrees), or from nowhere in particular."""
    latitude, longitude = base or (None, None)
    return CrewPair(lead=lead, second=second, latitude=latitude, longitude=longitude)
