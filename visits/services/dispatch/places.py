"""Visits whose address has no coordinates: show the address to who sets its place, and set it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import log_access
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.transitions import may
from cases.services.casework.addresses import place_by_hand
from visits.models import VisitOrder
from visits.rules.geography import is_position
from visits.rules.lifecycle import WAITING
from visits.selectors.crew_days import place_of
from visits.services.orders.conduct_guard import must_see


@transaction.atomic
def reveal_address_to_place(*, order: VisitOrder, actor: Any, at: datetime) -> str:
    """
    Return the address of a waiting visit in clear to a dispatcher who looks for it on the map; the access is logged first.

    :raises NotAllowed: if there is no person, they may not dispatch visits, or do not see this one.
    :raises StateConflict: if the visit has begun or ended, or its place is known.
    """
    if actor is None:
        raise NotAllowed
    found = _without_place(order=order, actor=actor)
    log_access(actor=actor, subject=order, fields=["address.line"], purpose=AccessPurpose.VISIT, at=at)
    return str(found.address.line)


@transaction.atomic
def place_visit(*, order: VisitOrder, latitude: float, longitude: float, actor: Any, at: datetime) -> VisitOrder:
    """
    Set by hand where the address of a waiting visit is, in degrees (WGS 84); the visit can be planned then.

    :raises NotAllowed: if the actor may not dispatch visits, or does not see this one.
    :raises InvalidInput: if this is no place on earth.
    :raises StateConflict: if the visit has begun or ended, or its place is known.
    """
    if not is_position(latitude=latitude, longitude=longitude):
        text = _("This is no place on earth: give latitude and longitude in degrees, such as 31.2304 and 121.4737.")
        raise InvalidInput(text, field="latitude")
    found = _without_place(order=order, actor=actor)
    found.address = place_by_hand(
        address_id=found.address_id, latitude=latitude, longitude=longitude, actor=actor, at=at
    )
    return found


def _without_place(*, order: VisitOrder, actor: Any) -> VisitOrder:
    may(actor=actor, permission="visits.dispatch_visitorder")
    must_see(order=order, actor=actor)
    found: VisitOrder = VisitOrder.objects.select_related("address").get(pk=order.pk)
    if found.state not in WAITING or place_of(found) is not None:
        raise StateConflict
    return found
