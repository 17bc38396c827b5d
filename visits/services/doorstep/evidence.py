"""Taking evidence in: hashed on arrival, kept sealed as it came, compared with other visits, scored for the reviewer."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.sealed.kept_files import keep
from backoffice.core.transitions import may
from visits.enums import EvidenceKind, Finding, MediaScope, TrustSignal, VisitState
from visits.models import CheckIn, CrewMember, Evidence, VisitOrder, VisitReport
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.rules.report.evidence import (
    WEIGHTS,
    OtherPhoto,
    PhotoFacts,
    TrustReading,
    VisitFrame,
    trust_score,
    trust_signals,
)
from visits.rules.report.findings import EXTERIOR_KINDS, PHOTOGRAPHS, strictest_media
from visits.selectors.policy import conduct_policy
from visits.services.doorstep.media import EXTENSIONS, PhotoReading, media_type_of, read_photo
from visits.services.orders.conduct_guard import must_see

# How many earlier photographs of other visits a new one is compared with, the latest first.
COMPARE_MAX = 2000
PHOTO_TYPES = frozenset({"image/jpeg", "image/png"})
OPEN_FOR_EVIDENCE = frozenset({VisitState.REPORTED, VisitState.UNDER_REVIEW, VisitState.RETURNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What the device reports at upload: its clock, and whether a program sets its position."""

    at: datetime
    mock_location: bool = False


@transaction.atomic
def attach_evidence(
    *,
    report: VisitReport,
    kind: str,
    content: bytes,
    external_ref: str,
    device: Device,
    uploaded_by: CrewMember | None,
    actor: Any,
    at: datetime,
    section: str = "",
) -> Evidence:
    """
    Attach one file to a report. The original is kept unchanged and sealed; photographs get a copy for display without
    metadata.

    The report must have announced the reference with this file's SHA-256. Sending the same file for the same
    report again changes nothing and returns what is there. Signals and score are a reviewer's help, never proof.

    :raises NotAllowed: if the actor does not see the visit.
    :raises InvalidInput: if the file is of no known kind, too large, unreadable, not what was announced, or of a
        kind that the findings do not allow.
    :raises StateConflict: if the report has been judged.
    :raises StorageFull: if there is no room for the file; nothing is kept.
    """
    may(actor=actor, permission=VISIT_LIFECYCLE.step("report").permission)
    order = VisitOrder.objects.select_related("address").get(pk=report.order_id)
    must_see(order=order, actor=actor)
    if uploaded_by is not None and uploaded_by.pk not in (order.lead_id, order.second_id):
        raise InvalidInput(_("This person is not of this visit's crew."), field="uploaded_by")
    # The report's row is the lock: the same file sent twice at once is taken once.
    VisitReport.objects.select_for_update().only("pk").get(pk=report.pk)
    sha256 = hashlib.sha256(content).hexdigest()
    there: Evidence | None = Evidence.objects.filter(report=report, sha256=sha256).first()
    if there is not None:
        return there
    if order.state not in OPEN_FOR_EVIDENCE:
        raise StateConflict
    _must_be_allowed(report=report, kind=kind, external_ref=external_ref, sha256=sha256)
    media_type = media_type_of(content=content)
    if (kind in PHOTOGRAPHS) != (media_type in PHOTO_TYPES):
        raise InvalidInput(_("The file is not of the kind it is said to be."), field="kind")
    photo = read_photo(content=content) if media_type in PHOTO_TYPES else None
    signals = _signals(order=order, sha256=sha256, photo=photo, device=device, at=at)
    evidence = Evidence(
        report=report,
        section=section,
        external_ref=external_ref,
        kind=kind,
        media_type=media_type,
        byte_count=len(content),
        sha256=sha256,
        trust_score=trust_score(signals=signals),
        signals=[{"signal": reading.signal.value, "weight": reading.weight} for reading in signals],
        uploaded_by=uploaded_by,
        received_at=at,
    )
    evidence.file.name = keep(name=f"evidence/{sha256[:2]}/{sha256}.{EXTENSIONS[media_type]}", content=content)
    if photo is not None:
        keep(name=evidence.preview_name, content=photo.preview)
        evidence.preview_sha256 = hashlib.sha256(photo.preview).hexdigest()
        evidence.perceptual_hash = photo.perceptual_hash
        evidence.taken_at = photo.taken_at
        evidence.accuracy_m = photo.accuracy_m
        evidence.camera, evidence.software = photo.camera, photo.software
        if photo.latitude is not None:
            evidence.point = f"{photo.latitude:.6f},{photo.longitude:.6f}"
    evidence.save(force_insert=True)
    record(
        actor=actor,
        action="evidence.attached",
        subject=evidence,
        at=at,
        body={"report": report.external_ref, "sha256": sha256, "kind": kind, "score": evidence.trust_score},
    )
    return evidence


