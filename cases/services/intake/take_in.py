"""
Take a lender's file in: read by a profile, merged batch by batch.

A file is read to its end before anything of it is written. Each batch is one transaction. An interrupted intake keeps
its finished batches; when the same file is taken in again, their rows count as unchanged.
"""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import DateField, F, Value
from django.db.models.functions import Greatest

from backoffice.core.collector import collector_by_hand
from backoffice.core.errors import DoorstepError
from backoffice.core.transitions import may
from cases.enums import IntakeMode, RecordKind
from cases.models import IntakeFile
from cases.rules.profile.records import Profile
from cases.selectors.intake.profiles import usable_profile
from cases.services.intake.accounts.borrower_feed import BorrowerFeed
from cases.services.intake.accounts.feed import AccountFeed
from cases.services.intake.deadlocks import after_deadlocks
from cases.services.intake.dry_run_difference import Difference
from cases.services.intake.events.feed import EventFeed
from cases.services.intake.events.reversal_feed import ReversalFeed
from cases.services.intake.feed import Feed, Outcome, Prepared
from cases.services.intake.file_record import IntakeResult, begin_intake, checked_mode, end_intake, release_for_retry
from cases.services.intake.lease import Hold, IntakeLost
from cases.services.intake.missing_accounts import settle_missing
from cases.services.intake.pipeline import take_batches
from cases.services.intake.readers.inspection import Inspection, inspect_file
from cases.services.intake.readers.opening import open_rows, read_through
from cases.services.intake.readers.rows import Openable
from cases.services.intake.reevaluation import mark_rows_for_reevaluation
from cases.services.intake.rejects import keep_rejects
from cases.services.intake.repayments import wake_settlement
from cases.services.intake.row_totals import keep_contents
from cases.services.intake.staging import close_stages, open_stages, refresh_statistics, set_source
from cases.services.people.suggestions import suggest_people

# At most; wide rows come in smaller batches (intake/pipeline.py).
BATCH_ROWS = 20_000
_WITH_REPAYMENTS = (RecordKind.ACCOUNTS, RecordKind.REPAYMENTS, RecordKind.REVERSALS)

Progress = Callable[[int], None]


def take_in(
    *,
    path: Path | Openable,
    profile: Profile | str,
    actor: Any,
    at: datetime,
    dry_run: bool = False,
    progress: Progress | None = None,
    file_name: str = "",
    mode: str = "",
    waiting: IntakeFile | None = None,
) -> IntakeResult:
    """
    Take in one file and return what became of its rows.

    `profile` is a checked profile, the name of one, or name@number of a version that is only tried. `at` stamps what is written, and no figure may be later than one
    day after it. `progress` is called after each batch with the number of rows done. `mode` is delta or snapshot, the
    profile's own unless given: accounts that a snapshot does not name are closed or flagged at the end. `waiting` is the
    record of an upload that this worker has claimed.

    A dry run reads, checks and merges everything and rolls it back. It keeps the file's record, its rejects, and what
    the file would change (IntakeDifference).

    :raises NotAllowed: if the actor may not run an intake, or not try this version.
    :raises Missing: if there is no such file or profile.
    :raises InvalidInput: if profile and file do not fit or the file cannot be read to its end. The file's record is
        then FAILED with the problem, and nothing of the file is written.
    :raises IntakeLost: if another worker has taken the waiting file over.
    """
    may(actor=actor, permission="cases.run_intake")
    started = time.monotonic()
    if isinstance(profile, str):
        profile = usable_profile(name=profile, actor=actor, dry_run=dry_run)
    mode = checked_mode(profile=profile, mode=mode)
    if isinstance(path, str):
        path = Path(path)
    found = inspect_file(path=path, file=profile.file)
    file = begin_intake(
        profile=profile,
        name=file_name or getattr(path, "name", ""),
        sha256=found.sha256,
        mode=mode,
        dry_run=dry_run,
        actor=actor,
        at=at,
        waiting=waiting,
    )
    hold = Hold(file=file, at=at)
    try:
        with collector_by_hand():
            _take_rows(path, found, profile, hold, progress)
        if not dry_run and profile.kind in _WITH_REPAYMENTS:
            wake_settlement()
        if mode == IntakeMode.SNAPSHOT:
            settle_missing(hold=hold, path=path, found=found, profile=profile)
    except IntakeLost:
        raise
    except BaseException as error:
        if waiting is not None and not isinstance(error, DoorstepError):
            release_for_retry(file=file, at=hold.now, problem=_problem_text(error))
        else:
            end_intake(file=file, actor=actor, at=at, started=started, problem=_problem_text(error))
        raise
    brings_accounts = profile.kind == RecordKind.ACCOUNTS
    return end_intake(file=file, actor=actor, at=at, started=started, brings_accounts=brings_accounts)


