"""Writing a plan: the guard asked once more under the locks, then crew, window and notice of each visit, and its letter due."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from backoffice.core.batches import update_each
from backoffice.core.errors import StateConflict
from backoffice.core.id_lists import any_of
from backoffice.core.light_records import light_records
from backoffice.core.transitions import move_all
from backoffice.outbox.services import add_events
from cases.enums import CaseEventKind, CaseStage
from cases.rules.lifecycle import CASE
from cases.services.casework.events import write_events
from cases.services.casework.visiting import start_visits
from cases.services.people.locks import lock_doors, lock_people
from visits.enums import VisitState
from visits.models import CrewMember, HouseholdVisit, VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.conduct.agreements import window_closes_at
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.rules.routing import SERVICE_MINUTES
from visits.selectors.conduct import ConductFacts, conduct_histories
from visits.selectors.crew_days import stops_of, visits_of_day
from visits.services.dispatch.letters_due import want_letters
from visits.services.dispatch.plan_judging import NotScheduled, Slot, judge, whole_households
from visits.services.orders.conduct_guard import local_date

__all__ = ["NotScheduled", "Slot", "facts_of", "movable", "plannable", "write_plan"]

# How long the announced window is open; the crew knocks within it.
WINDOW = timedelta(hours=2)
PLAN_FIELDS = (
    "lead",
    "second",
    "household",
    "window_start",
    "window_end",
    "planned_arrival_at",
    "notice_sent_at",
    "letter_code",
    "letter_issued_at",
)

# What guard, windows and routes look at of an order that may be planned.
LOOKED_AT = (
    "approved_at",
    "borrower_request_ref",
    "permission_ref",
    "notice_sent_at",
    "window_start",
    "window_end",
    "planned_arrival_at",
    "household_id",
    "case__priority",
    "case__territory_id",
    "case__borrower__person_key",
    "address__kind",
    "address__external_ref",
    "address__door_index",
    "address__adcode",
    "address__point",
    "placement__term_ends_on",
    "placement__agency__code",
    "placement__agency__state",
    "placement__agency__admitted_on",
    "placement__agency__contract_ends_on",
    "placement__agency__papers_until",
)


def plannable(*, order_ids: Collection[int], actor: Any) -> QuerySet[VisitOrder]:
    """Return those of the orders that the actor sees and that can be planned, in pk order; None sees all."""
    startable = CASE.step("start_visit").sources
    return (
        _seen(order_ids=order_ids, actor=actor)
        .filter(state=VisitState.APPROVED, case__stage__in=startable)
        .exclude(case__stage=CaseStage.CLOSED)
    )


def movable(*, order_ids: Collection[int], actor: Any) -> QuerySet[VisitOrder]:
    """Return those of the orders that the actor sees, that are planned and not begun, in pk order; None sees all."""
    return _seen(order_ids=order_ids, actor=actor).filter(state__in=VISIT_LIFECYCLE.step("move").sources)


def _seen(*, order_ids: Collection[int], actor: Any) -> QuerySet[VisitOrder]:
    seen = VisitOrder.objects.all() if actor is None else VisitOrder.objects.visible_to(actor)
    return (
        seen.filter(pk__in=any_of(order_ids), placement__state__in=LIVE_PLACEMENTS)
        .select_related("case__borrower", "case__territory", "address", "placement__agency")
        .order_by("pk")
    )


def candidates(*, order_ids: Collection[int], actor: Any, moves: bool = False) -> list[VisitOrder]:
    """
    Return what `plannable`, or with `moves` `movable`, finds, with only what guard and routes look at; nobody writes them.

    A field that is not in `LOOKED_AT` costs a query for each order.
    """
    rows = movable(order_ids=order_ids, actor=actor) if moves else plannable(order_ids=order_ids, actor=actor)
    return light_records(rows=rows, fields=LOOKED_AT)


def facts_of(*, orders: Sequence[VisitOrder], at: datetime) -> dict[int, ConductFacts]:
    """Return what the guard asks about the borrowers of the orders, by borrower, as if none of the orders were planned."""
    return conduct_histories(
        borrower_ids={order.case.borrower_id for order in orders},
        at=at,
        without_orders=[order.pk for order in orders],
    )


def write_plan(
    *, slots: Sequence[Slot], day: date, actor: Any, at: datetime, moves: bool = False
) -> tuple[list[Slot], list[NotScheduled]]:
    """
    Write those slots that the guard allows now, in the caller's transaction; return them, and the refused ones.

    With `moves` the orders are planned already and get another crew or time, a household as a whole or not at all. A slot
    whose order can no longer be planned or moved is in neither list. The people, their doors, the crews and the orders are
    locked first, in this order, so that nothing changes between the guard's look and the plan. The letters are made later,
    by a task.
    """
    lock_people(borrowers=[slot.order.case.borrower_id for slot in slots])
    lock_doors(addresses=[slot.order.address_id for slot in slots])
    _lock_crews(slots=slots)
    ids = [slot.order.pk for slot in slots]
    rows = movable(order_ids=ids, actor=actor) if moves else plannable(order_ids=ids, actor=actor)
    locked = {order.pk: order for order in rows.select_for_update(no_key=True, of=("self",))}
    slots = [replace(slot, order=locked[slot.order.pk]) for slot in slots if slot.order.pk in locked]
    facts = facts_of(orders=list(locked.values()), at=at)
    kept, refused = judge(slots=slots, day=day, at=at, facts=facts)
    if moves:
        kept, refused = whole_households(kept=kept, refused=refused, slots=slots)
    _commit(slots=kept, facts=facts, actor=actor, at=at, moves=moves)
    return kept, refused


def _lock_crews(*, slots: Sequence[Slot]) -> None:
    """Lock everybody who goes, and who would have gone: their hours are compared, and their stops numbered anew."""
    members = {member.pk for slot in slots for member in (slot.pair.lead, slot.pair.second)}
    former = VisitOrder.objects.filter(pk__in=[slot.order.pk for slot in slots]).values_list("lead", "second")
    members |= {pk for pair in former for pk in pair if pk is not None}
    list(CrewMember.objects.select_for_update(no_key=True).filter(pk__in=members).order_by("pk").values_list("pk"))


def _commit(*, slots: Sequence[Slot], facts: Mapping[int, ConductFacts], actor: Any, at: datetime, moves: bool) -> None:
    """Write the plan: one status statement, one for the plans, and the lines, notices and letters of all."""
    if not slots:
        return
    orders = [slot.order for slot in slots]
    step = "move" if moves else "schedule"
    touched = {(day, lead) for slot in slots for day, lead in _days_of(slot)}
    rows = VisitOrder.objects.filter(pk__in=[order.pk for order in orders])
    if move_all(rows=rows, lifecycle=VISIT_LIFECYCLE, action=step, at=at) != len(orders):
        raise StateConflict
    told = [slot.order for slot in slots if not slot.keeps_notice]
    HouseholdVisit.objects.bulk_create(_households(slots))
    for slot in slots:
        _fill(facts=facts[slot.order.case.borrower_id], slot=slot, at=at)
    update_each(records=orders, fields=PLAN_FIELDS)
    numbers = _number_stops(touched=touched)
    for order in orders:
        order.route_position = numbers[order.pk]
    want_letters(orders=orders, at=at)
    if not moves:
        start_visits(orders={order.case_id: str(order) for order in orders}, actor=actor, at=at)
    write_events(
        kind=CaseEventKind.VISIT,
        actor=actor,
        at=at,
        events=[(order.case_id, {"action": step, "order": str(order)}) for order in orders],
    )
    _announce(orders=told, at=at)


def _households(slots: Sequence[Slot]) -> list[HouseholdVisit]:
    """Return the household visits that begin to be with the slots; what joins one that is planned makes none."""
    new = {slot.household: slot for slot in slots if not slot.joined}
    return [
        HouseholdVisit(pk=pk, lead=slot.pair.lead, second=slot.pair.second, starts_at=slot.starts_at)
        for pk, slot in new.items()
    ]


def _days_of(slot: Slot) -> list[tuple[date, int]]:
    """Return the days and leads whose stops change: where the visit goes, and where it was."""
    days = [(local_date(slot.starts_at), slot.pair.lead.pk)]
    if slot.order.planned_arrival_at is not None and slot.order.lead_id is not None:
        days.append((local_date(slot.order.planned_arrival_at), slot.order.lead_id))
    return days


def _fill(*, facts: ConductFacts, slot: Slot, at: datetime) -> None:
    """Set the plan on the order. A time within the announced window keeps window and notice."""
    order = slot.order
    if not slot.keeps_notice:
        closing = window_closes_at(
            policy=facts.policy,
            agreements=facts.agreements,
            starts_at=slot.starts_at,
            ends_at=slot.starts_at + timedelta(minutes=SERVICE_MINUTES),
        )
        order.window_start = slot.starts_at
        order.window_end = min(slot.starts_at + WINDOW, closing)
        order.notice_sent_at = at
    order.state = VisitState.SCHEDULED
    order.updated_at = at
    order.lead, order.second = slot.pair.lead, slot.pair.second
    order.planned_arrival_at, order.household_id = slot.starts_at, slot.household
    # The former letter names another crew or time, so its code proves nothing from now on.
    order.letter_code, order.letter_issued_at = None, None


def _number_stops(*, touched: Collection[tuple[date, int]]) -> dict[int, int]:
    """
    Number the stops of each lead's day from 1, in the order of their times; return the numbers by order.

    The orders of one household visit are one stop.
    """
    leads_of: dict[date, set[int]] = {}
    for day, lead in touched:
        leads_of.setdefault(day, set()).add(lead)
    changed: list[VisitOrder] = []
    numbers: dict[int, int] = {}
    for day, leads in leads_of.items():
        stops = dict.fromkeys(leads, 0)
        for stop in stops_of(visits_of_day(day=day).filter(lead__in=leads)):
            lead = stop[0].lead_id or 0
            stops[lead] += 1
            for order in stop:
                numbers[order.pk] = stops[lead]
                if order.route_position != stops[lead]:
                    order.route_position = stops[lead]
                    changed.append(order)
    update_each(records=changed, fields=("route_position",))
    return numbers


def _announce(*, orders: Sequence[VisitOrder], at: datetime) -> None:
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
