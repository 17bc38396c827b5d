"""
Uploads that wait for a worker: stored sealed, worked under a lease, and deleted when they are done.

The row is the truth; a message only wakes a worker earlier. If a worker dies, its lease ends and the next worker begins
the file again: the rows that are done count as unchanged, and the first attempt's counts are carried over. If the first
worker was only slow, its epoch is no longer the row's, and its batch is rolled back.
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
from cases.rules.profile.records import Profile
from cases.selectors.intake.profiles import get_profile, stored_profile, usable_profile
from cases.services.intake.file_record import checked_mode
from cases.services.intake.lease import LEASE, IntakeLost
from cases.services.intake.take_in import take_in

logger = logging.getLogger(__name__)

# A larger file is copied to the server and taken in by command.
MAX_UPLOAD_BYTES: Final = 2 << 30
# Up to this size (about 100,000 rows) the caller waits for the result.
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
    Store a file sealed, queue it for a worker and return its record.

    `size` is in bytes, at most `MAX_UPLOAD_BYTES`. The worker reads the content and records what is wrong with it.

    :raises NotAllowed: if the actor may not run an intake.
    :raises Missing: if there is no such profile.
    :raises InvalidInput: if the profile is not sound, the mode does not fit it, or the file is too large.
    """
    may(actor=actor, permission="cases.run_intake")
    checked = usable_profile(name=profile, actor=actor, dry_run=dry_run)
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
        profile_version_id=checked.version_id,
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
        # Without a row that names the file no sweep would delete it.
        file.upload.storage.delete(str(file.upload.name))
        raise
    return file


def work_upload(*, file_id: int, at: datetime) -> bool:
    """Take in a waiting file to its end; return False if there is nothing to do or another worker has the file."""
    file = _claim(file_id=file_id, at=at)
    if file is None:
        return False
    try:
        take_in(
            path=SealedFile(storage=file.upload.storage, name=str(file.upload.name)),
            profile=_profile_of(file),
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
        _give_up(
            file=file, at=at, problem=_("The stored file was altered or its key is missing. Take the file in again.")
        )
    except DoorstepError as error:
        # `take_in` has recorded the problem if the intake began; otherwise it is recorded here.
        logger.info("intake refused", extra={"file": file.pk, "code": error.code})
        _give_up(file=file, at=at, problem=str(error))
    _remove_upload(file)
    return True


def _profile_of(file: IntakeFile) -> Profile:
    """Return the version that was in use when the file came, also if another is in use by now."""
    if file.profile_version is None:
        return get_profile(name=file.profile_name)
    return stored_profile(version=file.profile_version)


def sweep_uploads(*, at: datetime) -> int:
    """
    Enqueue the files that wait or whose lease has ended, and return how many; at most `SWEPT_AT_ONCE` of each kind.

    Also ends intakes of a command that was killed, and deletes the stored files of intakes that have ended.
    """
    lost = IntakeFile.objects.filter(state=IntakeState.RUNNING, leased_until__lt=at)
    # A command reads a file from the server's own disk; without an upload a worker cannot begin it again.
    for file in lost.filter(upload="").order_by("pk")[:SWEPT_AT_ONCE]:
        _give_up(file=file, at=at)
    waiting = IntakeFile.objects.filter(_is_free(at)).exclude(upload="").order_by("pk")
    enqueued = list(waiting.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for pk in enqueued:
        enqueue("cases.tasks.work_intake", file_id=pk)
    ended = IntakeFile.objects.filter(state__in=[IntakeState.FINISHED, IntakeState.FAILED]).exclude(upload="")
    for file in ended.order_by("pk")[:SWEPT_AT_ONCE]:
        _remove_upload(file)
    return len(enqueued)


def _is_free(at: datetime) -> Q:
    """Return the condition that a file waits, or that the lease of its worker has ended."""
    return Q(state=IntakeState.QUEUED) | Q(state=IntakeState.RUNNING, leased_until__lt=at)


def _claim(*, file_id: int, at: datetime) -> IntakeFile | None:
    """Lock a free file, begin its next attempt under a lease, and return it; None if there is none to begin."""
    with transaction.atomic():
        free = IntakeFile.objects.filter(_is_free(at), pk=file_id).exclude(upload="")
        file: IntakeFile | None = (
            free.select_for_update(no_key=True, skip_locked=True, of=("self",)).select_related("taken_by").first()
        )
        if file is None:
            return None
        if file.attempts >= MAX_ATTEMPTS:
            _give_up(file=file, at=at)
            return None
        if file.attempts == 0:
            file.started_at = at
        # This attempt will count rows that an earlier one created or changed as unchanged.
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
    """Record a running file as failed; without a `problem` the text says that its worker was stopped."""
    problem = problem or _(
        "The program that read the file was stopped. Rows taken in so far stay; take the file in again."
    )
    with transaction.atomic():
        ended = IntakeFile.objects.filter(pk=file.pk, state=IntakeState.RUNNING, epoch=file.epoch).update(
            state=IntakeState.FAILED,
            finished_at=at,
            leased_until=None,
            epoch=F("epoch") + 1,
            problem=problem[:300],
        )
        if ended:
            record(actor=None, action="intake.failed", subject=file, at=at, body={"problem": "NOT_ENDED"})


def _remove_upload(file: IntakeFile) -> None:
    """
    Delete the stored file of an intake that has ended.

    The file is deleted before the row is changed: after a failure in between, a sweep finds the row again.
    """
    ended = IntakeFile.objects.filter(pk=file.pk, state__in=[IntakeState.FINISHED, IntakeState.FAILED])
    name = ended.values_list("upload", flat=True).first()
    if name:
        IntakeFile._meta.get_field("upload").storage.delete(name)
        ended.update(upload="")