def missing_media(*, report: VisitReport) -> list[str]:
    """Return the references that the report announced and whose files have not arrived."""
    announced = [each["ref"] for each in report.announced_media]
    arrived = set(
        Evidence.objects.filter(report__order=report.order_id, external_ref__in=announced).values_list(
            "external_ref", flat=True
        )
    )
    return [ref for ref in announced if ref not in arrived]


def _must_be_allowed(*, report: VisitReport, kind: str, external_ref: str, sha256: str) -> None:
    announced = {each["ref"]: each for each in report.announced_media}.get(external_ref)
    if announced is None or announced["sha256"] != sha256 or announced["kind"] != kind:
        raise InvalidInput(
            _("The report announced no such file, or another one under this reference."), field="content"
        )
    scope = strictest_media(findings=tuple(Finding(each) for each in report.findings))
    if scope == MediaScope.NONE or (scope == MediaScope.EXTERIOR and EvidenceKind(kind) not in EXTERIOR_KINDS):
        raise InvalidInput(_("The findings of this report allow no such pictures."), field="kind")


def _signals(
    *, order: VisitOrder, sha256: str, photo: PhotoReading | None, device: Device, at: datetime
) -> tuple[TrustReading, ...]:
    others = _others(order=order, sha256=sha256, with_hashes=photo is not None and bool(photo.perceptual_hash))
    if photo is None:
        same = any(other.sha256 == sha256 for other in others)
        if not same:
            return ()
        text = _("The very same file was sent for another visit.")
        return (TrustReading(signal=TrustSignal.SAME_FILE, weight=WEIGHTS[TrustSignal.SAME_FILE], explanation=text),)
    times = CheckIn.objects.filter(order=order)
    arrived = times.filter(moment=CheckIn.Moment.IN).aggregate(first=Min("received_at"))["first"]
    left = times.filter(moment=CheckIn.Moment.OUT).aggregate(last=Max("received_at"))["last"]
    target = order.address.coordinates or (0.0, 0.0)
    knows_place = target != (0.0, 0.0)
    return trust_signals(
        policy=conduct_policy(),
        photo=PhotoFacts(
            sha256=sha256,
            has_exif=photo.has_camera_data,
            # Without a check-in or a known address there is nothing to compare with.
            captured_at=photo.taken_at if arrived else None,
            software=photo.software,
            latitude=photo.latitude if knows_place else None,
            longitude=photo.longitude if knows_place else None,
            accuracy_m=photo.accuracy_m,
            clock_drift_seconds=(device.at - at).total_seconds(),
            is_mock_location=device.mock_location,
            pdq=photo.perceptual_hash or None,
        ),
        visit=VisitFrame(
            checked_in_at=arrived or at,
            checked_out_at=left,
            latitude=target[0],
            longitude=target[1],
            is_rural=order.address.is_rural,
        ),
        others=others,
    )


def _others(*, order: VisitOrder, sha256: str, with_hashes: bool) -> list[OtherPhoto]:
    """Return the same file anywhere in other visits, and the latest photographs to compare looks with."""
    elsewhere = Evidence.objects.exclude(report__order=order.pk)
    rows = list(elsewhere.filter(sha256=sha256).values_list("report__order", "sha256", "perceptual_hash")[:1])
    if with_hashes:
        photos = elsewhere.exclude(perceptual_hash=b"").order_by("-pk")
        rows += photos.values_list("report__order", "sha256", "perceptual_hash")[:COMPARE_MAX]
    return [OtherPhoto(visit_ref=str(ref), sha256=sha, pdq=bytes(pdq) or None) for ref, sha, pdq in rows]
