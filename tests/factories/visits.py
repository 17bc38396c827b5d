"""Factories of the visits floor: a case with a trigger hit, an agency with a crew, a visit order in any state."""

import hashlib
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from PIL import ExifTags, Image

from backoffice.access.models import User
from backoffice.core.sealed.kept_files import KeptFile
from cases.models import Account, Borrower, Case, ContactAttempt, Policy, PolicyVersion, TriggerHit
from tests.factories.papers import fields_of
from tests.factories.portfolio import make_address, make_overdue
from visits.enums import EvidenceKind, Finding, PersonMet, Recommendation, VisitPurpose
from visits.models import (
    Agency,
    AgencyCredential,
    AgencyTerritory,
    CrewCertificate,
    CrewMember,
    Evidence,
    Placement,
    PriceCard,
    VisitOrder,
)
from visits.services.dispatch.letters_due import make_letter
from visits.services.doorstep.attendance import Document, Media, Position, ReportDraft, SectionDraft
from visits.services.doorstep.evidence_reading import read_evidence

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
TODAY = date(2026, 3, 2)
HOME = (31.230400, 121.473700)
# Two days after AT, a Wednesday at 10:30 in Shanghai.
VISIT_AT = datetime(2026, 3, 4, 2, 30, 41, 530_208, tzinfo=UTC)
# When the crew has sent report and files.
SENT_AT = VISIT_AT + timedelta(hours=1)
_numbers = count(1)


def make_version(*, needs_visit: bool = True) -> PolicyVersion:
    """Make an active policy with one rule, UNREACHABLE."""
    policy, _made = Policy.objects.get_or_create(
        name=f"policy {needs_visit}", defaults={"segment": f"visit {needs_visit}", "created_at": AT}
    )
    version, _made = PolicyVersion.objects.get_or_create(
        policy=policy,
        number=1,
        defaults={
            "body": {"rules": [{"code": "UNREACHABLE", "needs_visit": needs_visit}]},
            "state": "ACTIVE",
            "created_at": AT,
            "updated_at": AT,
        },
    )
    return version


def make_case(
    *,
    territory: Any,
    account: Account | None = None,
    with_reason: bool = True,
    is_tried: bool | None = None,
    **fields: Any,
) -> Case:
    """
    Make an open case of an overdue borrower with a residence; `with_reason` adds an open hit that needs a visit.

    The attempts that must come before a visit were made if there is a reason, or as `is_tried` says.
    """
    account = account or make_overdue(territory=territory)
    version = make_version()
    case = Case.objects.create(
        **{
            "borrower": account.borrower,
            "person_id": Borrower.objects.values_list("person_id", flat=True).get(pk=account.borrower_id),
            "territory": territory,
            "opened_on": TODAY,
            "sla_due_on": TODAY + timedelta(days=10),
            "policy_version": version,
            "needs_visit_by": TODAY + timedelta(days=14),
            "created_at": AT,
            "updated_at": AT,
        }
        | fields
    )
    make_address(borrower=account.borrower)
    if with_reason:
        TriggerHit.objects.create(
            account=account,
            borrower=account.borrower,
            rule="UNREACHABLE",
            policy_version=version,
            entered_on=TODAY,
            created_at=AT,
        )
    if with_reason if is_tried is None else is_tried:
        make_attempts(borrower=account.borrower)
    return case


def make_attempts(*, borrower: Borrower, at: datetime = AT) -> None:
    """Record what must have been tried before a visit, all in vain: the last attempt was two days before `at`."""
    tried = [(9, 2, "VOICE"), (8, 6, "VOICE"), (7, 11, "VOICE"), (5, 3, "SMS"), (3, 4, "APP"), (2, 7, "SMS")]
    ContactAttempt.objects.bulk_create(
        ContactAttempt(
            borrower=borrower,
            external_ref=f"{borrower.external_ref}-T{number}",
            channel=channel,
            outcome="NO_ANSWER",
            attempted_at=at.replace(hour=hour) - timedelta(days=days),
            created_at=AT,
        )
        for number, (days, hour, channel) in enumerate(tried)
    )


def make_agency(*, territory: Any, capacity: int = 100, **fields: Any) -> Agency:
    """Make an active agency with room in the territory and a price card of 120 a visit, 80 a report, 20 travel."""
    number = next(_numbers)
    values = {
        "code": f"AG{number:04d}",
        "name": f"申城外访{number}",
        "registration": "91310000MA1FL0000X",
        "state": "ACTIVE",
        "complaints_phone": "021-00000000",
        "admitted_on": date(2025, 9, 1),
        "contract_number": f"WW-2025-{number:04d}",
        "contract_starts_on": date(2025, 9, 1),
        "contract_ends_on": date(2027, 8, 31),
        "papers_until": date(2027, 8, 31),
        "no_subcontract_promise_on": date(2025, 8, 30),
        "entered_by": clerk(),
        "created_at": AT,
        "updated_at": AT,
    } | fields
    agency = Agency.objects.create(**values)
    AgencyTerritory.objects.create(agency=agency, territory=territory, capacity=capacity)
    for basis, amount in (("PER_VISIT", "120"), ("PER_ACCEPTED_REPORT", "80"), ("TRAVEL", "20")):
        make_price(agency=agency, basis=basis, amount=Decimal(amount))
    return agency


