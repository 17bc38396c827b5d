"""A day's plan: which pair of crew goes where and when, which notices go out, and why some visits cannot be planned."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may
from visits.enums import UnassignedReason
from visits.models import CrewMember, VisitOrder
from visits.rules.conduct.guard import ConductRule, Refusal
from visits.rules.conduct.timing import whole_minute
from visits.rules.routing import plan_routes
from visits.selectors.conduct import ConductFacts
from visits.services.dispatch.plan_writing import NotScheduled, Slot, facts_of, plannable, write_plan
from visits.services.dispatch.routes import CrewPair, routing_problem, starting_hours
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
) -> Schedule:
    """
    Plan the visits of one local day: guard, routes, pair, window, notice, letter.

    Nothing starts earlier than the notice allows (24 h after `at`). Every agency's pairs get its own cases only.
    Routes are searched for at most `seconds` and repeatable by `seed`; nothing is locked meanwhile. Afterwards the guard
    is asked again, under the lock of the people, and the plan is written in one transaction: what was noted or planned
    during the search counts. Orders that are not APPROVED with a live placement are refused like any other; a refusal
    never stops the rest.

    :raises NotAllowed: if the actor may not dispatch visits.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    found = list(plannable(order_ids=[order.pk for order in orders], actor=actor))
    facts = facts_of(orders=found, at=at)
    policies = {order.pk: facts[order.case.borrower_id].policy for order in found}
    hours = {pk: starting_hours(policy=policy, day=day, at=at) for pk, policy in policies.items()}
    ready, refused = [], []
    for order in found:
        opens_at, closes_at = hours[order.pk]
        problems = _standing_refusals(order=order, opens_at=opens_at, at=at, facts=facts)
        if problems:
            refused.append(NotScheduled(order_id=order.pk, refusals=problems))
        elif closes_at <= opens_at:
            refused.append(NotScheduled(order_id=order.pk, unassigned=UnassignedReason.WINDOW_CLOSED))
        else:
            ready.append(order)
    problem = routing_problem(
        orders=ready,
        crews=crews,
        hours={order.pk: hours[order.pk] for order in ready},
        orders_a_day=min((policies[order.pk].crew_orders_per_day for order in ready), default=0),
    )
    plan = plan_routes(problem, seconds=seconds, seed=seed)
    refused += [NotScheduled(order_id=int(each.stop_id), unassigned=each.reason) for each in plan.unassigned]
    by_id = {str(order.pk): order for order in ready}
    slots = [
        Slot(
            order=by_id[stop.stop_id],
            pair=crews[int(route.crew_id)],
            # The crew is refused before the window opens: it opens at the minute that the letter prints.
            starts_at=whole_minute(at=stop.starts_at),
            position=position,
        )
        for route in plan.routes
        for position, stop in enumerate(route.stops, start=1)
    ]
    with transaction.atomic():
        slots, objections = write_plan(slots=slots, day=day, actor=actor, at=at)
        named = {slot.order.pk for slot in slots} | {each.order_id for each in (*refused, *objections)}
        refused += objections
        refused += [NotScheduled(order_id=order.pk) for order in orders if order.pk not in named]
        record(
            actor=actor,
            action="visit.scheduled",
            subject=("visits.visitorder", day.isoformat()),
            at=at,
            body={
                "orders": sorted(slot.order.pk for slot in slots),
                "refused": {str(each.order_id): _codes(each) for each in refused},
                "seed": seed,
            },
        )
    return Schedule(scheduled=tuple(slot.order for slot in slots), refused=tuple(refused), distance_m=plan.distance_m)


@transaction.atomic
def assign_crew(
    *, order: VisitOrder, lead: CrewMember, second: CrewMember, starts_at: datetime, actor: Any, at: datetime
) -> VisitOrder:
    """
    Plan one approved visit by hand: this pair, beginning at the first whole minute not before `starts_at`.

    Notice and letter go out as for a day's plan.

    :raises ConductRefused: if the guard refuses; all refusals are listed.
    :raises StateConflict: if the order is not approved, its placement not live, or its case cannot be visited.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    if lead.pk == second.pk:
        raise InvalidInput(_("A visit needs two different people."), field="second")
    starts_at = whole_minute(at=starts_at)
    found = plannable(order_ids=[order.pk], actor=actor).first()
    if found is None:
        raise StateConflict
    slot = Slot(order=found, pair=CrewPair(lead=lead, second=second), starts_at=starts_at, position=1)
    slots, refused = write_plan(slots=[slot], day=local_date(starts_at), actor=actor, at=at)
    if refused:
        raise ConductRefused(refused[0].refusals)
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


def _standing_refusals(
    *, order: VisitOrder, opens_at: datetime, at: datetime, facts: Mapping[int, ConductFacts]
) -> tuple[Refusal, ...]:
    """Return the guard's refusals that no choice of crew would lift."""
    known = facts[order.case.borrower_id]
    today = day_there(policy=known.policy, at=at)
    asked = proposal(order=order, starts_at=opens_at, notice_at=at, mandate_on=today, crew=(), facts=known)
    refusals = refusals_to_schedule(asked=asked, facts=known)
    return tuple(refusal for refusal in refusals if refusal.rule not in NO_CREW_RULES)


def _codes(each: NotScheduled) -> list[str]:
    return [refusal.rule.value for refusal in each.refusals] or (
        [each.unassigned.value] if each.unassigned else ["STATE"]
    )
