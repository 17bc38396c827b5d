"""When crews are at their visits: what a plan, a move and the day desk compare with."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Final

from django.db.models import Q, QuerySet

from visits.enums import VisitState
from visits.models import VisitOrder
from visits.rules.dispatch.timetable import Place, Stay
from visits.rules.geography import is_position
from visits.rules.lifecycle import COUNTED
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
    """Return the visits of each crew member (id) on a day, with one query; `without_orders` are left out."""
    rows = visits_of_day(day=day).filter(Q(lead__in=members) | Q(second__in=members)).exclude(pk__in=without_orders)
    stays: dict[int, list[Stay]] = defaultdict(list)
    for order in rows:
        for member in (order.lead_id, order.second_id):
            if member is not None and order.planned_arrival_at is not None:
                stays[member].append(Stay(ref=order.pk, starts_at=order.planned_arrival_at, place=place_of(order)))
    return stays
