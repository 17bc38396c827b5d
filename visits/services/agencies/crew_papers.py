"""Certificates of crew members."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from visits.models import CrewCertificate, CrewMember
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
    must_be_short(kind, field="kind")
    must_be_short(number, field="number")
    if valid_until < business_date:
        raise InvalidInput(_("The certificate has expired; enter one that is valid."), field="valid_until")
    member = locked_member(member=member)
    take_confirmation_back(member=member, actor=actor, at=at)
    certificate = CrewCertificate.objects.create(member=member, kind=kind, number=number, valid_until=valid_until)
    body = {"badge": member.external_ref, "valid_until": valid_until.isoformat()}
    record(actor=actor, action="crewmember.certified", subject=member, at=at, body=body)
    return certificate


def must_be_short(text: str, *, field: str, most: int = 60) -> None:
    """Pass for a text of 1 to `most` characters. :raises InvalidInput: otherwise."""
    if not 0 < len(text) <= most:
        raise InvalidInput(_("Fill this in, with at most {n} characters.").format(n=most), field=field)
