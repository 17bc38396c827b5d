"""Crew members: entered by the agency or for it, changed, and confirmed by a second person of the lender."""

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, SelfApproval
from backoffice.core.sealed.kept_files import keep
from backoffice.core.transitions import move
from visits.enums import AgencyState, CrewState, Screening
from visits.models import Agency, CrewMember
from visits.rules.agencies.lifecycles import CREW_LIFECYCLE
from visits.services.agencies.managing import must_be_person, must_manage
from visits.services.files.photographs import portrait

BADGE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{0,39}")
NAME_LENGTH: Final = 60
# The columns as they are while a confirmation is missing.
UNCONFIRMED: Final[dict[str, Any]] = {"confirmed_by": None, "confirmed_at": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDetails:
    """A crew member as the agency enters them. Days are whole; how long training is valid follows from the exam's day."""

    badge: str
    name: str
    sex: str = ""
    screened_on: date | None = None
    screening: str = ""
    confidentiality_signed_on: date | None = None
    exam_passed_on: date | None = None


def details_of(*, member: CrewMember) -> MemberDetails:
    """Return a member as they were entered, to be changed in parts."""
    return MemberDetails(
        badge=member.external_ref,
        name=member.name,
        sex=member.sex,
        screened_on=member.screened_on,
        screening=member.screening,
        confidentiality_signed_on=member.confidentiality_signed_on,
        exam_passed_on=member.exam_passed_on,
    )


@transaction.atomic
def enter_member(
    *,
    agency: Agency,
    details: MemberDetails,
    photo: bytes | None = None,
    actor: Any,
    at: datetime,
    business_date: date,
) -> CrewMember:
    """
    Enter a crew member of an agency, with their photograph (JPEG or PNG of at most 5 MB) or without.

    They go to no door until a second person of the lender has confirmed them.

    :raises NotAllowed: if the actor is no person or program, or may not enter members of this agency.
    :raises InvalidInput: if a detail is missing or wrong, the badge is taken, or the cooperation has ended.
    :raises StorageFull: if there is no room for the photograph; nothing is kept.
    """
    must_be_person(actor=actor, permission="visits.add_crewmember")
    must_manage(agency=agency, actor=actor)
    if agency.state == AgencyState.EXITED:
        raise InvalidInput(_("The cooperation with this agency has ended."), field="agency")
    given = _checked(details, business_date=business_date)
    member = CrewMember(agency=agency, **given, entered_by=actor, created_at=at, updated_at=at)
    if photo is not None:
        _keep_photo(member, photo)
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidInput(_("Another crew member has this badge number."), field="badge") from error
    _recorded("entered", member, actor=actor, at=at)
    return member


@transaction.atomic
def change_member(
    *,
    member: CrewMember,
    details: MemberDetails,
    photo: bytes | None = None,
    actor: Any,
    at: datetime,
    business_date: date,
) -> CrewMember:
    """
    Change what is known of a crew member. That takes the confirmation back: what was confirmed is no longer what stands.

    Their planned visits stay planned; the guard refuses the door until they are confirmed again. A change to what is
    there already changes nothing.

    :raises NotAllowed: if the actor may not change members of this agency.
    :raises InvalidInput: if a detail is missing or wrong, or the badge is taken; it names the field.
    :raises StateConflict: if the member is inactive.
    """
    must_be_person(actor=actor, permission="visits.change_crewmember")
    must_manage(agency=member.agency, actor=actor)
    member = locked_member(member=member)
    given = _checked(details, business_date=business_date)
    changed = sorted(name for name, value in given.items() if getattr(member, name) != value)
    before = member.photo_sha256
    if photo is not None:
        _keep_photo(member, photo)
    if member.photo_sha256 != before:
        changed += ["photo_name", "photo_sha256"]
    if not changed:
        return member
    take_confirmation_back(member=member, actor=actor, at=at)
    # The name is sealed with the badge: whichever changes, it is sealed anew.
    for name, value in given.items():
        setattr(member, name, value)
    try:
        with transaction.atomic():
            member.save(update_fields=sorted({*changed, "name"}))
    except IntegrityError as error:
        raise InvalidInput(_("Another crew member has this badge number."), field="badge") from error
    _recorded("changed", member, actor=actor, at=at, fields=changed)
    return member


def take_confirmation_back(*, member: CrewMember, actor: Any, at: datetime) -> None:
    """
    Let a member await confirmation again, in the caller's transaction; the actor counts as who entered them.

    :raises StateConflict: if the member is inactive.
    """
    move(
        record=member,
        lifecycle=CREW_LIFECYCLE,
        action="reopen",
        actor=actor,
        at=at,
        entered_by=actor,
        **UNCONFIRMED,
    )


def confirmation_gaps(*, member: CrewMember) -> tuple[str | Promise, ...]:
    """Return what a member lacks to be confirmed, in words; empty means nothing."""
    gaps: list[str | Promise] = []
    if not member.photo_name:
        gaps.append(_("The photograph is missing."))
    if member.screened_on is None:
        gaps.append(_("The day of the screening is missing."))
    elif member.screening != Screening.CLEAR:
        gaps.append(_("The screening found concerns, or its outcome is missing."))
    if member.confidentiality_signed_on is None:
        gaps.append(_("The signed promise of confidentiality is missing."))
    if member.exam_passed_on is None:
        gaps.append(_("The day of the exam is missing."))
    if not member.certificates.exists():
        gaps.append(_("No certificate is entered."))
    return tuple(gaps)


@transaction.atomic
def confirm_member(*, member: CrewMember, actor: Any, at: datetime) -> CrewMember:
    """
    Confirm for the lender what another person entered: the member may go to doors.

    :raises NotAllowed: if the actor is no person of the lender, or may not confirm members of this agency.
    :raises SelfApproval: if the actor entered the member or changed them last.
    :raises InvalidInput: if something is missing; it lists all of it.
    :raises StateConflict: if the member does not await confirmation.
    """
    must_be_person(actor=actor, permission="visits.confirm_crewmember")
    must_manage(agency=member.agency, actor=actor)
    member = locked_member(member=member)
    if member.state == CrewState.ENTERED:
        if member.entered_by_id in (None, actor.pk):
            raise SelfApproval
        gaps = confirmation_gaps(member=member)
        if gaps:
            raise InvalidInput(_("Missing: {gaps}").format(gaps=" ".join(map(str, gaps))), field="member")
    move(
        record=member,
        lifecycle=CREW_LIFECYCLE,
        action="confirm",
        actor=actor,
        at=at,
        confirmed_by=actor,
        confirmed_at=at,
    )
    _recorded("confirmed", member, actor=actor, at=at)
    return member


def locked_member(*, member: CrewMember) -> CrewMember:
    """Return the member as they are now, their row locked until the transaction ends: whoever plans a visit waits."""
    rows = CrewMember.objects.select_for_update(no_key=True, of=("self",)).select_related("agency")
    locked: CrewMember = rows.get(pk=member.pk)
    return locked


def _checked(details: MemberDetails, *, business_date: date) -> dict[str, Any]:
    """Return the details as they are stored. :raises InvalidInput: at the first field that is wrong."""
    given = asdict(details)
    badge, given["name"] = given.pop("badge").strip(), " ".join(details.name.split())
    if not BADGE.fullmatch(badge):
        message = _("A badge number has 1 to 40 letters, digits, slashes, dots, hyphens or underscores.")
        raise InvalidInput(message, field="badge")
    if not 0 < len(given["name"]) <= NAME_LENGTH:
        raise InvalidInput(_("Fill this in, with at most {n} characters.").format(n=NAME_LENGTH), field="name")
    if given["sex"] not in ("", *CrewMember.Sex.values):
        raise InvalidInput(_("Choose from the list."), field="sex")
    for name in ("screened_on", "confidentiality_signed_on", "exam_passed_on"):
        if given[name] is not None and given[name] > business_date:
            raise InvalidInput(_("This day is still to come."), field=name)
    if given["screening"] not in ("", *Screening.values):
        raise InvalidInput(_("Choose from the list."), field="screening")
    if (given["screened_on"] is None) != (given["screening"] == ""):
        raise InvalidInput(_("Give day and outcome of the screening together."), field="screening")
    return given | {"external_ref": badge}


def _keep_photo(member: CrewMember, content: bytes) -> None:
    try:
        drawn = portrait(content=content)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="photo") from error
    sha256 = hashlib.sha256(drawn).hexdigest()
    member.photo_name = keep(name=f"crew/{sha256[:2]}/{sha256}.jpg", content=drawn)
    member.photo_sha256 = sha256


def _recorded(done: str, member: CrewMember, *, actor: Any, at: datetime, fields: list[str] | None = None) -> None:
    body: dict[str, Any] = {"agency": member.agency.code, "badge": member.external_ref}
    if fields is not None:
        body["fields"] = fields
    record(actor=actor, action=f"crewmember.{done}", subject=member, at=at, body=body)
