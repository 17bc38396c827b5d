"""Taking evidence in: hashed on arrival and kept sealed as it came. A worker reads the photographs afterwards."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.queue import enqueue
from backoffice.core.sealed.kept_files import keep
from backoffice.core.transitions import may
from visits.enums import EvidenceKind, EvidenceState, Finding, MediaScope, VisitState
from visits.models import CrewMember, Evidence, VisitOrder, VisitReport
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.rules.report.findings import EXTERIOR_KINDS, PHOTOGRAPHS, strictest_media
from visits.services.doorstep.media import EXTENSIONS, check_photo_header, media_type_of
from visits.services.doorstep.trust import recording_signals, trust_columns
from visits.services.orders.conduct_guard import must_see

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
    Attach one file to a report. The original is kept unchanged and sealed.

    Of a photograph only the header is looked at: it waits for a worker, which decodes and scores it
    (`read_evidence`). A recording is never decoded, so it is READ at once.

    Where the findings allow no file at all, since only a minor was there, it is taken and LOCKED away: shown to nobody, never
    decoded, and deleted by `delete_locked`.

    The report must have announced the reference with this file's SHA-256. Sending the same file for the same
    report again changes nothing and returns what is there. Signals and score are a reviewer's help, never proof.

    :raises NotAllowed: if the actor does not see the visit.
    :raises InvalidInput: if the file is of no known kind, too large, not what was announced, or of a kind that the
        findings do not allow; for a photograph also if its header is broken or announces too many pixels.
    :raises StateConflict: if the report has been judged.
    :raises StorageFull: if there is no room for the file; nothing is kept.
    """
    may(actor=actor, permission=VISIT_LIFECYCLE.step("report").permission)
    order = VisitOrder.objects.select_related("address").get(pk=report.order_id)
    must_see(order=order, actor=actor)
    if uploaded_by is not None and uploaded_by.pk not in (order.lead_id, order.second_id):
        raise InvalidInput(_("This person is not of this visit's crew."), field="uploaded_by")
    # The report's row is the lock: the same file sent twice at once is taken once.
    VisitReport.objects.select_for_update(no_key=True).only("pk").get(pk=report.pk)
    sha256 = hashlib.sha256(content).hexdigest()
    there: Evidence | None = Evidence.objects.filter(report=report, sha256=sha256).first()
    if there is not None:
        return there
    if order.state not in OPEN_FOR_EVIDENCE:
        raise StateConflict
    scope = _must_be_allowed(report=report, kind=kind, external_ref=external_ref, sha256=sha256)
    media_type = media_type_of(content=content)
    if (kind in PHOTOGRAPHS) != (media_type in PHOTO_TYPES):
        raise InvalidInput(_("The file is not of the kind it is said to be."), field="kind")
    evidence = Evidence(
        report=report,
        section=section,
        external_ref=external_ref,
        kind=kind,
        media_type=media_type,
        byte_count=len(content),
        sha256=sha256,
        device_at=device.at,
        mock_location=device.mock_location,
        uploaded_by=uploaded_by,
        received_at=at,
        updated_at=at,
    )
    folder = "evidence"
    if scope == MediaScope.NONE:
        # A folder of its own: the same file sent elsewhere is not deleted with this one.
        folder = f"locked/{report.pk}"
        evidence.state, evidence.read_at = EvidenceState.LOCKED, at
    elif media_type in PHOTO_TYPES:
        check_photo_header(content=content)
    else:
        evidence.state, evidence.read_at = EvidenceState.READ, at
        for column, value in trust_columns(signals=recording_signals(order=order, sha256=sha256)).items():
            setattr(evidence, column, value)
    evidence.file.name = keep(name=f"{folder}/{sha256[:2]}/{sha256}.{EXTENSIONS[media_type]}", content=content)
    evidence.save(force_insert=True)
    record(
        actor=actor,
        action="evidence.attached",
        subject=evidence,
        at=at,
        body={"report": report.external_ref, "sha256": sha256, "kind": kind, "state": str(evidence.state)},
    )
    if evidence.state == EvidenceState.WAITING:
        enqueue("visits.tasks.read_evidence", evidence_id=evidence.pk)
    return evidence


def missing_media(*, report: VisitReport) -> list[str]:
    """
    Return the references that the report announced and whose files have not arrived.

    Files that its findings do not allow at all, since only a minor was there, are shown to nobody: nothing waits for them.
    """
    if strictest_media(findings=tuple(Finding(each) for each in report.findings)) == MediaScope.NONE:
        return []
    announced = [each["ref"] for each in report.announced_media]
    arrived = set(
        Evidence.objects.filter(report__order=report.order_id, external_ref__in=announced).values_list(
            "external_ref", flat=True
        )
    )
    return [ref for ref in announced if ref not in arrived]


def count_waiting(*, order: VisitOrder) -> int:
    """Return how many photographs of an order, of every version of its report, are still being read."""
    return Evidence.objects.filter(report__order=order, state=EvidenceState.WAITING).count()


def _must_be_allowed(*, report: VisitReport, kind: str, external_ref: str, sha256: str) -> MediaScope:
    """Return what the findings allow, once the file is what was announced and a kind that may come."""
    announced = {each["ref"]: each for each in report.announced_media}.get(external_ref)
    if announced is None or announced["sha256"] != sha256 or announced["kind"] != kind:
        raise InvalidInput(
            _("The report announced no such file, or another one under this reference."), field="content"
        )
    scope = strictest_media(findings=tuple(Finding(each) for each in report.findings))
    if scope == MediaScope.EXTERIOR and EvidenceKind(kind) not in EXTERIOR_KINDS:
        raise InvalidInput(_("The findings of this report allow no such pictures."), field="kind")
    return scope
