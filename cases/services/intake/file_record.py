"""The record of one intake: begun, ended, and what it says of its rows."""

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
from cases.enums import IntakeMode, IntakeState, RecordKind
from cases.models import IntakeFile
from cases.rules.profile.records import Profile
from cases.services.intake.lease import LEASE, IntakeLost


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeResult:
    """
    What became of the rows of a file. `rejected` counts rows, not problems.

    `missing` are accounts that a full snapshot did not name; `missing_state` says what became of them.
    """

    file_id: int
    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    seconds: float
    mode: str
    missing: int = 0
    missing_state: str = ""


def checked_mode(*, profile: Profile, mode: str) -> str:
    """
    Return the mode that a caller asks for (any case), the profile's own if they ask for none.

    :raises InvalidInput: if there is no such mode, or the profile's rows describe no accounts.
    """
    chosen = mode.upper() or profile.mode
    if chosen not in IntakeMode.values:
        raise InvalidInput(_("The mode is delta or snapshot."), field="mode")
    if chosen == IntakeMode.SNAPSHOT and profile.kind != RecordKind.ACCOUNTS:
        raise InvalidInput(_("Only a file of accounts can be a full snapshot."), field="mode")
    return chosen


def begin(
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
    """Write that an intake begins; `waiting` is the record of an upload that a worker has claimed."""
    with transaction.atomic():
        if waiting is None:
            file = IntakeFile.objects.create(
                profile_name=profile.name,
                file_name=name[:200],
                sha256=sha256,
                dry_run=dry_run,
                mode=mode,
                source=profile.source,
                started_at=at,
                taken_by=actor,
                leased_until=at + LEASE,
            )
        else:
            file = waiting
            IntakeFile.objects.filter(pk=file.pk, epoch=file.epoch).update(sha256=sha256)
        body: dict[str, Any] = {"profile": profile.name, "sha256": sha256, "dry_run": dry_run, "mode": mode}
        if waiting is not None:
            body["attempt"] = file.attempts
        record(actor=actor, action="intake.started", subject=file, at=at, body=body)
    return file


def end(*, file: IntakeFile, actor: Any, at: datetime, started: float, problem: str = "") -> IntakeResult:
    """
    Write how an intake ended and return its counts; `started` is the monotonic clock at its beginning.

    :raises IntakeLost: if another worker has taken the file over.
    """
    seconds = time.monotonic() - started
    with transaction.atomic():
        ended = IntakeFile.objects.filter(pk=file.pk, epoch=file.epoch, finished_at__isnull=True).update(
            state=IntakeState.FAILED if problem else IntakeState.FINISHED,
            problem=problem[:300],
            finished_at=at + timedelta(seconds=seconds),
            leased_until=None,
            # What earlier attempts wrote was found again and counted as unchanged.
            unchanged_count=Greatest(F("unchanged_count") - F("carried_count"), 0),
        )
        if ended != 1:
            raise IntakeLost
        file.refresh_from_db()
        result = IntakeResult(
            file_id=file.pk,
            rows=file.row_count,
            created=file.created_count,
            updated=file.updated_count,
            unchanged=file.unchanged_count,
            rejected=file.rejected_count,
            seconds=round(seconds, 3),
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


def leave(*, file: IntakeFile, at: datetime, problem: str) -> None:
    """Give a claimed upload back after an error that says nothing of the file: the next sweep begins it again."""
    IntakeFile.objects.filter(pk=file.pk, epoch=file.epoch, finished_at__isnull=True).update(
        leased_until=at, problem=problem[:300]
    )
