"""When crews are at their visits: what a plan, a move and the day desk compare with."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final

from django.db.models import Q, QuerySet

from backoffice.core.errors import StateConflict
from visits.enums import VisitState
from visits.models import VisitOrder
from visits.rules.dispatch.timetable import Place, Stay
from visits.rules.geography import is_position
from visits.rules.lifecycle import COUNTED
from visits.selectors.doors import household_ref
from visits.selectors.worklists import day_bounds

# A visit in one of these takes its crew's time; one that was broken off has given it back.
TAKES_TIME: Final = COUNTED - {VisitState.ABORTED}


def place_of(order: VisitOrder) -> Place | None:
    """Return where an order's address is, in degrees (WGS 84); None if nobody has said, or it is no place on earth."""
    found = order.address.coordinates
    return found if found is not None and is_position(latitude=found[0], longitude=found[1]) else None


def visits_of_day(*, day: date) -> QuerySet[VisitOrder]:
    """Return the visits that take a crew's time on a day, in their order."""
    start, end = day_bounds(day=day)
    rows = VisitOrder.objects.filter(
        state__in=TAKES_TIME, planned_arrival_at__gte=start, planned_arrival_at__lt=end, lead__isnull=False
    )
    return rows.select_related("address").order_by("planned_arrival_at", "pk")


def crew_stays(*, members: Collection[int], day: date, without_orders: Collection[int] = ()) -> dict[int, list[Stay]]:
    """
    Return the visits of each crew member (id) on a day, with one query; `without_orders` are left out.

    The orders of one household visit are one, by the smallest of their numbers.
    """
    rows = visits_of_day(day=day).filter(Q(lead__in=members) | Q(second__in=members)).exclude(pk__in=without_orders)
    stays: dict[int, list[Stay]] = defaultdict(list)
    for orders in stops_of(rows):
        for member in (orders[0].lead_id, orders[0].second_id):
            if member is not None:
                stays[member].append(stay_of(orders))
    return stays


def stops_of(orders: Iterable[VisitOrder]) -> list[list[VisitOrder]]:
    """Return the orders of visits that are planned, in their order, those of one household visit together."""
    stops: dict[object, list[VisitOrder]] = {}
    for order in orders:
        stops.setdefault(order.household_id or order.pk, []).append(order)
    return list(stops.values())


def stay_of(orders: Sequence[VisitOrder]) -> Stay:
    """Return the stop of planned orders that belong to one household visit, as the timetable sees it."""
    first = orders[0]
    if first.planned_arrival_at is None:
        raise StateConflict
    return Stay(
        ref=min(order.pk for order in orders),
        starts_at=first.planned_arrival_at,
        place=next((place for order in orders if (place := place_of(order)) is not None), None),
        people=len(orders),
        household=household_ref(first.household_id),
    )
