"""
Files that wait for a worker: kept sealed, worked under a lease, and gone when they are done.

The row is the truth and a message a doorbell. A worker that dies leaves a lease that ends; the next one begins the file
again, finds the rows that are done unchanged, and their first count is kept. A worker that was only asleep has lost
its epoch: its batch is not committed.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.audit.services import record
from backoffice.core.errors import DoorstepError, InvalidInput
from backoffice.core.queue import enqueue
from backoffice.core.sealed.sealed_files import SealedFile, SealedUpload
from backoffice.core.sealed.sealing import SealBroken
from backoffice.core.transitions import may
from cases.enums import IntakeState
from cases.models import IntakeFile
from cases.selectors.intake.profiles import get_profile
from cases.services.intake.file_record import checked_mode
from cases.services.intake.lease import LEASE, IntakeLost
from cases.services.intake.take_in import take_in

logger = logging.getLogger(__name__)

# Larger files are laid on the server and taken in by command.
MAX_UPLOAD_BYTES: Final = 2 << 30
# Up to here a caller waits for the result; about 100,000 rows.
AT_ONCE_BYTES: Final = 20 << 20
MAX_ATTEMPTS: Final = 5
SWEPT_AT_ONCE: Final = 20


def queue_upload(
    *,
    content: Iterable[bytes],
    file_name: str,
    size: int,
    profile: str,
    actor: Any,
    at: datetime,
    mode: str = "",
    dry_run: bool = False,
) -> IntakeFile:
    """
    Keep a file, sealed, and leave it for a worker; return its record.

    `size` in bytes, at most 2 GB. What the file holds is read by the worker, who also says what is wrong with it.

    :raises NotAllowed: if the actor may not run an intake.
    :raises Missing: if there is no such profile.
    :raises InvalidInput: if the profile is not sound, has no snapshots, or the file is too large.
    """
    may(actor=actor, permission="cases.run_intake")
    checked = get_profile(name=profile)
    chosen = checked_mode(profile=checked, mode=mode)
    if size > MAX_UPLOAD_BYTES:
        raise InvalidInput(
            gettext_lazy(
                "The file is larger than 2 GB. Take it in on the server: manage.py intake FILE --profile NAME"
            ),
            field="file",
        )
    file = IntakeFile(
        profile_name=checked.name,
        file_name=PurePath(file_name).name[:200],
        state=IntakeState.QUEUED,
        mode=chosen,
        source=checked.source,
        dry_run=dry_run,
        byte_count=size,
        started_at=at,
        taken_by=actor,
    )
    file.upload.save("upload.sealed", SealedUpload(content=content), save=False)
    try:
        with transaction.atomic():
            file.save(force_insert=True)
            record(
                actor=actor,
                action="intake.queued",
                subject=file,
                at=at,
                body={"profile": checked.name, "mode": chosen, "bytes": size, "dry_run": dry_run},
            )
            enqueue("cases.tasks.work_intake", file_id=file.pk)
    except BaseException:
        # No row names the file: it would stay for ever.
        file.upload.storage.delete(str(file.upload.name))
        raise
    return file


def work_upload(*, file_id: int, at: datetime) -> bool:
    """Take a waiting file in, to its end; False if there is nothing to do or another worker has it."""
    file = _claim(file_id=file_id, at=at)
    if file is None:
        return False
    try:
        take_in(
            path=SealedFile(storage=file.upload.storage, name=str(file.upload.name)),
            profile=file.profile_name,
            actor=file.taken_by,
            at=at,
            mode=file.mode,
            dry_run=file.dry_run,
            waiting=file,
        )
    except IntakeLost:
        logger.warning("intake taken over by another worker", extra={"file": file.pk, "epoch": file.epoch})
        return True
    except SealBroken:
        logger.warning("kept upload does not open", extra={"file": file.pk})
        _give_up(file=file, at=at, problem=_("The kept file was altered or its key is gone. Take the file in again."))
    except DoorstepError as error:
        # The record says what is wrong, for the person who looks; where it was never begun, it is said here.
        logger.info("intake refused", extra={"file": file.pk, "code": error.code})
        _give_up(file=file, at=at, problem=str(error))
    _remove_upload(file)
    return True


def sweep_uploads(*, at: datetime) -> int:
    """Ring for files that wait or were left by their worker, clear away what ended otherwise; return how many rung."""
    left = IntakeFile.objects.filter(state=IntakeState.RUNNING, leased_until__lt=at)
    # What was read from the server's own disk by a command cannot be begun again from here.
    for file in left.filter(upload="").order_by("pk")[:SWEPT_AT_ONCE]:
        _give_up(file=file, at=at)
    waiting = IntakeFile.objects.filter(_free(at)).exclude(upload="").order_by("pk")
    rung = list(waiting.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for pk in rung:
        enqueue("cases.tasks.work_intake", file_id=pk)
    ended = IntakeFile.objects.filter(state__in=[IntakeState.FINISHED, IntakeState.FAILED]).exclude(upload="")
    for file in ended.order_by("pk")[:SWEPT_AT_ONCE]:
        _remove_upload(file)
    return len(rung)


def _free(at: datetime) -> Q:
    return Q(state=IntakeState.QUEUED) | Q(state=IntakeState.RUNNING, leased_until__lt=at)


def _claim(*, file_id: int, at: datetime) -> IntakeFile | None:
    with transaction.atomic():
        free = IntakeFile.objects.filter(_free(at), pk=file_id).exclude(upload="")
        file: IntakeFile | None = (
            free.select_for_update(skip_locked=True, of=("self",)).select_related("taken_by").first()
        )
        if file is None:
            return None
        if file.attempts >= MAX_ATTEMPTS:
            _give_up(file=file, at=at)
            return None
        if file.attempts == 0:
            file.started_at = at
        # Rows that an earlier attempt created or changed will be found unchanged: their count is carried over.
        file.carried_count = file.created_count + file.updated_count
        file.state, file.epoch, file.attempts = IntakeState.RUNNING, file.epoch + 1, file.attempts + 1
        file.leased_until = at + LEASE
        file.row_count = file.unchanged_count = file.rejected_count = 0
        if file.dry_run:
            file.created_count = file.updated_count = file.carried_count = 0
        file.save(
            update_fields=[
                "state",
                "epoch",
                "attempts",
                "leased_until",
                "carried_count",
                "started_at",
                "row_count",
                "created_count",
                "updated_count",
                "unchanged_count",
                "rejected_count",
            ]
        )
        file.rejects.all().delete()
        return file


def _give_up(*, file: IntakeFile, at: datetime, problem: str = "") -> None:
    """End a file that is not ended yet: its workers are gone for good, unless `problem` says otherwise."""
    problem = problem or _("Whoever read the file was stopped. What was taken in stays; take the file in again.")
    with transaction.atomic():
        ended = IntakeFile.objects.filter(pk=file.pk, state=IntakeState.RUNNING, epoch=file.epoch).update(
            state=IntakeState.FAILED,
            finished_at=at,
            leased_until=None,
            epoch=F("epoch") + 1,
            problem=problem[:300],
        )
        if ended:
            record(actor=None, action="intake.failed", subject=file, at=at, body={"problem": "not ended by a worker"})


def _remove_upload(file: IntakeFile) -> None:
    """Delete the kept file of an intake that has ended. The file goes first: a sweep finds a row that still names it."""
    ended = IntakeFile.objects.filter(pk=file.pk, state__in=[IntakeState.FINISHED, IntakeState.FAILED])
    name = ended.values_list("upload", flat=True).first()
    if name:
        IntakeFile._meta.get_field("upload").storage.delete(name)
        ended.update(upload="")