def _problem_text(error: BaseException) -> str:
    """Return the text of an expected error, and only the class of another: its text may quote a row."""
    return str(error) if isinstance(error, DoorstepError) else type(error).__name__


def _take_rows(path: Openable, found: Inspection, profile: Profile, hold: Hold, progress: Progress | None) -> None:
    contents = read_through(path=path, found=found, profile=profile, progress=hold.renew)
    keep_contents(hold=hold, contents=contents)
    file, total = hold.file, contents.rows
    set_source(source=profile.source, file_id=file.pk)
    with open_rows(path=path, found=found, profile=profile) as rows:
        feed = _feed(profile, rows.header, file, hold.at)
        difference = Difference() if file.dry_run else None
        done = written = 0

        def merge(batch: Prepared) -> None:
            nonlocal done, written
            outcome = after_deadlocks(
                merge=lambda: _merge_batch(batch, feed, hold, rows.header, difference, kind=profile.kind, total=total)
            )
            done += batch.rows
            written += outcome.created + outcome.updated
            if progress is not None:
                progress(done)

        open_stages(feed.targets)
        try:
            take_batches(rows=rows, feed=feed, batch_rows=BATCH_ROWS, merge=merge)
        finally:
            close_stages(feed.targets)
        if difference is not None:
            difference.keep(file=file)
        elif written >= BATCH_ROWS:
            refresh_statistics(feed.targets)
    if written and profile.kind == RecordKind.ACCOUNTS and not file.dry_run:
        suggest_people(changed_at=hold.at, at=hold.now)


def _feed(profile: Profile, header: list[str], file: IntakeFile, at: datetime) -> Feed:
    if profile.kind == RecordKind.ACCOUNTS:
        return AccountFeed(profile=profile, header=header, latest=at.date(), dry_run=file.dry_run)
    if profile.kind in (RecordKind.BORROWERS, RecordKind.CONTACT_DETAILS):
        return BorrowerFeed(profile=profile, header=header, latest=at.date())
    if profile.kind == RecordKind.REVERSALS:
        return ReversalFeed(profile=profile, header=header, latest=at.date())
    return EventFeed(profile=profile, header=header, latest=at.date())


def _merge_batch(
    batch: Prepared, feed: Feed, hold: Hold, header: list[str], difference: Difference | None, *, kind: str, total: int
) -> Outcome:
    """
    Merge one batch, keep its rejects and add to the file's counts, in one transaction.

    A dry run (with a `difference`) rolls the merge back and keeps the rest. `hold.write` rolls everything back if another
    worker has taken the file over.
    """
    with transaction.atomic():
        with transaction.atomic():
            outcome = feed.merge(batch, hold.at)
            if difference is not None:
                difference.read(targets=feed.targets)
                transaction.set_rollback(True)
        if difference is not None:
            difference.compare()
        elif outcome.created or outcome.updated:
            mark_rows_for_reevaluation(kind=kind, refs=batch.refs, rows_in_file=total, at=hold.at)
        rejected = keep_rejects(file=hold.file, rows=[*batch.rejects, *outcome.rejects], header=header, at=hold.at)
        hold.write(
            row_count=F("row_count") + batch.rows,
            created_count=F("created_count") + outcome.created,
            updated_count=F("updated_count") + outcome.updated,
            unchanged_count=F("unchanged_count") + outcome.unchanged,
            rejected_count=F("rejected_count") + rejected,
            doubtful_count=F("doubtful_count") + outcome.doubtful,
            as_of=Greatest("as_of", Value(outcome.newest_as_of, output_field=DateField())),
        )
    return outcome
