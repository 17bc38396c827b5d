"""The record of one intake: begin it, end it, or give it back to the sweep."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.queue import enqueue
from cases.enums import IntakeMode, IntakeState, RecordKind
from cases.models import IntakeFile
from cases.rules.profile.records import Profile
from cases.services.intake.freshness import note_file
from cases.services.intake.lease import LEASE, IntakeLost


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeResult:
    """
    What became of the rows of a file; `seconds` is the time it took.

    All counts are rows; `rejected` counts a row with several problems once. `doubtful` counts values of taken rows that are
    new among the doubtful ones. `missing` counts the accounts that a full
    snapshot did not name, and `missing_state` is a MissingState, empty for a file that is no snapshot.
    """

    file_id: int
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    seconds: float
    mode: str
    doubtful: int = 0
    missing: int = 0
    missing_state: str = ""


def checked_mode(*, profile: Profile, mode: str) -> str:
    """
    Return `mode` in upper case, or the profile's own mode if it is empty.

    :raises InvalidInput: if there is no such mode, or a snapshot is asked for and the rows describe no accounts.
    """
    chosen = mode.upper() or profile.mode
    if chosen not in IntakeMode.values:
        raise InvalidInput(_("The mode is delta or snapshot."), field="mode")
    if chosen == IntakeMode.SNAPSHOT and profile.kind != RecordKind.ACCOUNTS:
        raise InvalidInput(_("Only a file of accounts can be a full snapshot."), field="mode")
    return chosen


def begin_intake(
    *,
    profile: Profile,
    name: str,
    sha256: str,
    mode: str,
    dry_run: bool,
    actor: Any,
    at: datetime,
    waiting: IntakeFile | None,
) -> IntakeFile:
    """
    Record that an intake begins, with an audit entry, and return its record.

    `waiting` is the record of an upload that a worker has claimed; without it a new record is created. `name` is cut
    after 200 characters.
    """
    with transaction.atomic():
        if waiting is None:
            file = IntakeFile.objects.create(
                profile_name=profile.name,
                profile_version_id=profile.version_id,
                file_name=name[:200],
                sha256=sha256,
                profile_fingerprint=profile.fingerprint,
                dry_run=dry_run,
                mode=mode,
                source=profile.source,
                started_at=at,
                taken_by=actor,
                leased_until=at + LEASE,
            )
        else:
            file = waiting
            IntakeFile.objects.filter(pk=file.pk, epoch=file.epoch).update(
                sha256=sha256, profile_fingerprint=profile.fingerprint, profile_version_id=profile.version_id
            )
        body: dict[str, Any] = {
            "profile": profile.name,
            "profile_version": profile.version_id,
            "sha256": sha256,
            "dry_run": dry_run,
            "mode": mode,
        }
        if waiting is not None:
            body["attempt"] = file.attempts
        record(actor=actor, action="intake.started", subject=file, at=at, body=body)
    return file


def end_intake(
    *,
    file: IntakeFile,
    actor: Any,
    at: datetime,
    started: float,
    problem: str = "",
    brings_accounts: bool = False,
) -> IntakeResult:
    """
    Record that an intake ended, with an audit entry, and return its counts.

    It failed if there is a `problem`, of which 300 characters are kept. `brings_accounts` says that its rows describe
    accounts, so that it tells how new the figures of its source are. `started` is the monotonic clock at the
    beginning; the end is `at` plus the seconds since.

    :raises IntakeLost: if another worker has taken the file over.
    """
    seconds = time.monotonic() - started
    with transaction.atomic():
        ended = IntakeFile.objects.filter(pk=file.pk, epoch=file.epoch, finished_at__isnull=True).update(
            state=IntakeState.FAILED if problem else IntakeState.FINISHED,
            problem=problem[:300],
            finished_at=at + timedelta(seconds=seconds),
            leased_until=None,
            # Rows that earlier attempts created or changed were counted as unchanged by this one.
            unchanged_count=Greatest(F("unchanged_count") - F("carried_count"), 0),
        )
        if ended != 1:
            raise IntakeLost
        file.refresh_from_db()
        if brings_accounts and not problem:
            note_file(file=file, at=at)
            # What the core set of its own accord, and what payments have ended.
            enqueue("cases.tasks.check_terms")
        result = IntakeResult(
            file_id=file.pk,
            rows=file.row_count,
            created=file.created_count,
            updated=file.updated_count,
            unchanged=file.unchanged_count,
            rejected=file.rejected_count,
            seconds=round(seconds, 3),
            doubtful=file.doubtful_count,
            mode=file.mode,
            missing=file.missing_count,
            missing_state=file.missing_state,
        )
        body: dict[str, Any] = {
            "rows": result.rows,
            "created": result.created,
            "updated": result.updated,
            "unchanged": result.unchanged,
            "rejected": result.rejected,
        }
        if file.missing_state:
            body |= {"missing": result.missing, "missing_state": result.missing_state}
        record(actor=actor, action="intake.failed" if problem else "intake.finished", subject=file, at=at, body=body)
    return result


def release_for_retry(*, file: IntakeFile, at: datetime, problem: str) -> None:
    """
    End the lease of a claimed upload after an error that is not the file's fault; the next sweep begins it again.

    `at` becomes the end of the lease. Nothing is written if another worker has taken the file over.
    """
    IntakeFile.objects.filter(pk=file.pk, epoch=file.epoch, finished_at__isnull=True).update(
        leased_until=at, problem=problem[:300]
    )
