"""Devices of crew members: announced by the phone itself or registered by number, bound by the coordinator, revoked."""

from base64 import b32encode, b64decode
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.transitions import may
from visits.models import CrewDevice, CrewMember
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.services.agencies.crew_papers import must_be_short
from visits.services.agencies.managing import must_be_person, must_manage

# Characters of the code that a phone shows and the coordinator types: 40 bits of the key's digest.
CODE_LENGTH: Final = 8


def read_public_key(*, text: str) -> EllipticCurvePublicKey:
    """
    Return the key of a phone: P-256, as base64 of its SubjectPublicKeyInfo (WebCrypto format "spki").

    :raises InvalidInput: if it is anything else.
    """
    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except ValueError as error:
        raise InvalidInput(_("This is no public key of a phone."), field="public_key") from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise InvalidInput(_("This is no public key of a phone."), field="public_key")
    return key


def own_member(*, actor: Any) -> CrewMember:
    """
    Return the crew member who is signed in.

    :raises NotAllowed: if the actor is none.
    """
    member: CrewMember | None = getattr(actor, "crew_member", None) if actor is not None else None
    if member is None:
        raise NotAllowed
    return member


def device_code(*, device: CrewDevice) -> str:
    """Return the code of a phone's key, as its page shows it: eight letters and digits, e.g. "K3QX-7M2A"."""
    digest = b32encode(sha256(b64decode(device.public_key)).digest()).decode()
    return f"{digest[:4]}-{digest[4:CODE_LENGTH]}"


@transaction.atomic
def announce_device(*, label: str, public_key: str, actor: Any, at: datetime) -> CrewDevice:
    """
    Keep the key that the actor's phone made, for their coordinator to bind; an earlier one that waits is revoked.

    The same key again changes nothing.

    :raises NotAllowed: if the actor is no crew member.
    :raises InvalidInput: if the key is none of a phone or bound to another member, or the label is missing or too long.
    """
    may(actor=actor, permission=VISIT_LIFECYCLE.step("check_in").permission)
    member = own_member(actor=actor)
    label = label.strip()
    must_be_short(label, field="label")
    read_public_key(text=public_key)
    CrewMember.objects.select_for_update(no_key=True).get(pk=member.pk)
    reference = f"key:{sha256(b64decode(public_key)).hexdigest()}"
    known: CrewDevice | None = CrewDevice.objects.filter(device_ref=reference, revoked_at__isnull=True).first()
    if known is not None and known.member_id == member.pk:
        return known
    if known is not None:
        raise InvalidInput(_("This phone is bound to a colleague; each works with their own."), field="public_key")
    CrewDevice.objects.filter(member=member, registered_at__isnull=True, revoked_at__isnull=True).update(revoked_at=at)
    device = CrewDevice.objects.create(
        member=member, label=label, device_ref=reference, public_key=public_key, announced_at=at, registered_at=None
    )
    body = {"badge": member.external_ref, "device": device.pk}
    record(actor=actor, action="crewmember.device_announced", subject=member, at=at, body=body)
    return device


@transaction.atomic
def bind_device(*, device: CrewDevice, code: str, actor: Any, at: datetime) -> CrewDevice:
    """
    Bind a phone that announced itself to its member. `code` is what the phone shows: who reads it has the phone in hand.

    :raises NotAllowed: if the actor may not change members of this agency.
    :raises InvalidInput: if the code is another one.
    :raises StateConflict: if the phone is bound or revoked already.
    """
    must_be_person(actor=actor, permission="visits.change_crewmember")
    must_manage(agency=device.member.agency, actor=actor)
    if code.replace("-", "").replace(" ", "").upper() != device_code(device=device).replace("-", ""):
        raise InvalidInput(_("The phone shows another code."), field="code")
    waiting = CrewDevice.objects.filter(pk=device.pk, registered_at__isnull=True, revoked_at__isnull=True)
    if waiting.update(registered_at=at) != 1:
        raise StateConflict
    device.registered_at = at
    body = {"badge": device.member.external_ref, "device": device.pk}
    record(actor=actor, action="crewmember.device_registered", subject=device.member, at=at, body=body)
    return device


@transaction.atomic
def register_device(*, member: CrewMember, label: str, device_ref: str, actor: Any, at: datetime) -> CrewDevice:
    """
    Register a device with which a member works; at most one member works with it at a time.

    :raises NotAllowed: if the actor may not change members of this agency.
    :raises InvalidInput: if label or reference is missing or too long, or the device is registered already.
    """
    must_be_person(actor=actor, permission="visits.change_crewmember")
    must_manage(agency=member.agency, actor=actor)
    label, device_ref = label.strip(), device_ref.strip()
    must_be_short(label, field="label")
    must_be_short(device_ref, field="device_ref", most=80)
    try:
        with transaction.atomic():
            device = CrewDevice.objects.create(member=member, label=label, device_ref=device_ref, registered_at=at)
    except IntegrityError as error:
        message = _("This device is registered already; revoke it there first.")
        raise InvalidInput(message, field="device_ref") from error
    body = {"badge": member.external_ref, "device": device.pk}
    record(actor=actor, action="crewmember.device_registered", subject=member, at=at, body=body)
    return device


@transaction.atomic
def revoke_device(*, device: CrewDevice, actor: Any, at: datetime) -> CrewDevice:
    """
    Revoke a device that is lost, replaced or handed on. It is kept.

    :raises NotAllowed: if the actor may not change members of this agency.
    :raises StateConflict: if it is revoked already.
    """
    must_be_person(actor=actor, permission="visits.change_crewmember")
    must_manage(agency=device.member.agency, actor=actor)
    if CrewDevice.objects.filter(pk=device.pk, revoked_at__isnull=True).update(revoked_at=at) != 1:
        raise StateConflict
    device.revoked_at = at
    body = {"badge": device.member.external_ref, "device": device.pk}
    record(actor=actor, action="crewmember.device_revoked", subject=device.member, at=at, body=body)
    return device
