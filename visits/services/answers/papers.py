"""Papers that came through a letter's page: checked, kept sealed, and drawn anew by a worker before anybody looks."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.queue import enqueue
from backoffice.core.sealed.kept_files import FileAltered, FileLost, KeptFile, keep
from visits.enums import EvidenceState, PaperKind
from visits.models import LetterAnswer
from visits.services.doorstep.media import EXTENSIONS, LIMITS, check_photo_header, media_type_of, read_photo

PHOTO_TYPES: Final = ("image/jpeg", "image/png")
# The largest paper in bytes.
MOST_BYTES: Final = LIMITS["image/jpeg"]
# As for photographs from the door: a worker that is killed while it decodes says nothing.
ATTEMPTS_MAX: Final = 3
LEASE: Final = timedelta(minutes=2)
SWEEP_BATCH: Final = 100


def check_paper(*, content: bytes, kind: str) -> str:
    """
    Return the media type of a photograph of a paper, by its first bytes and its header. No pixel is decoded.

    :raises InvalidInput: if it is no JPEG or PNG, too large, broken, has too many pixels, or its kind is none of the list.
    """
    if kind not in PaperKind.values:
        raise InvalidInput(_("Choose what the paper is."), field="paper_kind")
    try:
        media_type = media_type_of(content=content)
        if media_type in PHOTO_TYPES:
            check_photo_header(content=content)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="paper") from error
    if media_type not in PHOTO_TYPES:
        raise InvalidInput(_("Send a photograph of the paper (JPEG or PNG)."), field="paper")
    return media_type


def keep_paper(*, answer: LetterAnswer, content: bytes, kind: str, media_type: str) -> None:
    """
    Keep a checked paper sealed and set the answer's fields; the caller saves them. A worker is told after the commit.

    :raises StorageFull: if there is no room for it; nothing is kept.
    """
    answer.paper_kind = kind
    answer.paper_sha256 = hashlib.sha256(content).hexdigest()
    answer.paper_state = EvidenceState.WAITING
    name = f"answers/{answer.paper_sha256[:2]}/{answer.paper_sha256}.{EXTENSIONS[media_type]}"
    answer.paper.name = keep(name=name, content=content)


def read_paper(*, answer_id: int, at: datetime) -> EvidenceState | None:
    """
    Decode a paper that waits and keep a copy for display without metadata; None if there was nothing to do.

    Returns UNREADABLE if it cannot be decoded, is lost, or `ATTEMPTS_MAX` workers were killed while they decoded it. Call
    it outside a transaction: the attempt is committed before the file is decoded.

    :raises StorageFull: if there is no room for the copy; the paper waits as before.
    """
    with transaction.atomic():
        answer = _free(at=at).filter(pk=answer_id).select_for_update(no_key=True, skip_locked=True).first()
        if answer is None:
            return None
        if answer.paper_attempts >= ATTEMPTS_MAX:
            return _settle(answer, EvidenceState.UNREADABLE, at=at)
        answer.paper_attempts, answer.paper_began_at = answer.paper_attempts + 1, at
        answer.save(update_fields=["paper_attempts", "paper_began_at"])
    try:
        photo = read_photo(content=KeptFile(name=str(answer.paper.name), sha256=answer.paper_sha256).read())
    except (InvalidInput, FileLost, FileAltered):
        return _settle(answer, EvidenceState.UNREADABLE, at=at)
    keep(name=answer.preview_name, content=photo.preview)
    return _settle(answer, EvidenceState.READ, at=at, preview_sha256=hashlib.sha256(photo.preview).hexdigest())


def sweep_papers(*, at: datetime) -> int:
    """Enqueue papers that still wait because their message was lost or their worker was killed; return how many."""
    waiting = _free(at=at).order_by(F("paper_began_at").asc(nulls_first=True), "pk")
    found = list(waiting.values_list("pk", flat=True)[:SWEEP_BATCH])
    for answer_id in found:
        enqueue("visits.tasks.read_paper", answer_id=answer_id)
    return len(found)


def open_paper(*, answer: LetterAnswer) -> BinaryIO:
    """
    Return the plain bytes of the original, compared with its SHA-256.

    :raises FileLost: if the storage does not have it.
    :raises FileAltered: if it is not what was kept.
    """
    return KeptFile(name=str(answer.paper.name), sha256=answer.paper_sha256).open()


def open_paper_preview(*, answer: LetterAnswer) -> BinaryIO:
    """Return the copy for display, otherwise as `open_paper`."""
    return KeptFile(name=answer.preview_name, sha256=answer.preview_sha256).open()


def _free(*, at: datetime) -> QuerySet[LetterAnswer]:
    """Return the papers that wait and that no worker has to itself."""
    rows: QuerySet[LetterAnswer] = LetterAnswer.objects.filter(paper_state=EvidenceState.WAITING)
    return rows.filter(Q(paper_began_at__isnull=True) | Q(paper_began_at__lte=at - LEASE))


@transaction.atomic
def _settle(answer: LetterAnswer, state: EvidenceState, *, at: datetime, **changes: Any) -> EvidenceState | None:
    rows = LetterAnswer.objects.filter(pk=answer.pk, paper_state=EvidenceState.WAITING)
    if not rows.update(paper_state=state, **changes):
        return None
    body = {"sha256": answer.paper_sha256, "state": str(state), "attempts": answer.paper_attempts}
    record(actor=None, action="letter.paper_read", subject=answer, at=at, body=body)
    return state
