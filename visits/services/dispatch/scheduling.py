"""A day's plan: which pair of crew goes where and when, which notices go out, and why some visits cannot be planned."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may, move_all
from backoffice.outbox.services import add_events
from cases.enums import CaseEventKind, CaseStage
from cases.rules.lifecycle import CASE
from cases.services.casework.events import write_events
from cases.services.casework.visiting import start_visits
from visits.enums import UnassignedReason, VisitState
from visits.models import CrewMember, VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.conduct.contact import CrewMember as CrewStanding
from visits.rules.conduct.guard import ConductPolicy, ConductRule, Refusal
from visits.rules.conduct.timing import whole_minute
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.rules.routing import plan_routes
from visits.selectors.conduct import OFFICIAL_ZONE, ConductFacts, conduct_histories
from visits.selectors.policy import conduct_policy
from visits.services.dispatch.letters import LETTER_FIELDS, write_letter
from visits.services.dispatch.routes import CrewPair, routing_problem, starting_hours
from visits.services.orders.conduct_guard import (
    ConductRefused,
    crew_standings,
    local_date,
    proposal,
    refusals_to_schedule,
)

# How long the announced window is open; the crew knocks within it.
WINDOW = timedelta(hours=2)
PLAN_FIELDS = (
    "lead",
    "second",
    "window_start",
    "window_end",
    "planned_arrival_at",
    "route_position",
    "notice_sent_at",
    *LETTER_FIELDS,
)
NO_CREW_RULES = frozenset(
    {ConductRule.CREW_SIZE, ConductRule.CREW_STANDING, ConductRule.CREW_TRAINING, ConductRule.CREW_LOAD}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotScheduled:
    """An order that stays unplanned: what the conduct guard has against it, or why no route took it."""

    order_id: int
    refusals: tuple[Refusal, ...] = ()
    unassigned: UnassignedReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a planning run did. Every order asked for is in exactly one of the two."""

    scheduled: tuple[VisitOrder, ...]
    refused: tuple[NotScheduled, ...]
    distance_m: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    order: VisitOrder
    pair: CrewPair
    starts_at: datetime
    position: int


@transaction.atomic
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
    Routes are searched for at most `seconds` and repeatable by `seed`. Orders that are not APPROVED with a live
    placement are refused like any other; a refusal never stops the rest.

    :raises NotAllowed: if the actor may not dispatch visits.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    policy = conduct_policy()
    locked = _lock([order.pk for order in orders], actor=actor)
    facts = conduct_histories(
        borrower_ids={order.case.borrower_id for order in locked}, at=at, without_orders=[order.pk for order in locked]
    )
    opens_at, closes_at = starting_hours(policy=policy, day=day, at=at)
    ready, refused = [], []
    for order in locked:
        problems = _standing_refusals(policy=policy, order=order, opens_at=opens_at, at=at, facts=facts)
        refused.append(NotScheduled(order_id=order.pk, refusals=problems)) if problems else ready.append(order)
    if closes_at <= opens_at:
        ready, late = [], ready
        refused += [NotScheduled(order_id=order.pk, unassigned=UnassignedReason.WINDOW_CLOSED) for order in late]
    problem = routing_problem(policy=policy, orders=ready, crews=crews, opens_at=opens_at, closes_at=closes_at)
    plan = plan_routes(problem, seconds=seconds, seed=seed)
    refused += [NotScheduled(order_id=int(each.stop_id), unassigned=each.reason) for each in plan.unassigned]
    by_id = {str(order.pk): order for order in ready}
    slots = [
        _Slot(
            order=by_id[stop.stop_id],
            pair=crews[int(route.crew_id)],
            # The crew is refused before the window opens: it opens at the minute that the letter prints.
            starts_at=whole_minute(at=stop.starts_at),
            position=position,
        )
        for route in plan.routes
        for position, stop in enumerate(route.stops, start=1)
    ]
    slots, objections = _with_crew(policy=policy, slots=slots, day=day, at=at, facts=facts)
    _commit(policy=policy, slots=slots, actor=actor, at=at)
    refused += objections
    known = {order.pk for order in locked}
    refused += [NotScheduled(order_id=order.pk) for order in orders if order.pk not in known]
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
    policy = conduct_policy()
    locked = _lock([order.pk], actor=actor)
    if not locked:
        raise StateConflict
    facts = conduct_histories(borrower_ids=[locked[0].case.borrower_id], at=at, without_orders=[order.pk])
    pair = CrewPair(lead=lead, second=second)
    starts_at = whole_minute(at=starts_at)
    slot = _Slot(order=locked[0], pair=pair, starts_at=starts_at, position=1)
    slots, refused = _with_crew(policy=policy, slots=[slot], day=local_date(starts_at), at=at, facts=facts)
    if refused:
        raise ConductRefused(refused[0].refusals)
    _commit(policy=policy, slots=slots, actor=actor, at=at)
    planned = slots[0].order
    record(
        actor=actor,
        action="visit.scheduled",
        subject=planned,
        at=at,
        body={"crew": [lead.external_ref, second.external_ref], "starts_at": starts_at.isoformat()},
    )
    return planned


