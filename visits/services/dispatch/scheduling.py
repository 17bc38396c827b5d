"""A day's plan: which pair of crew goes where and when, which notices go out, and why some visits cannot be planned."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may
from visits.enums import UnassignedReason
from visits.models import CrewMember, VisitOrder
from visits.planning_enums import PlanningPhase
from visits.rules.conduct.guard import ConductRule, Refusal
from visits.rules.conduct.timing import whole_minute
from visits.rules.routing import RoutingPlan, TimeWindow, plan_routes
from visits.selectors.conduct import ConductFacts
from visits.selectors.crew_days import crew_stays, place_of
from visits.selectors.doors import household_ref
from visits.selectors.policy import conduct_policy
from visits.services.dispatch.households import households_of, joining_slots, slot_by_hand, whole_orders, with_joining
from visits.services.dispatch.plan_judging import NotScheduled, Slot
from visits.services.dispatch.plan_watch import PlanWatch
from visits.services.dispatch.plan_writing import candidates, facts_of, plannable, write_plan
from visits.services.dispatch.routes import CrewPair, is_planned_already, routing_problem, starting_hours
from visits.services.dispatch.start_windows import latest_starts, start_windows
from visits.services.orders.conduct_guard import (
    ConductRefused,
    day_there,
    local_date,
    proposal,
    refusals_to_schedule,
)

NO_CREW_RULES = frozenset(
    {ConductRule.CREW_SIZE, ConductRule.CREW_STANDING, ConductRule.CREW_TRAINING, ConductRule.CREW_LOAD}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a planning run did. Every order asked for is in exactly one of the two."""

    scheduled: tuple[VisitOrder, ...]
    refused: tuple[NotScheduled, ...]
    distance_m: int = 0


def schedule_visits(
    *,
    orders: Collection[VisitOrder],
    crews: Sequence[CrewPair],
    day: date,
    actor: Any,
    at: datetime,
    seconds: float,
    seed: int,
    watch: PlanWatch | None = None,
    moves: bool = False,
) -> Schedule:
    """
    Plan the visits of one local day: guard, routes, pair, window, notice; the letters follow by `letters_due`.

    Nothing starts earlier than the notice allows (24 h after the plan is written). Every agency's pairs get its own
    cases only, around the visits that they have already. Routes are searched for at most `seconds` and repeatable by
    `seed`; nothing is locked meanwhile. Afterwards the guard is asked again, under the lock of the people, and the plan
    is written in one transaction: what was noted or planned during the search counts. Orders that are not APPROVED with a
    live placement are refused like any other; a refusal never stops the rest.

    With `moves` the orders are planned already and go to other pairs, within the window that was announced to the
    borrower or with a new notice. `watch` is told how far it is.

    :raises NotAllowed: if the actor may not dispatch visits.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    watch = watch or PlanWatch(at=at)
    watch.enter(PlanningPhase.FACTS)
    ids = [order.pk for order in orders]
    found = candidates(order_ids=ids, actor=actor, moves=moves)
    facts = facts_of(orders=found, at=at)
    policies = {order.pk: facts[order.case.borrower_id].policy for order in found}
    windows = start_windows(facts=facts, orders=found, day=day, at=watch.written_by(seconds=seconds))
    joining = {} if moves else joining_slots(orders=found, day=day)
    ready, refused = _ready(facts=facts, orders=found, windows=windows, joining=joining, day=day, at=at)
    if moves:
        ready, staying = whole_orders(orders=found, ready=ready)
        refused += staying
    pairs = [*crews, *(slot.pair for slot in joining.values())]
    members = {member.pk for pair in pairs for member in (pair.lead, pair.second)}
    stays, joined, late = with_joining(
        stays=crew_stays(members=members, day=day, without_orders=ids if moves else ()),
        joining=[joining[order.pk] for order in ready if order.pk in joining],
    )
    refused += [NotScheduled(order_id=slot.order.pk, unassigned=UnassignedReason.CREW_BUSY) for slot in late]
    routed = [order for order in ready if order.pk not in joining]
    orders_a_day = min((policies[order.pk].crew_orders_per_day for order in routed), default=0)
    last_starts = latest_starts(policies=policies, windows=windows, day=day, at=at)
    stops = households_of(orders=routed, windows=windows, last_starts=last_starts, most=orders_a_day, is_planned=moves)
    problem = routing_problem(
        orders=routed,
        households=stops,
        crews=crews,
        closes_at=max([*last_starts.values(), starting_hours(policy=conduct_policy(), day=day, at=at)[1]]),
        orders_a_day=orders_a_day,
        stays=stays,
    )
    watch.enter(PlanningPhase.SEARCH)
    plan = plan_routes(problem, seconds=seconds, seed=seed)
    watch.enter(PlanningPhase.WRITING)
    orders_of = {str(stop.orders[0]): stop.orders for stop in stops}
    refused += [
        NotScheduled(order_id=order_id, unassigned=each.reason)
        for each in plan.unassigned
        if not is_planned_already(stop_id=each.stop_id)
        for order_id in orders_of[each.stop_id]
    ]
    slots = [*joined, *_slots(plan=plan, orders=routed, orders_of=orders_of, crews=crews)]
    with transaction.atomic():
        now = watch.now
        slots, objections = write_plan(slots=slots, day=day, actor=actor, at=now, moves=moves)
        named = {slot.order.pk for slot in slots} | {each.order_id for each in (*refused, *objections)}
        refused += objections
        refused += [NotScheduled(order_id=order.pk) for order in orders if order.pk not in named]
        schedule = Schedule(
            scheduled=tuple(slot.order for slot in slots), refused=tuple(refused), distance_m=plan.distance_m
        )
        watch.write(schedule)
        record(
            actor=actor,
            action="visit.scheduled",
            subject=("visits.visitorder", day.isoformat()),
            at=now,
            body={
                "orders": sorted(slot.order.pk for slot in slots),
                "refused": {str(each.order_id): each.codes for each in refused},
                "seed": seed,
            },
        )
    return schedule


@transaction.atomic
def assign_crew(
    *, order: VisitOrder, lead: CrewMember, second: CrewMember, starts_at: datetime, actor: Any, at: datetime
) -> VisitOrder:
    """
    Plan one approved visit by hand: this pair, beginning at the first whole minute not before `starts_at`.

    Notice and letter go out as for a day's plan. Where a visit of this pair to others of the door begins at that minute, the
    two become one visit of the household.

    :raises ConductRefused: if the guard refuses; all refusals are listed.
    :raises InvalidInput: if the two are one person, the address has no place, or the crew is at another visit then.
    :raises StateConflict: if the order is not approved, its placement not live, or its case cannot be visited.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    if lead.pk == second.pk:
        raise InvalidInput(_("A visit needs two different people."), field="second")
    starts_at = whole_minute(at=starts_at)
    found = plannable(order_ids=[order.pk], actor=actor).first()
    if found is None:
        raise StateConflict
    slot = slot_by_hand(order=found, pair=CrewPair(lead=lead, second=second), starts_at=starts_at)
    slots, refused = write_plan(slots=[slot], day=local_date(starts_at), actor=actor, at=at)
    must_be_planned(refused)
    if not slots:
        raise StateConflict
    planned = slots[0].order
    record(
        actor=actor,
        action="visit.scheduled",
        subject=planned,
        at=at,
        body={"crew": [lead.external_ref, second.external_ref], "starts_at": starts_at.isoformat()},
    )
    return planned


