"""
Proofs of a check-in from a crew member's own phone: signed by the key that was made on it, at a moment that the server knows.

The phone's key never leaves it, and a coordinator has bound it to one member: nobody checks in a colleague. What was signed is
the text that is read, so a relay can change nothing of it.
"""

from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.core import signing
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput, NotAllowed
from backoffice.core.transitions import may
from visits.models import CrewDevice, VisitOrder
from visits.rules.conduct.door_clock import ClockProblem, Ticket, door_moment
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.selectors.policy import conduct_policy
from visits.services.agencies.devices import own_member, read_public_key
from visits.services.orders.conduct_guard import must_see

_SALT: Final = "visits.door-ticket"
# An ECDSA signature over P-256 as browsers give it: two numbers of 32 bytes (IEEE P1363).
_SIGNATURE_BYTES: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorProof:
    """From which phone a check-in came, and between which instants of the server's clock it was made."""

    device: CrewDevice
    known_from: datetime
    happened_at: datetime


def issue_ticket(*, order: VisitOrder, device: CrewDevice, device_at: datetime, actor: Any, at: datetime) -> str:
    """
    Return a ticket for one visit and phone: what the server's clock says now, beside what the phone's says.

    :raises NotAllowed: if the actor does not see the order, or the phone is not theirs.
    :raises InvalidInput: if the phone is not bound, or its clock is more than five minutes off.
    """
    may(actor=actor, permission=VISIT_LIFECYCLE.step("check_in").permission)
    must_see(order=order, actor=actor)
    _must_be_own(device=device, actor=actor)
    drift_seconds = conduct_policy(territory=order.case.territory).clock_drift_seconds
    if abs(device_at - at) > timedelta(seconds=drift_seconds):
        raise InvalidInput(_("The device's clock is off; set it by the network and check in again."), field="device_at")
    held = {"order": order.pk, "device": device.pk, "server": at.isoformat(), "phone": device_at.isoformat()}
    return signing.dumps(held, salt=_SALT)


def prove(
    *,
    order: VisitOrder,
    device: CrewDevice,
    statement: str,
    signature: str,
    ticket: str,
    device_at: datetime,
    actor: Any,
    at: datetime,
) -> DoorProof:
    """
    Return the proof of a statement that a phone signed, from the ticket and the phone's clock that it holds.

    `signature` is base64 of 64 bytes over the UTF-8 of `statement`.

    :raises NotAllowed: if the phone is not the actor's.
    :raises InvalidInput: if the phone is not bound, the signature does not fit, or the moment is not known.
    """
    _must_be_own(device=device, actor=actor)
    _must_be_signed(device=device, statement=statement, signature=signature)
    known = _read_ticket(ticket, order=order, device=device)
    drift_seconds = conduct_policy(territory=order.case.territory).clock_drift_seconds
    moment = door_moment(ticket=known, device_at=device_at, received_at=at, drift_seconds=drift_seconds)
    if moment == ClockProblem.TICKET_TOO_OLD:
        raise InvalidInput(
            _("The phone was without connection for too long; break the visit off and say why."), field="ticket"
        )
    if not isinstance(moment, datetime):
        raise InvalidInput(
            _("The phone's clock was changed; set it by the network and check in again."), field="ticket"
        )
    return DoorProof(device=device, known_from=known.server_at, happened_at=moment)


def _must_be_own(*, device: CrewDevice, actor: Any) -> None:
    if device.member_id != own_member(actor=actor).pk:
        raise NotAllowed
    if device.registered_at is None or device.revoked_at is not None or not device.public_key:
        message = _("This phone is not bound to you; ask your coordinator and tell them the code that it shows.")
        raise InvalidInput(message, field="device")


def _must_be_signed(*, device: CrewDevice, statement: str, signature: str) -> None:
    problem = InvalidInput(_("The signature does not fit; check in again on your own phone."), field="signature")
    try:
        raw = b64decode(signature, validate=True)
    except ValueError as error:
        raise problem from error
    if len(raw) != _SIGNATURE_BYTES:
        raise problem
    half = _SIGNATURE_BYTES // 2
    der = encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
    try:
        read_public_key(text=device.public_key).verify(der, statement.encode(), ECDSA(SHA256()))
    except InvalidSignature as error:
        raise problem from error


def _read_ticket(ticket: str, *, order: VisitOrder, device: CrewDevice) -> Ticket:
    problem = InvalidInput(_("The ticket is not of this visit and phone; get a new one."), field="ticket")
    try:
        held = signing.loads(ticket, salt=_SALT)
    except signing.BadSignature as error:
        raise problem from error
    if (held["order"], held["device"]) != (order.pk, device.pk):
        raise problem
    server_at, device_at = parse_datetime(held["server"]), parse_datetime(held["phone"])
    if server_at is None or device_at is None:
        raise problem
    return Ticket(server_at=server_at, device_at=device_at)