def make_price(*, agency: Agency, basis: str, amount: Decimal, **fields: Any) -> PriceCard:
    """Make a confirmed line of the agency's price card, from the beginning of 2025."""
    values = {
        "valid_from": date(2025, 1, 1),
        "state": "CONFIRMED",
        "entered_by": clerk(),
        "confirmed_by": second_clerk(),
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return PriceCard.objects.create(agency=agency, basis=basis, amount=amount, **values)


def make_credential(*, agency: Agency, **fields: Any) -> AgencyCredential:
    """Make a confirmed business licence of the agency, valid for as long as its factory says that its papers are."""
    values = {
        "kind": "BUSINESS_LICENCE",
        "number": "L-1",
        "issuer": "Registry",
        "valid_from": date(2025, 1, 1),
        "valid_until": date(2027, 8, 31),
        "state": "CONFIRMED",
        "entered_by": clerk(),
        "confirmed_by": second_clerk(),
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return AgencyCredential.objects.create(agency=agency, **values)


def clerk() -> User:
    """Return the person who entered what the factories make."""
    return User.objects.get_or_create(username="clerk", defaults={"role": "DISPATCHER"})[0]


def second_clerk() -> User:
    """Return the person who confirmed what the factories make."""
    return User.objects.get_or_create(username="second clerk", defaults={"role": "APPROVER"})[0]


def make_member(*, agency: Agency, with_login: bool = True, **fields: Any) -> CrewMember:
    """Make a screened, trained, certified and confirmed crew member, with a login of the role CREW."""
    number = next(_numbers)
    user = User.objects.create_user(f"crew{number}", "correct horse battery", role="CREW") if with_login else None
    values = {
        "external_ref": f"SC-{number:04d}",
        "name": "李大明",
        "screened_on": date(2025, 9, 1),
        "screening": "CLEAR",
        "user": user,
        "confidentiality_signed_on": date(2025, 9, 1),
        "exam_passed_on": date(2025, 9, 1),
        "entered_by": clerk(),
        "created_at": AT,
        "updated_at": AT,
    }
    if fields.get("state", "CONFIRMED") == "CONFIRMED":
        values |= {"state": "CONFIRMED", "confirmed_by": second_clerk(), "confirmed_at": AT}
    values |= fields
    member = CrewMember.objects.create(agency=agency, **values)
    CrewCertificate.objects.create(member=member, kind="EXAM", number=f"X{number}", valid_until=date(2027, 1, 1))
    return member


def make_coordinator(*, agency: Agency) -> User:
    """Make a coordinator of the agency."""
    user = User.objects.create_user(f"coordinator{next(_numbers)}", "correct horse battery", role="AGENCY_COORDINATOR")
    agency.coordinators.add(user)
    return user


def make_placement(*, case: Case, agency: Agency, **fields: Any) -> Placement:
    """Make a live placement from TODAY for 90 days."""
    values = {
        "placed_on": TODAY,
        "term_ends_on": TODAY + timedelta(days=90),
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return Placement.objects.create(case=case, agency=agency, **values)


def make_order(
    *, case: Case, placement: Placement | None, state: str, approver: Any, pair: Any = (), **fields: Any
) -> VisitOrder:
    """Make an order in any state, with what that state needs; its visit is planned for VISIT_AT."""
    values: dict[str, Any] = {
        "address": case.borrower.addresses.order_by("pk").first(),
        "purposes": [VisitPurpose.VERIFY_IDENTITY, VisitPurpose.CONFIRM_RESIDENCE],
        "valid_until": TODAY + timedelta(days=14),
        "created_at": AT,
        "updated_at": AT,
    }
    if state != "DRAFT":
        values |= {"approved_by": approver, "approved_at": AT}
    if state not in ("DRAFT", "APPROVED"):
        values |= {
            "lead": pair[0],
            "second": pair[1],
            "window_start": VISIT_AT,
            "window_end": VISIT_AT + timedelta(hours=2),
            "planned_arrival_at": VISIT_AT,
            "notice_sent_at": AT,
            "letter_code": f"code-{next(_numbers)}",
            "letter_issued_at": AT,
        }
        Case.objects.filter(pk=case.pk).update(stage="VISITING", needs_visit_by=None)
        case.refresh_from_db()
    if state in ("VERIFIED", "CANCELLED", "ABORTED", "EXPIRED"):
        values["ended_at"] = AT
    return VisitOrder.objects.create(case=case, placement=placement, state=state, **(values | fields))


def position(*, at: datetime, place: tuple[float, float] = HOME, **fields: Any) -> Position:
    """Return a position at the borrower's door without any sign of manipulation."""
    values = {"accuracy_m": 12.0, "device_at": at, "external_ref": f"P{next(_numbers)}"} | fields
    return Position(latitude=place[0], longitude=place[1], **values)


def photo(
    *, seed: int, taken_at: datetime | None = VISIT_AT, place: tuple[float, float] | None = HOME, software: str = ""
) -> bytes:
    """Return a JPEG with its own texture and, by default, the EXIF data of a camera at the borrower's door."""
    picture = Image.effect_noise((64, 64), 90 + seed % 50).resize((512, 512)).convert("RGB")
    exif = Image.Exif()
    if taken_at is not None:
        exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Doorstep", "Camera 1"
        local = taken_at.astimezone(UTC)
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        camera[ExifTags.Base.DateTimeOriginal] = local.strftime("%Y:%m:%d %H:%M:%S")
        camera[ExifTags.Base.OffsetTimeOriginal] = "+00:00"
    if software:
        exif[ExifTags.Base.Software] = software
    if place is not None:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        for tag, ref, value, letters in ((2, 1, place[0], "NS"), (4, 3, place[1], "EW")):
            gps[ref] = letters[0] if value >= 0 else letters[1]
            minutes = abs(value) % 1 * 60
            gps[tag] = (float(int(abs(value))), float(int(minutes)), round(minutes % 1 * 60, 4))
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", exif=exif)
    return buffer.getvalue()


def stored(name: str) -> bytes:
    """Return the plain bytes of a kept file."""
    return KeptFile(name=name, sha256="").read()


def read_waiting(*, at: datetime = SENT_AT) -> None:
    """Read every photograph that waits, in the order in which they came, as a worker does."""
    for evidence_id in Evidence.objects.filter(state="WAITING").order_by("pk").values_list("pk", flat=True):
        read_evidence(evidence_id=evidence_id, at=at)


def make_letters(*, at: datetime = AT) -> int:
    """Make every letter that waits, as a worker does; return how many."""
    made = 0
    while make_letter(at=at):
        made += 1
    return made


PHOTO_KINDS = (EvidenceKind.STREET, EvidenceKind.BUILDING, EvidenceKind.DOOR, EvidenceKind.BADGE_AND_MANDATE)


def photos(*, number: int = 0, **fields: Any) -> list[tuple[Media, bytes]]:
    """Return the four photographs of a visit and the media list that a report announces them with."""
    pictures = []
    for kind in PHOTO_KINDS:
        content = photo(seed=next(_numbers), **fields)
        ref = f"M{next(_numbers)}"
        pictures.append((Media(ref=ref, kind=kind, sha256=hashlib.sha256(content).hexdigest()), content))
    return pictures


def seen(kind: str, **changes: Any) -> Document:
    """Return a paper of the borrower of `make_borrower` as the crew saw it, in order but for the `changes`."""
    return Document(kind=kind, verdict="GENUINE_SEEN", no_copy_reason="当面核对", fields=fields_of(kind, **changes))


def draft(*, media: Any = (), **fields: Any) -> ReportDraft:
    """Return a complete report draft of a visit that met a cooperative borrower; the files are separate."""
    values: dict[str, Any] = {
        "external_ref": f"R{next(_numbers)}",
        "findings": [Finding.F01],
        "person_met": PersonMet.BORROWER,
        "recommendation": Recommendation.OFFER_PLAN,
        "recommendation_reason": "愿意分期",
        "attested_by_lead": True,
        "attested_by_second": True,
        "sections": (
            SectionDraft(
                section="IDENTITY",
                verdict="CONFIRMED",
                confidence=Decimal("0.90"),
                documents=(seen("IDENTITY_CARD"), seen("SOCIAL_SECURITY")),
            ),
            SectionDraft(
                section="CAPACITY",
                verdict="PARTLY_ABLE",
                confidence=Decimal("0.80"),
                documents=(seen("INCOME_PROOF"),),
            ),
            SectionDraft(section="RESIDENCE", verdict="CONFIRMED", confidence=Decimal("0.90")),
        ),
        "media": tuple(media),
        "disclosure": "FULL",
        "identity_factors": 2,
        "address_verdict": "VALID",
        "recording_refused": True,
        "contact_started_at": VISIT_AT + timedelta(minutes=2),
        "contact_ended_at": VISIT_AT + timedelta(minutes=20),
    }
    return ReportDraft(**(values | fields))
