"""Show a visit's address in clear to the people who go there, while they need it, and log each access."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import log_access
from backoffice.core.errors import NotAllowed, StateConflict
from backoffice.core.transitions import may
from visits.models import VisitOrder
from visits.selectors.least_view import ADDRESS_CLEAR, is_reception_only
from visits.services.orders.conduct_guard import must_see


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAddress:
    """
    Where to go. Coordinates in degrees (WGS 84), None where they are not known. `reception_only`: and no further than there.
    """

    line: str
    reception_only: bool
    latitude: float | None
    longitude: float | None


@transaction.atomic
def reveal_visit_address(*, order: VisitOrder, actor: Any, at: datetime) -> VisitAddress:
    """
    Return the address of an accepted visit in clear; the access is logged first. Coordinator and crew see it from
    acceptance until the report is in, and no longer once the placement has ended.

    :raises NotAllowed: if there is no person, or they do not see the visit.
    :raises StateConflict: if the visit is not accepted yet, or over.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="visits.view_visitorder")
    must_see(order=order, actor=actor)
    order = VisitOrder.objects.select_related("address").get(pk=order.pk)
    if order.state not in ADDRESS_CLEAR:
        raise StateConflict
    log_access(actor=actor, subject=order, fields=["address.line", "address.point"], purpose=AccessPurpose.VISIT, at=at)
    place = order.address.coordinates
    return VisitAddress(
        line=order.address.line,
        reception_only=is_reception_only(order=order),
        latitude=place[0] if place else None,
        longitude=place[1] if place else None,
    )
