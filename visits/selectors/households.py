"""Household visits: what is planned at doors on a day, and who else is visited with an order."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db.models import QuerySet

from visits.enums import VisitState
from visits.models import VisitOrder
from visits.rules.lifecycle import COUNTED, VISIT_LIFECYCLE
from visits.selectors.crew_days import TAKES_TIME, stops_of, visits_of_day
from visits.selectors.doors import door_of

# The crew has been let into the talk with one of the household, or has left it.
OPENED: Final = frozenset(
    {
        VisitState.CHECKED_IN,
        VisitState.REPORTED,
        VisitState.UNDER_REVIEW,
        VisitState.SECOND_REVIEW,
        VisitState.RETURNED,
        VisitState.VERIFIED,
    }
)


def is_household_open(*, order: VisitOrder) -> bool:
    """Return whether the crew is with somebody else of the order's household already, or has been; no query without one."""
    if order.household_id is None:
        return False
    others = VisitOrder.objects.filter(household=order.household_id, state__in=OPENED)
    return others.exclude(pk=order.pk).exists()


def others_of_household(*, orders: Collection[VisitOrder], user: Any) -> dict[int, list[VisitOrder]]:
    """
    Return the other orders that are made in one visit with each order (id), as far as the user sees them, with one query.

    Orders that were called off are no longer part of it.
    """
    found: dict[Any, list[VisitOrder]] = defaultdict(list)
    rows = VisitOrder.objects.visible_to(user).filter(
        household__in={order.household_id for order in orders if order.household_id}, state__in=COUNTED
    )
    for each in rows.order_by("pk"):
        found[each.household_id].append(each)
    return {
        order.pk: [each for each in found[order.household_id] if each.pk != order.pk] if order.household_id else []
        for order in orders
    }


def stops_to_join(*, orders: Collection[VisitOrder], day: date) -> dict[int, Sequence[VisitOrder]]:
    """
    Return for each order (id) that can be made in one visit with others of its door that are planned on the day: those.

    Only a visit of the same agency in the same territory that has not begun, and that does not go to the order's person
    already. One query; an order that joins nobody is left out. The orders need case, borrower, address and placement.
    """
    return _to_join(orders=orders, planned=visits_of_day(day=day))


def next_stop_to_join(*, order: VisitOrder, after: datetime) -> Sequence[VisitOrder] | None:
    """Return the first visit from `after` on that the order can join, as `stops_to_join` does for a day; None without one."""
    planned = VisitOrder.objects.filter(
        state__in=TAKES_TIME, planned_arrival_at__gte=after, lead__isnull=False
    ).order_by("planned_arrival_at", "pk")
    return _to_join(orders=[order], planned=planned).get(order.pk)


def _to_join(*, orders: Collection[VisitOrder], planned: QuerySet[VisitOrder]) -> dict[int, Sequence[VisitOrder]]:
    indexes = {bytes(order.address.door_index) for order in orders if order.address.door_index}
    if not indexes:
        return {}
    rows = planned.filter(household__isnull=False, address__door_index__in=indexes)
    rows = rows.select_related("address", "case__borrower", "placement", "lead__agency", "second__agency")
    at_door: Mapping[Any, list[list[VisitOrder]]] = defaultdict(list)
    for stop in stops_of(rows):
        if all(each.state in VISIT_LIFECYCLE.step("move").sources for each in stop):
            at_door[_common(stop[0])].append(stop)
    found: dict[int, Sequence[VisitOrder]] = {}
    for order in orders:
        for stop in at_door.get(_common(order), ()) if order.address.door_index else ():
            if all(_is_another_of(order, each) for each in stop):
                found[order.pk] = stop
                break
    return found


def _common(order: VisitOrder) -> tuple[bytes, int | None, int]:
    agency = order.placement.agency_id if order.placement else None
    return bytes(order.address.door_index), agency, order.case.territory_id


def _is_another_of(order: VisitOrder, other: VisitOrder) -> bool:
    """Return whether the two go to two people of one door; the door's number is the same."""
    same_door = door_of(address=order.address).is_same(door_of(address=other.address))
    return same_door and order.case.borrower.person_key != other.case.borrower.person_key
