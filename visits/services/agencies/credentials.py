"""Papers of agencies: entered by one person, confirmed by another, withdrawn; and until when they keep an agency listed."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, SelfApproval
from backoffice.core.sealed.kept_files import keep
from backoffice.core.transitions import move
from visits.enums import CredentialKind, EntryState
from visits.models import Agency, AgencyCredential
from visits.rules.agencies.lifecycles import CREDENTIAL_LIFECYCLE
from visits.rules.agencies.papers import Paper, papers_until
from visits.services.agencies.managing import locked_agency, must_be_person, must_manage

FILE_BYTES: Final = 10 * 1024 * 1024
# What a copy of a paper may be, by its first bytes.
_KINDS: Final = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialDetails:
    """A paper as staff enter it; both days of its validity included."""

    kind: str
    number: str
    issuer: str
    valid_from: date
    valid_until: date


@transaction.atomic
def enter_credential(
    *,
    agency: Agency,
    details: CredentialDetails,
    content: bytes | None = None,
    actor: Any,
    at: datetime,
) -> AgencyCredential:
    """
    Enter a paper of an agency, with a copy (PDF, JPEG or PNG of at most 10 MB, kept sealed) or without.

    It counts once another person has confirmed it.

    :raises NotAllowed: if the actor is no person, or may not enter papers of this agency.
    :raises InvalidInput: if a detail is missing or wrong, or the file is of another kind or too large.
    :raises StorageFull: if there is no room for the file; nothing is kept.
    """
    must_be_person(actor=actor, permission="visits.add_agencycredential")
    must_manage(agency=agency, actor=actor)
    given = asdict(details) | {"number": details.number.strip(), "issuer": details.issuer.strip()}
    if given["kind"] not in CredentialKind.values:
        raise InvalidInput(_("Choose the kind of the paper from the list."), field="kind")
    for name, most in (("number", 60), ("issuer", 80)):
        if not 0 < len(given[name]) <= most:
            raise InvalidInput(_("Fill this in, with at most {n} characters.").format(n=most), field=name)
    if details.valid_until < details.valid_from:
        raise InvalidInput(_("The last day of validity is before the first."), field="valid_until")
    credential = AgencyCredential(agency=agency, **given, entered_by=actor, created_at=at, updated_at=at)
    if content is not None:
        _keep_copy(credential, content)
    credential.save(force_insert=True)
    _recorded("entered", credential, actor=actor, at=at)
    return credential


@transaction.atomic
def confirm_credential(
    *, credential: AgencyCredential, actor: Any, at: datetime, business_date: date
) -> AgencyCredential:
    """
    Confirm a paper that another person entered: from now on it counts for the agency's place on the list.

    :raises NotAllowed: if the actor is no person, or may not confirm papers of this agency.
    :raises SelfApproval: if the actor entered it.
    :raises StateConflict: if it does not await confirmation.
    """
    must_be_person(actor=actor, permission="visits.confirm_agencycredential")
    must_manage(agency=credential.agency, actor=actor)
    agency = locked_agency(agency=credential.agency)
    if AgencyCredential.objects.filter(pk=credential.pk, entered_by=actor).exists():
        raise SelfApproval
    move(
        record=credential,
        lifecycle=CREDENTIAL_LIFECYCLE,
        action="confirm",
        actor=actor,
        at=at,
        confirmed_by=actor,
    )
    _recount(agency, day=business_date, at=at)
    _recorded("confirmed", credential, actor=actor, at=at)
    return credential


@transaction.atomic
def withdraw_credential(
    *, credential: AgencyCredential, actor: Any, at: datetime, business_date: date
) -> AgencyCredential:
    """
    Withdraw a paper that was entered wrongly or was revoked. It is kept and counts no more.

    :raises NotAllowed: if the actor may not enter papers of this agency.
    :raises StateConflict: if it is withdrawn already.
    """
    must_manage(agency=credential.agency, actor=actor)
    agency = locked_agency(agency=credential.agency)
    move(record=credential, lifecycle=CREDENTIAL_LIFECYCLE, action="withdraw", actor=actor, at=at)
    _recount(agency, day=business_date, at=at)
    _recorded("withdrawn", credential, actor=actor, at=at)
    return credential


def counted_papers(*, agency: Agency) -> list[Paper]:
    """Return the agency's confirmed papers with their validity."""
    rows = agency.credentials.filter(state=EntryState.CONFIRMED).order_by("pk")
    return [
        Paper(kind=CredentialKind(kind), valid_from=start, valid_until=end)
        for kind, start, end in rows.values_list("kind", "valid_from", "valid_until")
    ]


@transaction.atomic
def recount_papers(*, business_date: date, at: datetime) -> int:
    """
    Count anew until when papers are valid, where that day is over or unknown; return how many agencies changed.

    A confirmed paper that begins later than another ends counts from its first day on, which nobody enters.
    """
    stale = Agency.objects.exclude(papers_until__gte=business_date).order_by("pk")
    return sum(_recount(agency, day=business_date, at=at) for agency in stale.select_for_update(no_key=True))


def _recount(agency: Agency, *, day: date, at: datetime) -> bool:
    until = papers_until(papers=counted_papers(agency=agency), day=day)
    if until == agency.papers_until:
        return False
    agency.papers_until, agency.updated_at = until, at
    agency.save(update_fields=["papers_until", "updated_at"])
    return True


def _keep_copy(credential: AgencyCredential, content: bytes) -> None:
    if len(content) > FILE_BYTES:
        raise InvalidInput(_("The file is too large; send at most 10 MB."), field="file")
    for start, media_type, extension in _KINDS:
        if content.startswith(start):
            sha256 = hashlib.sha256(content).hexdigest()
            name = keep(name=f"agencies/{sha256[:2]}/{sha256}.{extension}", content=content)
            credential.file_name, credential.file_sha256, credential.media_type = name, sha256, media_type
            return
    raise InvalidInput(_("Send a PDF, JPEG or PNG file."), field="file")


def _recorded(done: str, credential: AgencyCredential, *, actor: Any, at: datetime) -> None:
    body = {
        "agency": credential.agency.code,
        "kind": str(credential.kind),
        "valid_from": credential.valid_from.isoformat(),
        "valid_until": credential.valid_until.isoformat(),
        "sha256": credential.file_sha256,
    }
    record(actor=actor, action=f"agencycredential.{done}", subject=credential, at=at, body=body)