def must_be_planned(refused: Sequence[NotScheduled]) -> None:
    """
    Pass if nothing was refused.

    :raises ConductRefused: if the guard refuses; all refusals are listed.
    :raises InvalidInput: if the crew is at another visit, or nobody has said where the address is.
    """
    for each in refused:
        if each.refusals:
            raise ConductRefused(each.refusals)
        if each.unassigned == UnassignedReason.BAD_POSITION:
            raise InvalidInput(_("The address needs a place on the map; set it on the day desk."), field="order")
        raise InvalidInput(UnassignedReason.CREW_BUSY.label, field="starts_at")


def _ready(
    *,
    facts: Mapping[int, ConductFacts],
    orders: Sequence[VisitOrder],
    windows: Mapping[int, tuple[TimeWindow, ...]],
    joining: Mapping[int, Slot],
    day: date,
    at: datetime,
) -> tuple[list[VisitOrder], list[NotScheduled]]:
    """Return the orders that can be planned, and those that no choice of crew and hour would help."""
    ready, refused = [], []
    for order in orders:
        known = facts[order.case.borrower_id]
        opens_at, _closes_at = starting_hours(policy=known.policy, day=day, at=at)
        if windows[order.pk]:
            opens_at = windows[order.pk][0].opens_at
        announced = order.planned_arrival_at if order.notice_sent_at else None
        slot = joining.get(order.pk)
        problems = _standing_refusals(
            order=order,
            starts_at=slot.starts_at if slot else announced or opens_at,
            household=household_ref(slot.household if slot else order.household_id),
            at=at,
            facts=known,
        )
        unassigned = UnassignedReason.BAD_POSITION if place_of(order) is None else None
        if not problems and not windows[order.pk] and slot is None:
            unassigned = unassigned or UnassignedReason.WINDOW_CLOSED
        if problems or unassigned:
            refused.append(NotScheduled(order_id=order.pk, refusals=problems, unassigned=unassigned))
        else:
            ready.append(order)
    return ready, refused


def _slots(
    *,
    plan: RoutingPlan,
    orders: Sequence[VisitOrder],
    orders_of: Mapping[str, Sequence[int]],
    crews: Sequence[CrewPair],
) -> list[Slot]:
    by_id = {order.pk: order for order in orders}
    found = [
        Slot(
            order=by_id[order_id],
            pair=crews[int(route.crew_id)],
            # The crew is refused before the window opens: it opens at the minute that the letter prints.
            starts_at=whole_minute(at=stop.starts_at),
            household=household,
        )
        for route in plan.routes
        for stop in route.stops
        for household in (uuid4(),)
        for order_id in orders_of.get(stop.stop_id, ())
    ]
    # The first that is judged has the door: the stop with the most people of it.
    people = Counter(slot.household for slot in found)
    return sorted(found, key=lambda slot: -people[slot.household])


def _standing_refusals(
    *, order: VisitOrder, starts_at: datetime, household: str, at: datetime, facts: ConductFacts
) -> tuple[Refusal, ...]:
    """Return the guard's refusals that no choice of crew would lift."""
    asked = proposal(
        order=order,
        starts_at=starts_at,
        notice_at=order.notice_sent_at or at,
        mandate_on=day_there(policy=facts.policy, at=at),
        crew=(),
        facts=facts,
        household=household,
    )
    refusals = refusals_to_schedule(asked=asked, facts=facts)
    return tuple(refusal for refusal in refusals if refusal.rule not in NO_CREW_RULES)
