"""Writing a plan: the guard asked once more under the locks, then crew, window, notice and letter of each visit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from backoffice.core.errors import StateConflict
from backoffice.core.transitions import move_all
from backoffice.outbox.services import add_events
from cases.enums import CaseEventKind, CaseStage
from cases.rules.lifecycle import CASE
from cases.services.casework.events import write_events
from cases.services.casework.visiting import start_visits
from cases.services.people.locks import lock_doors, lock_people
from visits.enums import UnassignedReason, VisitState
from visits.models import CrewMember, VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.conduct.contact import CrewMember as CrewStanding
from visits.rules.conduct.contact import PastVisit
from visits.rules.conduct.guard import ConductPolicy, Refusal
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.selectors.conduct import OFFICIAL_ZONE, ConductFacts, conduct_histories
from visits.services.dispatch.letters import LETTER_FIELDS, write_letter
from visits.services.dispatch.routes import CrewPair
from visits.services.orders.conduct_guard import crew_standings, local_date, proposal, refusals_to_schedule

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


@dataclass(frozen=True, slots=True, kw_only=True)
class NotScheduled:
    """An order that stays unplanned: what the conduct guard has against it, or why no route took it."""

    order_id: int
    refusals: tuple[Refusal, ...] = ()
    unassigned: UnassignedReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A visit as a plan has it: this pair, beginning at `starts_at`, the `position`-th of their day (from 1)."""

    order: VisitOrder
    pair: CrewPair
    starts_at: datetime
    position: int


def plannable(*, order_ids: Collection[int], actor: Any) -> QuerySet[VisitOrder]:
    """Return those of the orders that the actor sees and that can be planned, in pk order; None sees all."""
    seen = VisitOrder.objects.all() if actor is None else VisitOrder.objects.visible_to(actor)
    startable = CASE.step("start_visit").sources
    return (
        seen.filter(
            pk__in=order_ids, state=VisitState.APPROVED, placement__state__in=LIVE_PLACEMENTS, case__stage__in=startable
        )
        .exclude(case__stage=CaseStage.CLOSED)
        .select_related("case__borrower", "address", "placement__agency")
        .order_by("pk")
    )


def facts_of(*, orders: Sequence[VisitOrder], at: datetime) -> dict[int, ConductFacts]:
    """Return what the guard asks about the borrowers of the orders, by borrower, as if none of the orders were planned."""
    return conduct_histories(
        borrower_ids={order.case.borrower_id for order in orders},
        at=at,
        without_orders=[order.pk for order in orders],
    )


def write_plan(
    *, policy: ConductPolicy, slots: Sequence[Slot], day: date, actor: Any, at: datetime
) -> tuple[list[Slot], list[NotScheduled]]:
    """
    Write those slots that the guard allows now, in the caller's transaction; return them, and the refused ones.

    A slot whose order can no longer be planned is in neither. The people, their doors, the crews and the orders are locked
    first, in this order, so that nothing changes between the guard's look and the plan.
    """
    lock_people(borrowers=[slot.order.case.borrower_id for slot in slots])
    lock_doors(addresses=[slot.order.address_id for slot in slots])
    members = {member.pk for slot in slots for member in (slot.pair.lead, slot.pair.second)}
    list(CrewMember.objects.select_for_update(no_key=True).filter(pk__in=members).order_by("pk").values_list("pk"))
    open_orders = plannable(order_ids=[slot.order.pk for slot in slots], actor=actor).select_for_update(
        no_key=True, of=("self",)
    )
    locked = {order.pk: order for order in open_orders}
    slots = [replace(slot, order=locked[slot.order.pk]) for slot in slots if slot.order.pk in locked]
    facts = facts_of(orders=list(locked.values()), at=at)
    slots, refused = _with_crew(policy=policy, slots=slots, day=day, at=at, facts=facts)
    _commit(policy=policy, slots=slots, actor=actor, at=at)
    return slots, refused


def _with_crew(
    *, policy: ConductPolicy, slots: Iterable[Slot], day: date, at: datetime, facts: Mapping[int, ConductFacts]
) -> tuple[list[Slot], list[NotScheduled]]:
    """
    Return the slots that the guard allows with their crew and hour, and the refused ones.

    Slot by slot: a crew's day fills, and a visit of the same plan counts for the other borrowers of its person and of its
    door.
    """
    slots = list(slots)
    members = {member.pk: member for slot in slots for member in (slot.pair.lead, slot.pair.second)}
    standings = crew_standings(policy=policy, members=members, day=day)
    taken: dict[int, int] = {}
    planned: list[tuple[int, PastVisit]] = []
    kept, refused = [], []
    for slot in slots:
        crew = tuple(_loaded(standings[m.pk], taken.get(m.pk, 0)) for m in (slot.pair.lead, slot.pair.second))
        borrower = slot.order.case.borrower
        known = _with_visits(facts[borrower.pk], person=borrower.person_key, planned=planned)
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
        visit = PastVisit(
            starts_at=slot.starts_at,
            door=asked.door,
            placement_ref=asked.placement_ref,
            agency_ref=asked.agency.ref,
        )
        planned.append((borrower.person_key, visit))
        kept.append(slot)
    return kept, refused


def _with_visits(facts: ConductFacts, *, person: int, planned: Sequence[tuple[int, PastVisit]]) -> ConductFacts:
    """Return the facts with the visits of the same plan: those of the person, and those of others at whatever door."""
    if not planned:
        return facts
    history = facts.history
    own = tuple(visit for each, visit in planned if each == person)
    others = tuple(visit for each, visit in planned if each != person)
    history = replace(history, visits=(*history.visits, *own), at_doors=(*history.at_doors, *others))
    return replace(facts, history=history)


def _loaded(standing: CrewStanding, more: int) -> CrewStanding:
    return replace(standing, orders_that_day=standing.orders_that_day + more)


def _commit(*, policy: ConductPolicy, slots: Sequence[Slot], actor: Any, at: datetime) -> None:
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
