"""
Moving a planned visit to another crew or time: what would be refused and what it would cost, then the move itself.

The orders of a household visit move together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

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
from visits.selectors.doors import household_ref
from visits.services.dispatch.households import slot_by_hand
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
    What would come of a move: who refuses it, what it costs the crews, and whether a borrower is told a new time.

    `starts_at` is the whole minute at which the visit would begin; `orders` is how many move together.
    """

    order: VisitOrder
    starts_at: datetime
    refused: NotScheduled | None
    changes: tuple[RouteChange, ...]
    tells_anew: bool
    orders: int = 1


def ask_move(*, order: VisitOrder, pair: CrewPair, starts_at: datetime, actor: Any, at: datetime) -> MoveAnswer:
    """
    Return what the guard says and what it costs if the pair makes this visit from `starts_at` on; nothing is written.

    For a visit that is planned and not begun, with all orders of its household, or approved and to be planned. An approved
    one joins the visit of this pair to others of its door that begins then.

    :raises NotAllowed: if the actor may not dispatch visits.
    :raises InvalidInput: if the two are one person.
    :raises StateConflict: if the visit has begun or ended, or its placement has.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    slots = _slots(order=order, pair=pair, starts_at=starts_at, actor=actor)
    slot = slots[0]
    day = local_date(slot.starts_at)
    facts = facts_of(orders=[each.order for each in slots], at=at)
    _kept, refused = judge(slots=slots, day=day, at=at, facts=facts)
    return MoveAnswer(
        order=slot.order,
        starts_at=slot.starts_at,
        refused=refused[0] if refused else None,
        changes=tuple(_changes(slots=slots, day=day)),
        tells_anew=not all(each.keeps_notice for each in slots),
        orders=len(slots),
    )


@transaction.atomic
def move_visit(*, order: VisitOrder, pair: CrewPair, starts_at: datetime, actor: Any, at: datetime) -> VisitOrder:
    """
    Give a visit that is planned and not begun to this pair, beginning at the first whole minute not before `starts_at`.

    All orders of its household move, or none. The guard is asked again under the locks of the people, the crews and the
    orders. A time outside of the announced window is announced anew and needs the whole notice; the agency accepts the visit
    anew, and a letter is made anew for each. An approved visit is planned as by `assign_crew`.

    :raises NotAllowed: if the actor may not dispatch visits.
    :raises ConductRefused: if the guard refuses; all refusals are listed.
    :raises InvalidInput: if the two are one person, or the crew is at another visit then.
    :raises StateConflict: if the visit has begun or ended, or its placement has.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    slots = _slots(order=order, pair=pair, starts_at=starts_at, actor=actor)
    slot = slots[0]
    if slot.order.state == VisitState.APPROVED:
        return assign_crew(
            order=slot.order, lead=pair.lead, second=pair.second, starts_at=slot.starts_at, actor=actor, at=at
        )
    tells_anew = {each.order.pk: not each.keeps_notice for each in slots}
    written, refused = write_plan(slots=slots, day=local_date(slot.starts_at), actor=actor, at=at, moves=True)
    must_be_planned(refused)
    if len(written) != len(slots):
        raise StateConflict
    for each in written:
        record(
            actor=actor,
            action="visit.moved",
            subject=each.order,
            at=at,
            body={
                "crew": [pair.lead.external_ref, pair.second.external_ref],
                "starts_at": slot.starts_at.isoformat(),
                "tells_anew": tells_anew[each.order.pk],
            },
        )
    return next(each.order for each in written if each.order.pk == order.pk)


def _slots(*, order: VisitOrder, pair: CrewPair, starts_at: datetime, actor: Any) -> list[Slot]:
    """Return the slots that move with an order, its own first."""
    if pair.lead.pk == pair.second.pk:
        raise InvalidInput(_("A visit needs two different people."), field="second")
    starts_at = whole_minute(at=starts_at)
    found = movable(order_ids=[order.pk], actor=actor).first()
    if found is None:
        approved = plannable(order_ids=[order.pk], actor=actor).first()
        if approved is None:
            raise StateConflict
        return [slot_by_hand(order=approved, pair=pair, starts_at=starts_at)]
    together = [found]
    if found.household_id is not None:
        others = (
            VisitOrder.objects.filter(household=found.household_id).exclude(pk=found.pk).values_list("pk", flat=True)
        )
        together += movable(order_ids=list(others), actor=actor)
    household = uuid4()
    return [Slot(order=each, pair=pair, starts_at=starts_at, household=household) for each in together]


def _changes(*, slots: Sequence[Slot], day: date) -> list[RouteChange]:
    """Return how the days of both leads change; one of them where the visit stays with its lead."""
    slot = slots[0]
    order = slot.order
    stay = Stay(
        ref=order.pk,
        starts_at=slot.starts_at,
        place=place_of(order),
        people=len(slots) + slot.joined,
        household=household_ref(slot.household),
    )
    former = order.lead_id if order.planned_arrival_at and local_date(order.planned_arrival_at) == day else None
    leads = [lead for lead in dict.fromkeys((former, slot.pair.lead.pk)) if lead is not None]
    days = crew_stays(members=leads, day=day)
    return [
        RouteChange(
            lead_id=lead,
            before=_cost(stays, base),
            after=_cost([*_without(stays, slot), stay] if lead == slot.pair.lead.pk else _without(stays, slot), base),
        )
        for lead in leads
        for stays in [days.get(lead, [])]
        for base in [slot.pair.base if lead == slot.pair.lead.pk else None]
    ]


def _without(stays: Sequence[Stay], slot: Slot) -> list[Stay]:
    """Return the stays without the visit as it was planned, and without the one that the slot joins."""
    gone = {household_ref(slot.order.household_id), household_ref(slot.household)} - {""}
    return [stay for stay in stays if stay.ref != slot.order.pk and stay.household not in gone]


def _cost(stays: Sequence[Stay], base: tuple[float, float] | None) -> RouteCost:
    # Without a base the same middle for before and after would move with the stop, so the way out and back is left out.
    return route_cost(base=base, stays=stays)


def pair_of(*, lead: CrewMember, second: CrewMember, base: tuple[float, float] | None) -> CrewPair:
    """Return two people as a pair that starts from `base` (degrees), or from nowhere in particular."""
    latitude, longitude = base or (None, None)
    return CrewPair(lead=lead, second=second, latitude=latitude, longitude=longitude)
