"""Addresses whose place somebody sets by hand. The visits floor calls this and has checked the permission."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import StateConflict
from cases.models import Address


def place_by_hand(*, address_id: int, latitude: float, longitude: float, actor: Any, at: datetime) -> Address:
    """
    Set where an address is, in degrees (WGS 84) to six digits, in the caller's transaction; who did it stands beside it.

    Coordinates that the lender sends later take their place. The trail says that it was done and by whom, not where.

    :raises StateConflict: if the lender has sent coordinates for it.
    """
    address: Address = Address.objects.select_for_update(no_key=True).get(pk=address_id)
    if address.point and address.placed_at is None:
        raise StateConflict(_("The lender has sent where this address is."))
    address.point = f"{latitude:.6f},{longitude:.6f}"
    address.placed_by, address.placed_at, address.updated_at = actor, at, at
    address.save(update_fields=["point", "placed_by", "placed_at", "updated_at"])
    record(actor=actor, action="address.placed", subject=address, at=at, body={"address": address.external_ref})
    return address
