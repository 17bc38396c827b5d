"""The nightly check: every stored letter and piece of evidence is compared with its SHA-256, in bounded batches."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import F, Q, QuerySet

from backoffice.core.sealed.kept_files import FileAltered, FileLost, KeptFile, StorageFull, seal_in_place
from visits.models import Evidence, VisitOrder
from visits.services.files.opening import EVIDENCE, LETTER, problem_of, report_problem, row_of

# A file is due again this long after its last check, so that each night checks it once.
DUE_AFTER = timedelta(hours=20)
BATCH = 200
# A batch ends before its files of evidence together exceed this; recordings are up to 50 MB each.
BATCH_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one batch did: files compared, sealed because they lay in clear, and found broken; whether more are due."""

    checked: int
    sealed: int
    broken: int
    more: bool


def check_files(*, at: datetime, batch: int = BATCH, batch_bytes: int = BATCH_BYTES) -> Checked:
    """
    Compare at most `batch` pieces of evidence and `batch` letters with their SHA-256, the longest unchecked first.

    A file that lies in clear is sealed once it is known to be the one that was kept. A broken one is kept as a
    problem of its record and in the trail. Safe to run at the same time in two places: both do the same.
    """
    due = at - DUE_AFTER
    evidence = list(_due(Evidence.objects.exclude(file=""), EVIDENCE[1], due)[: batch + 1])
    letters = list(_due(VisitOrder.objects.exclude(letter_file=""), LETTER[1], due)[: batch + 1])
    few = list(_within(evidence[:batch], most=batch_bytes))
    outcomes = [_check(subject=each, files=_files_of(each), names=EVIDENCE, at=at) for each in few]
    outcomes += [
        _check(
            subject=order,
            files=(KeptFile(name=str(order.letter_file.name), sha256=order.letter_sha256),),
            names=LETTER,
            at=at,
        )
        for order in letters[:batch]
    ]
    return Checked(
        checked=len(outcomes),
        sealed=sum(sealed for sealed, _ok in outcomes),
        broken=sum(not ok for _sealed, ok in outcomes),
        more=len(evidence) > len(few) or len(letters) > batch,
    )


def _due(rows: QuerySet[Any], checked_at: str, due: datetime) -> QuerySet[Any]:
    unchecked = rows.filter(Q(**{f"{checked_at}__isnull": True}) | Q(**{f"{checked_at}__lt": due}))
    return unchecked.order_by(F(checked_at).asc(nulls_first=True), "pk")


def _within(rows: Iterable[Evidence], *, most: int) -> Iterator[Evidence]:
    """Yield rows while their files together have at most `most` bytes, but always the first."""
    total = 0
    for number, each in enumerate(rows):
        total += each.byte_count
        if number and total > most:
            return
        yield each


def _files_of(evidence: Evidence) -> tuple[KeptFile, ...]:
    original = KeptFile(name=str(evidence.file.name), sha256=evidence.sha256)
    if not evidence.has_preview:
        return (original,)
    return (original, KeptFile(name=evidence.preview_name, sha256=evidence.preview_sha256))


def _check(
    *, subject: Evidence | VisitOrder, files: Iterable[KeptFile], names: tuple[str, str, str], at: datetime
) -> tuple[int, bool]:
    """Return how many files had to be sealed, and whether all are what was kept."""
    _action, checked_at, problem = names
    sealed = 0
    try:
        for file in files:
            try:
                was_clear = seal_in_place(name=file.name, sha256=file.sha256)
            except StorageFull:
                # The comparison counts all the same; the next night seals.
                was_clear = False
            sealed += was_clear
            if not was_clear:
                file.open().close()
    except (FileLost, FileAltered) as error:
        report_problem(subject=subject, problem=problem_of(error), actor=None, at=at)
        row_of(subject=subject).update(**{checked_at: at})
        return sealed, False
    found: dict[str, Any] = {checked_at: at, problem: ""}
    if isinstance(subject, Evidence) and subject.has_preview and not subject.preview_sha256:
        # A copy from before its SHA-256 was kept: from now on it is compared as well.
        found["preview_sha256"] = sha256(KeptFile(name=subject.preview_name, sha256="").read()).hexdigest()
    row_of(subject=subject).update(**found)
    return sealed, True