def _lock(ids: Collection[int], *, actor: Any) -> list[VisitOrder]:
    """Return those of the orders that the actor sees and that can be planned, locked in pk order."""
    seen = VisitOrder.objects.all() if actor is None else VisitOrder.objects.visible_to(actor)
    startable = CASE.step("start_visit").sources
    return list(
        seen.filter(
            pk__in=ids, state=VisitState.APPROVED, placement__state__in=LIVE_PLACEMENTS, case__stage__in=startable
        )
        .exclude(case__stage=CaseStage.CLOSED)
        .select_related("case__borrower", "address", "placement__agency")
        .order_by("pk")
        .select_for_update(of=("self",))
    )


def _standing_refusals(
    *, policy: ConductPolicy, order: VisitOrder, opens_at: datetime, at: datetime, facts: Mapping[int, ConductFacts]
) -> tuple[Refusal, ...]:
    """Return the guard's refusals that no choice of crew would lift."""
    known = facts[order.case.borrower_id]
    asked = proposal(
        policy=policy, order=order, starts_at=opens_at, notice_at=at, mandate_on=local_date(at), crew=(), facts=known
    )
    refusals = refusals_to_schedule(policy=policy, asked=asked, facts=known)
    return tuple(refusal for refusal in refusals if refusal.rule not in NO_CREW_RULES)


def _with_crew(
    *, policy: ConductPolicy, slots: Iterable[_Slot], day: date, at: datetime, facts: Mapping[int, ConductFacts]
) -> tuple[list[_Slot], list[NotScheduled]]:
    """Return the slots that the guard allows with their crew and hour, and the refused ones; a crew's day fills slot by slot."""
    slots = list(slots)
    members = {member.pk: member for slot in slots for member in (slot.pair.lead, slot.pair.second)}
    standings = crew_standings(policy=policy, members=members, day=day)
    taken: dict[int, int] = {}
    kept, refused = [], []
    for slot in slots:
        crew = tuple(_loaded(standings[m.pk], taken.get(m.pk, 0)) for m in (slot.pair.lead, slot.pair.second))
        known = facts[slot.order.case.borrower_id]
        asked = proposal(
            policy=policy,
            order=slot.order,
            starts_at=slot.starts_at,
            notice_at=at,
            mandate_on=local_date(at),
            crew=crew,
            facts=known,
        )
        refusals = refusals_to_schedule(policy=policy, asked=asked, facts=known)
        if refusals:
            refused.append(NotScheduled(order_id=slot.order.pk, refusals=refusals))
            continue
        for member in (slot.pair.lead, slot.pair.second):
            taken[member.pk] = taken.get(member.pk, 0) + 1
        kept.append(slot)
    return kept, refused


def _loaded(standing: CrewStanding, more: int) -> CrewStanding:
    return replace(standing, orders_that_day=standing.orders_that_day + more)


def _commit(*, policy: ConductPolicy, slots: Sequence[_Slot], actor: Any, at: datetime) -> None:
    """Write the plan: one status statement, one for the plans, and the lines and notices of all."""
    if not slots:
        return
    orders = [slot.order for slot in slots]
    rows = VisitOrder.objects.filter(pk__in=[order.pk for order in orders])
    if move_all(rows=rows, lifecycle=VISIT_LIFECYCLE, action="schedule", at=at) != len(orders):
        raise StateConflict
    for slot in slots:
        order = slot.order
        closing = datetime.combine(local_date(slot.starts_at), policy.visit_until, tzinfo=OFFICIAL_ZONE)
        order.state = VisitState.SCHEDULED
        order.updated_at = at
        order.lead, order.second = slot.pair.lead, slot.pair.second
        order.window_start, order.planned_arrival_at = slot.starts_at, slot.starts_at
        order.window_end = min(slot.starts_at + WINDOW, closing)
        order.route_position = slot.position
        order.notice_sent_at = at
        write_letter(order=order, at=at)
    VisitOrder.objects.bulk_update(orders, PLAN_FIELDS, batch_size=500)
    start_visits(orders={order.case_id: str(order) for order in orders}, actor=actor, at=at)
    write_events(
        kind=CaseEventKind.VISIT,
        actor=actor,
        at=at,
        events=[(order.case_id, {"action": "schedule", "order": str(order)}) for order in orders],
    )
    add_events(
        topic="visit.notice",
        # References only: the lender's own channels write to the borrower, in neutral words.
        events=[
            (
                f"visit.notice:{order.pk}:{at.isoformat()}",
                {
                    "order": str(order),
                    "borrower": order.case.borrower.external_ref,
                    "from": order.window_start.isoformat() if order.window_start else "",
                    "to": order.window_end.isoformat() if order.window_end else "",
                },
            )
            for order in orders
        ],
        at=at,
    )


def _codes(each: NotScheduled) -> list[str]:
    return [refusal.rule.value for refusal in each.refusals] or (
        [each.unassigned.value] if each.unassigned else ["STATE"]
    )
