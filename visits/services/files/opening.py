"""Opening a stored letter or piece of evidence. A file that is not the one that was kept is refused and recorded."""

import logging
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import NotAllowed
from backoffice.core.sealed.kept_files import FileAltered, FileLost, KeptFile
from visits.enums import EvidenceState, FileProblem
from visits.models import Evidence, VisitOrder

logger = logging.getLogger(__name__)

# The audit entry's action and the columns in which each kind of record keeps what was found.
EVIDENCE = ("evidence.file_problem", "file_checked_at", "file_problem")
LETTER = ("visit.letter_problem", "letter_checked_at", "letter_problem")


def open_evidence(*, evidence: Evidence, actor: Any, at: datetime) -> BinaryIO:
    """
    Return the plain bytes of the original file, after the whole file has been compared with its SHA-256.

    Call it outside a transaction: what is wrong is recorded in one of its own.

    :raises NotAllowed: if it is locked away, whoever asks.
    :raises FileLost: if the storage does not have it.
    :raises FileAltered: if it is not what was kept.
    """
    if evidence.state == EvidenceState.LOCKED:
        raise NotAllowed(_("This file is locked away: the findings of its report allow none. It is shown to nobody."))
    try:
        return KeptFile(name=str(evidence.file.name), sha256=evidence.sha256).open()
    except (FileLost, FileAltered) as error:
        report_problem(subject=evidence, problem=problem_of(error), actor=actor, at=at)
        raise


def open_preview(*, evidence: Evidence, actor: Any, at: datetime) -> BinaryIO:
    """Return the copy of a photograph for display, otherwise as `open_evidence`."""
    try:
        return KeptFile(name=evidence.preview_name, sha256=evidence.preview_sha256).open()
    except (FileLost, FileAltered) as error:
        report_problem(subject=evidence, problem=problem_of(error), actor=actor, at=at)
        raise


def open_letter(*, order: VisitOrder, actor: Any, at: datetime) -> BinaryIO:
    """Return the order's letter as PDF, otherwise as `open_evidence`."""
    try:
        return KeptFile(name=str(order.letter_file.name), sha256=order.letter_sha256).open()
    except (FileLost, FileAltered) as error:
        report_problem(subject=order, problem=problem_of(error), actor=actor, at=at)
        raise


def problem_of(error: FileLost | FileAltered) -> FileProblem:
    """Return the word for what is wrong with a file."""
    return FileProblem.MISSING if isinstance(error, FileLost) else FileProblem.ALTERED


@transaction.atomic
def report_problem(*, subject: Evidence | VisitOrder, problem: FileProblem, actor: Any, at: datetime) -> None:
    """
    Keep what is wrong with a record's file, and record it in the trail; the same problem again changes nothing.

    `actor` is who met it, None for the nightly check.
    """
    action, checked_at, name = LETTER if isinstance(subject, VisitOrder) else EVIDENCE
    if not row_of(subject=subject).exclude(**{name: problem}).update(**{checked_at: at, name: problem}):
        return
    logger.error(
        "a stored file is not the one that was kept",
        extra={"subject": subject._meta.label_lower, "id": subject.pk, "problem": str(problem)},
    )
    record(actor=actor, action=action, subject=subject, at=at, body={"problem": problem, "sha256": _sha256(subject)})


def row_of(*, subject: Evidence | VisitOrder) -> QuerySet[Any]:
    """Return the record's row as long as it names the same file: a letter may have been issued anew meanwhile."""
    name = "letter_sha256" if isinstance(subject, VisitOrder) else "sha256"
    rows: QuerySet[Any] = type(subject)._default_manager.filter(pk=subject.pk, **{name: _sha256(subject)})
    return rows


def _sha256(subject: Evidence | VisitOrder) -> str:
    return subject.letter_sha256 if isinstance(subject, VisitOrder) else subject.sha256
