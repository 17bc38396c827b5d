"""
The portfolio comes in: a lender's file, read by a profile, merged batch by batch.

A file is read to its end before anything of it is written. Then each batch is one transaction and is written whole or
not at all. An intake that is interrupted leaves its finished batches; the same file again finds nothing to do in them.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F

from backoffice.access.models import Territory
from backoffice.audit.services import record
from backoffice.core.errors import DoorstepError
from backoffice.core.transitions import may
from cases.enums import IntakeState, RecordKind
from cases.models import IntakeFile
from cases.rules.profile_parts import Profile
from cases.rules.profile_reader import row_reader
from cases.selectors.profiles import get_profile
from cases.services.intake_accounts import take_accounts
from cases.services.intake_batch import Batch, BatchRow, Outcome
from cases.services.intake_events import EVENTS, take_events
from cases.services.intake_reading import Inspection, inspect_file, open_rows, read_through
from cases.services.intake_rejects import keep_rejects
from cases.services.intake_staging import close_stages, open_stages, refresh_statistics
from cases.services.intake_tables import TARGETS

# 4,000 account rows with six statements and payments each stand in about 60 MB while they are merged.
BATCH_ROWS = 4000

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeResult:
    """What became of the rows of a file. `rejected` counts rows, not problems."""

    file_id: int
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    seconds: float


def take_in(
    *,
    path: Path,
    profile: Profile | str,
    actor: Any,
    at: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
    file_name: str = "",
) -> IntakeResult:
    """
    Take in one file and return what became of its rows.

    `profile` is a checked profile or the name of one. `at` stamps what is written, and no figure may be later than
    its day. A dry run reads, checks and merges everything and takes it back; only the file's record and its rejects
    stay. `progress` is called with the number of rows done after every batch.

    :raises NotAllowed: if the actor may not run an intake.
    :raises Missing: if the file or the profile is not there.
    :raises InvalidInput: if profile and file do not fit or the file cannot be read to its end; the file's record is
        then FAILED and says why.
    """
    may(actor=actor, permission="cases.run_intake")
    started = time.monotonic()
    path = Path(path)
    if isinstance(profile, str):
        profile = get_profile(name=profile)
    found = inspect_file(path=path, file=profile.file)
    file = _begin(profile, file_name or path.name, found.sha256, dry_run, actor, at)
    try:
        _take_rows(path, found, profile, file, at, progress)
    except BaseException as error:
        _end(file, actor, at, started, problem=_told(error))
        raise
    return _end(file, actor, at, started)


def _told(error: BaseException) -> str:
    # Of an unexpected error only the kind: its text may quote a row.
    return str(error) if isinstance(error, DoorstepError) else type(error).__name__


def _begin(profile: Profile, name: str, sha256: str, dry_run: bool, actor: Any, at: datetime) -> IntakeFile:
    with transaction.atomic():
        file = IntakeFile.objects.create(
            profile_name=profile.name,
            file_name=name[:200],
            sha256=sha256,
            dry_run=dry_run,
            started_at=at,
            taken_by=actor,
        )
        record(
            actor=actor, action="intake.started", subject=file, at=at,
            body={"profile": profile.name, "sha256": sha256, "dry_run": dry_run},
        )  # fmt: skip
    return file


def _end(file: IntakeFile, actor: Any, at: datetime, started: float, *, problem: str = "") -> IntakeResult:
    seconds = time.monotonic() - started
    with transaction.atomic():
        IntakeFile.objects.filter(pk=file.pk).update(
            state=IntakeState.FAILED if problem else IntakeState.FINISHED,
            problem=problem[:300],
            finished_at=at + timedelta(seconds=seconds),
        )
        file.refresh_from_db()
        result = IntakeResult(
            file_id=file.pk, rows=file.row_count, created=file.created_count, updated=file.updated_count,
            unchanged=file.unchanged_count, rejected=file.rejected_count, seconds=round(seconds, 3),
        )  # fmt: skip
        record(
            actor=actor, action="intake.failed" if problem else "intake.finished", subject=file, at=at,
            body={
                "rows": result.rows, "created": result.created, "updated": result.updated,
                "unchanged": result.unchanged, "rejected": result.rejected,
            },
        )  # fmt: skip
    return result


def _take_rows(
    path: Path, found: Inspection, profile: Profile, file: IntakeFile, at: datetime, progress: Progress | None
) -> None:
    targets = TARGETS if profile.kind == RecordKind.ACCOUNTS else (EVENTS[profile.kind].target,)
    read_through(path=path, found=found, profile=profile)
    with open_rows(path=path, found=found, profile=profile) as rows:
        reader = row_reader(profile=profile, header=rows.header, latest=at.date())
        read = (
            BatchRow(number=number, cells=cells, read=reader(cells))
            for batch in rows.batches(BATCH_ROWS) for number, cells in batch
        )  # fmt: skip
        open_stages(targets)
        try:
            done = 0
            for batch in _batches(read):
                _take_batch(Batch(profile=profile, rows=batch), file, rows.header, at)
                done += len(batch)
                if progress is not None:
                    progress(done)
        finally:
            close_stages(targets)
        if done >= BATCH_ROWS and not file.dry_run:
            refresh_statistics(targets)


def _batches(rows: Iterator[BatchRow]) -> Iterator[list[BatchRow]]:
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def _take_batch(batch: Batch, file: IntakeFile, header: list[str], at: datetime) -> None:
    """Merge one batch, keep its rejects and add to the file's counts, in one transaction."""
    with transaction.atomic():
        with transaction.atomic():
            outcome = _merge(batch, at)
            if file.dry_run:
                transaction.set_rollback(True)
        rejected = keep_rejects(file=file, rows=[r for r in batch.rows if r.read.problems], header=header, at=at)
        IntakeFile.objects.filter(pk=file.pk).update(
            row_count=F("row_count") + len(batch.rows),
            created_count=F("created_count") + outcome.created,
            updated_count=F("updated_count") + outcome.updated,
            unchanged_count=F("unchanged_count") + outcome.unchanged,
            rejected_count=F("rejected_count") + rejected,
        )


def _merge(batch: Batch, at: datetime) -> Outcome:
    if batch.profile.kind != RecordKind.ACCOUNTS:
        return take_events(batch=batch, at=at)
    batch.territories = _territories(batch.profile)
    return take_accounts(batch=batch, at=at)


def _territories(profile: Profile) -> dict[str, int]:
    """Return the ids of all territories by code, with those that the profile makes."""
    known = dict(Territory.objects.values_list("code", "pk"))
    absent = [t for t in profile.territories if t.code not in known]
    if absent:
        Territory.objects.bulk_create(
            [Territory(code=t.code, name=t.name, name_en=t.name_en, time_zone=t.time_zone) for t in absent],
            ignore_conflicts=True,
        )
        known = dict(Territory.objects.values_list("code", "pk"))
    return known
