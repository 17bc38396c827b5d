"""Which orders of a plan are made in one visit: the people of one door, with those who are planned there already."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from visits.enums import UnassignedReason
from visits.models import VisitOrder
from visits.rules.dispatch.household import Household, Resident, households, stop_minutes
from visits.rules.dispatch.timetable import Stay, clash
from visits.rules.routing import TimeWindow
from visits.selectors.doors import door_of, household_ref
from visits.selectors.households import stops_to_join
from visits.services.dispatch.plan_judging import NotScheduled, Slot
from visits.services.dispatch.routes import CrewPair
from visits.services.orders.conduct_guard import local_date


def joining_slots(*, orders: Collection[VisitOrder], day: date) -> dict[int, Slot]:
    """
    Return for each order (id) that can join a visit to its door which is planned on the day: its place in it.

    The pair and the beginning are those of that visit. One query. Nothing is judged here.
    """
    by_id = {order.pk: order for order in orders}
    return {pk: joining_slot(order=by_id[pk], stop=stop) for pk, stop in stops_to_join(orders=orders, day=day).items()}


def joining_slot(*, order: VisitOrder, stop: Sequence[VisitOrder]) -> Slot:
    """Return the order's place in a planned visit (`stop`: its orders, at least one) to others of its door."""
    first = stop[0]
    if first.lead is None or first.second is None or first.planned_arrival_at is None or first.household_id is None:
        raise ValueError("A visit that others join is planned.")
    return Slot(
        order=order,
        pair=CrewPair(lead=first.lead, second=first.second),
        starts_at=first.planned_arrival_at,
        household=first.household_id,
        joined=len(stop),
    )


def slot_by_hand(*, order: VisitOrder, pair: CrewPair, starts_at: datetime) -> Slot:
    """Return the slot of an approved visit: in the visit of this pair to others of the door that begins then, or its own."""
    joining = joining_slots(orders=[order], day=local_date(starts_at)).get(order.pk)
    if joining is None or joining.starts_at != starts_at:
        return Slot(order=order, pair=pair, starts_at=starts_at)
    is_same_pair = (joining.pair.lead.pk, joining.pair.second.pk) == (pair.lead.pk, pair.second.pk)
    return replace(joining, pair=pair) if is_same_pair else Slot(order=order, pair=pair, starts_at=starts_at)


def households_of(
    *,
    orders: Sequence[VisitOrder],
    windows: Mapping[int, tuple[TimeWindow, ...]],
    last_starts: Mapping[int, datetime],
    most: int,
    is_planned: bool,
) -> tuple[Household, ...]:
    """
    Return the stops for which routes are searched: the orders of one door, agency and territory together, `most` at most.

    `windows` says when each order's visit may begin, `last_starts` when it may begin at the latest if it goes to one person.
    Orders that are planned already (`is_planned`) stay together as they are.
    """
    alone = timedelta(minutes=stop_minutes(people=1))
    return households(
        residents=(
            Resident(
                order=order.pk,
                person=order.case.borrower.person_key,
                door=door_of(address=order.address),
                sender=order.household_id or order.pk
                if is_planned
                else (order.placement and order.placement.agency_id, order.case.territory_id),
                windows=windows[order.pk],
                over_by=last_starts[order.pk] + alone,
            )
            for order in orders
        ),
        most=most,
    )


def whole_orders(
    *, orders: Sequence[VisitOrder], ready: Sequence[VisitOrder]
) -> tuple[list[VisitOrder], list[NotScheduled]]:
    """Return those of `ready` whose whole household is, and the others: of `orders` to be moved, a part does not leave alone."""
    can_go = {order.pk for order in ready}
    torn = {order.household_id for order in orders if order.household_id and order.pk not in can_go}
    staying = [order for order in ready if order.household_id in torn]
    refused = [NotScheduled(order_id=order.pk, unassigned=UnassignedReason.WITH_HOUSEHOLD) for order in staying]
    return [order for order in ready if order.household_id not in torn], refused


def with_joining(
    *, stays: Mapping[int, Sequence[Stay]], joining: Iterable[Slot]
) -> tuple[dict[int, list[Stay]], list[Slot], list[Slot]]:
    """
    Return the visits of crew members with longer stops for those who join them, who may join, and who finds no time.

    A stop grows as long as the crew still reaches its next visit in time.
    """
    grown = {pk: list(each) for pk, each in stays.items()}
    taken: list[Slot] = []
    late: list[Slot] = []
    for slot in joining:
        pair = (slot.pair.lead.pk, slot.pair.second.pk)
        ref = household_ref(slot.household)
        longer = {
            pk: [replace(stay, people=stay.people + 1) if stay.household == ref else stay for stay in grown.get(pk, ())]
            for pk in pair
        }
        wanted = [stay for pk in pair for stay in longer[pk] if stay.household == ref]
        if any(clash(wanted=stay, others=longer[pk]) for stay in wanted for pk in pair):
            late.append(slot)
        else:
            grown |= longer
            taken.append(slot)
    return grown, taken, late
