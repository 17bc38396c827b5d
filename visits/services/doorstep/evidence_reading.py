"""Reading photographs that were sent: a worker decodes each one, keeps a copy for display, and scores it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.queue import enqueue
from backoffice.core.sealed.kept_files import keep
from backoffice.core.transitions import move
from visits.enums import EvidenceState
from visits.models import Evidence, PhotoBand, VisitOrder, VisitReport
from visits.rules.lifecycle import EVIDENCE_LIFECYCLE
from visits.services.doorstep.media import PhotoReading, read_photo
from visits.services.doorstep.report_trust import assess_report
from visits.services.doorstep.trust import photo_signals, place_digest, trust_columns
from visits.services.files.filing import file_prints
from visits.services.files.opening import open_evidence

# A worker that is killed while it decodes says nothing. After so many of them the file is not decoded again.
ATTEMPTS_MAX: Final = 3
# How long a worker has a photograph to itself: longer than the time limit of its task, which kills it.
LEASE: Final = timedelta(minutes=2)
# A message reaches a worker within this time; the sweep leaves younger photographs to their own message.
OWN_MESSAGE: Final = timedelta(minutes=1)
SWEEP_BATCH: Final = 100
# Subject and part of the advisory lock under which photographs are compared, one after the other.
_COMPARING: Final = (7_401, 0)


def read_evidence(*, evidence_id: int, at: datetime) -> EvidenceState | None:
    """
    Decode one photograph that waits, and keep its copy for display, hash, camera data, signals and score.

    Returns READ, UNREADABLE if its pixels cannot be decoded or `ATTEMPTS_MAX` workers were killed while they decoded
    it, or None if there was nothing to do: it does not wait, or another worker began within the last `LEASE`. Call it
    outside a transaction: the attempt is committed before the file is decoded.

    After an error below the photograph waits as before, and the attempt does not count.

    :raises FileLost: if the storage does not have the original.
    :raises FileAltered: if the original is not what was kept.
    :raises StorageFull: if there is no room for the copy; nothing of it is kept.
    """
    with transaction.atomic():
        evidence = _free(at=at).filter(pk=evidence_id).select_for_update(no_key=True, skip_locked=True).first()
        if evidence is None:
            return None
        if evidence.read_attempts >= ATTEMPTS_MAX:
            return _give_up(evidence=evidence, reason="ATTEMPTS", at=at)
        evidence.read_attempts += 1
        evidence.reading_began_at = at
        evidence.save(update_fields=["read_attempts", "reading_began_at"])
    with _not_counted(evidence), open_evidence(evidence=evidence, actor=None, at=at) as opened:
        content = opened.read()
    try:
        photo = read_photo(content=content)
    except InvalidInput:
        return _give_up(evidence=evidence, reason="PIXELS", at=at)
    with _not_counted(evidence):
        keep(name=evidence.preview_name, content=photo.preview)
        return _save(evidence=evidence, photo=photo, at=at)


def sweep_evidence(*, at: datetime) -> int:
    """
    Enqueue photographs that still wait although their message was lost or their worker was killed; return how many.

    At most `SWEEP_BATCH`, those that were never tried first, then the oldest.
    """
    with_own_message = Q(reading_began_at__isnull=True, received_at__gt=at - OWN_MESSAGE)
    # Those that were tried come last, so that files which the storage has lost hold up no others.
    waiting = _free(at=at).exclude(with_own_message).order_by(F("reading_began_at").asc(nulls_first=True), "pk")
    found = list(waiting.values_list("pk", flat=True)[:SWEEP_BATCH])
    for evidence_id in found:
        enqueue("visits.tasks.read_evidence", evidence_id=evidence_id)
    return len(found)


def _waiting() -> QuerySet[Evidence]:
    rows: QuerySet[Evidence] = Evidence.objects.filter(state=EvidenceState.WAITING)
    return rows


def _free(*, at: datetime) -> QuerySet[Evidence]:
    """Return the photographs that wait and that no worker has to itself."""
    return _waiting().filter(Q(reading_began_at__isnull=True) | Q(reading_began_at__lte=at - LEASE))


@contextmanager
def _not_counted(evidence: Evidence) -> Iterator[None]:
    """Take the attempt back if the body fails: it was the storage or the database, not the photograph."""
    try:
        yield
    except Exception:
        rows = _waiting().filter(pk=evidence.pk, read_attempts=evidence.read_attempts)
        rows.update(read_attempts=F("read_attempts") - 1)
        raise


@transaction.atomic
def _save(*, evidence: Evidence, photo: PhotoReading, at: datetime) -> EvidenceState | None:
    """Compare the photograph with all others, file its hashes and write what was read; None if another worker has done so."""
    _lock_comparing()
    if not _still_waits(evidence):
        return None
    order = VisitOrder.objects.select_related("address").get(reports=evidence.report_id)
    changes: dict[str, Any] = {
        "preview_sha256": hashlib.sha256(photo.preview).hexdigest(),
        "perceptual_hash": photo.prints.filed.get(PhotoBand.Part.WHOLE, b""),
        "taken_at": photo.taken_at,
        "accuracy_m": photo.accuracy_m,
        "camera": photo.camera,
        "software": photo.software,
    }
    if photo.latitude is not None and photo.longitude is not None:
        point: Any = Evidence._meta.get_field("point")
        text = f"{photo.latitude:.6f},{photo.longitude:.6f}"
        changes["point"] = point.sealed(text=text, bound_to=evidence.external_ref)
        changes["place_digest"] = place_digest(latitude=photo.latitude, longitude=photo.longitude)
    file_prints(evidence=evidence, prints=photo.prints)
    changes |= trust_columns(signals=photo_signals(evidence=evidence, order=order, photo=photo))
    move(record=evidence, lifecycle=EVIDENCE_LIFECYCLE, action="read", actor=None, at=at, read_at=at, **changes)
    assess_report(
        report=VisitReport.objects.select_related("order__case__territory", "order__address").get(
            pk=evidence.report_id
        ),
        at=at,
    )
    _record(evidence=evidence, action="evidence.read", at=at, score=evidence.trust_score)
    return EvidenceState.READ


@transaction.atomic
def _give_up(*, evidence: Evidence, reason: str, at: datetime) -> EvidenceState | None:
    """Mark the photograph as unreadable; None if another worker has ended its wait."""
    if not _still_waits(evidence):
        return None
    move(record=evidence, lifecycle=EVIDENCE_LIFECYCLE, action="give_up", actor=None, at=at, read_at=at)
    _record(evidence=evidence, action="evidence.unreadable", at=at, reason=reason)
    return EvidenceState.UNREADABLE


def _still_waits(evidence: Evidence) -> bool:
    """Return whether nobody has ended the wait, and lock the row for the caller's transaction if so."""
    return _waiting().filter(pk=evidence.pk).select_for_update(no_key=True).only("pk").first() is not None


def _lock_comparing() -> None:
    """Let one transaction at a time compare and save, so that two photographs read at once do not miss each other."""
    with connection.cursor() as cursor:
        # Others compare for milliseconds each; the lock timeout of web pages would be too short for a queue of them.
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _COMPARING)


def _record(*, evidence: Evidence, action: str, at: datetime, **more: Any) -> None:
    body = {"sha256": evidence.sha256, "state": str(evidence.state), "attempts": evidence.read_attempts, **more}
    record(actor=None, action=action, subject=evidence, at=at, body=body)
