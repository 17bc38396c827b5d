"""Certificates and devices of crew members."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from visits.models import CrewCertificate, CrewDevice, CrewMember
from visits.services.agencies.crew import locked_member, take_confirmation_back
from visits.services.agencies.managing import must_be_person, must_manage


@transaction.atomic
def add_certificate(
    *, member: CrewMember, kind: str, number: str, valid_until: date, actor: Any, at: datetime, business_date: date
) -> CrewCertificate:
    """
    Enter a certificate of a member, valid to its last day. The member awaits confirmation again, since the guard asks for it.

    :raises NotAllowed: if the actor may not change members of this agency.
    :raises InvalidInput: if kind or number is missing or too long, or the certificate has expired.
    :raises StateConflict: if the member is inactive.
    """
    must_be_person(actor=actor, permission="visits.change_crewmember")
    must_manage(agency=member.agency, actor=actor)
    kind, number = kind.strip(), number.strip()
    _must_be_short(kind, field="kind")
    _must_be_short(number, field="number")
    if valid_until < business_date:
        raise InvalidInput(_("The certificate has expired; enter one that is valid."), field="valid_until")
    member = locked_member(member=member)
    take_confirmation_back(member=member, actor=actor, at=at)
    certificate = CrewCertificate.objects.create(member=member, kind=kind, number=number, valid_until=valid_until)
    body = {"badge": member.external_ref, "valid_until": valid_until.isoformat()}
    record(actor=actor, action="crewmember.certified", subject=member, at=at, body=body)
    return certificate


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
    _must_be_short(label, field="label")
    _must_be_short(device_ref, field="device_ref", most=80)
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


def _must_be_short(text: str, *, field: str, most: int = 60) -> None:
    if not 0 < len(text) <= most:
        raise InvalidInput(_("Fill this in, with at most {n} characters.").format(n=most), field=field)
