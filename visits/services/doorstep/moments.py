"""What a device says when one of the crew arrives or leaves: position and clock, checked and kept."""

from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from backoffice.core.sealed.sealing import keyed_digest
from cases.rules.coordinates import Position as Place
from cases.rules.coordinates import to_wgs84
from visits.models import CheckIn, CrewMember, VisitOrder
from visits.rules.geography import haversine_m, is_position
from visits.selectors.policy import conduct_policy
from visits.services.doorstep.door_proofs import DoorProof


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """
    The position that a device reports: degrees, accuracy in metres, and the device's clock.

    `datum` is "wgs84", or what the maps of the device shift it to: "gcj02" (Amap, Tencent) or "bd09" (Baidu). Their shift of some
    hundred metres would put an honest crew outside of the fence around an address.
    """

    external_ref: str
    latitude: float
    longitude: float
    accuracy_m: float
    device_at: datetime
    mock_location: bool = False
    datum: str = "wgs84"

    @property
    def place(self) -> Place:
        """Where it is in WGS 84."""
        return to_wgs84(latitude=self.latitude, longitude=self.longitude, datum=self.datum)


def sent_before(*, order: VisitOrder, member: CrewMember, moment: str, position: Position) -> CheckIn | None:
    """
    Return what the same message left when it came before; a device repeats what got no answer.

    :raises InvalidInput: if the reference is that of another message.
    """
    known = CheckIn.objects.filter(external_ref=position.external_ref).first()
    if known is not None and (known.order_id, known.member_id, known.moment) != (order.pk, member.pk, moment):
        raise InvalidInput(_("The reference is in use."), field="external_ref")
    return known


def must_be_somewhere(*, position: Position) -> None:
    """Pass if the device has a position. :raises InvalidInput: if it has none."""
    # A NaN compares as false with every limit.
    accurate = isfinite(position.accuracy_m) and position.accuracy_m >= 0
    if not accurate or not is_position(latitude=position.latitude, longitude=position.longitude):
        raise InvalidInput(_("The device has no position."), field="position")


def must_be_now(*, order: VisitOrder, position: Position, proof: DoorProof | None, at: datetime) -> datetime:
    """
    Return when the check-in was made by the server's clock: now, or as its proof says.

    :raises InvalidInput: if there is no position, the device's clock is off, or the announced window was not open then.
    """
    must_be_somewhere(position=position)
    if proof is None:
        drift_seconds = abs((position.device_at - at).total_seconds())
        if drift_seconds > conduct_policy(territory=order.case.territory).clock_drift_seconds:
            message = _("The device's clock is off; set it by the network and check in again.")
            raise InvalidInput(message, field="device_at")
    moment = at if proof is None else proof.happened_at
    if order.window_start is None or order.window_end is None or not order.window_start <= moment <= order.window_end:
        raise InvalidInput(_("Knock only within the announced window."), field="at")
    return moment


def save_moment(
    *,
    order: VisitOrder,
    member: CrewMember,
    moment: str,
    position: Position,
    proof: DoorProof | None,
    at: datetime,
) -> CheckIn:
    """Keep the arrival or departure of a member, in the caller's transaction; it replaces what the member sent before."""
    target = order.address.coordinates
    place = position.place
    distance_m = None
    if target is not None:
        distance_m = haversine_m(
            from_latitude=place.latitude,
            from_longitude=place.longitude,
            to_latitude=target[0],
            to_longitude=target[1],
        )
    # Replaced as a whole, since the sealed point is bound to the new reference.
    CheckIn.objects.filter(order=order, member=member, moment=moment).delete()
    return CheckIn.objects.create(
        order=order,
        member=member,
        moment=moment,
        external_ref=position.external_ref,
        point=f"{place.latitude:.6f},{place.longitude:.6f}",
        datum=position.datum,
        # Five decimals are a metre.
        place_digest=keyed_digest(text=f"{place.latitude:.5f},{place.longitude:.5f}", kind="checkin.place"),
        accuracy_m=position.accuracy_m,
        distance_m=distance_m,
        mock_location=position.mock_location,
        device_at=position.device_at,
        received_at=at,
        device=None if proof is None else proof.device,
        known_from=None if proof is None else proof.known_from,
        happened_at=at if proof is None else proof.happened_at,
    )
