"""Exports: requested with a purpose, approved by another person, produced, handed out, and deleted after a week."""

import hashlib
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.access.models import Territory
from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import log_access, record
from backoffice.core.csv_cells import BOM, csv_line
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.queue import enqueue
from backoffice.core.sealed.kept_files import FileAltered, FileLost, KeptFile, keep
from backoffice.core.transitions import may, move
from reports.enums import ExportState
from reports.models import ExportJob
from reports.rules.exports import READS, checked_parameters
from reports.rules.lifecycle import EXPORT
from reports.selectors.exports import export_table

REQUEST = "reports.request_exportjob"
KEPT_DAYS = 7
# About 10 MB. For more rows, one territory is requested at a time.
MOST_ROWS = 50_000
SWEPT_AT_ONCE = 100


@transaction.atomic
def request_export(*, report: str, parameters: Mapping[str, Any], purpose: str, actor: Any, at: datetime) -> ExportJob:
    """
    Request a report as a file; nothing is read until another person approves.

    `parameters`: "start_on" and "end_on" (dates, both included) and "currency" as the report needs, and "territory"
    (a Territory) to narrow it. What the report does not need is dropped.

    :raises NotAllowed: if the actor is no person, may not ask for exports, or may not read this report.
    :raises InvalidInput: if the report is unknown, a parameter is missing or wrong, the territory is not the actor's,
        or no purpose is given.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=REQUEST)
    checked = checked_parameters(report=report, parameters=parameters)
    may(actor=actor, permission=READS[report])
    territory = parameters.get("territory")
    if territory is not None:
        if not Territory.objects.visible_to(actor).filter(pk=territory.pk).exists():
            raise InvalidInput(gettext_lazy("You do not see this territory."), field="territory")
        checked["territory"] = territory.code
    if not purpose.strip():
        raise InvalidInput(gettext_lazy("Say what the file is for."), field="purpose")
    export = ExportJob.objects.create(
        report=report,
        parameters=checked,
        purpose=purpose.strip()[:200],
        requested_by=actor,
        created_at=at,
        updated_at=at,
    )
    record(
        actor=actor, action="export.requested", subject=export, at=at, body={"report": report, "parameters": checked}
    )
    return export


@transaction.atomic
def approve_export(*, export: ExportJob, actor: Any, at: datetime) -> ExportJob:
    """
    Approve an export that another person requested; a worker then produces the file.

    :raises NotAllowed: if the actor is no person, may not approve, or does not see all territories of its rows.
    :raises SelfApproval: if the actor asked for it.
    :raises StateConflict: if it is no longer waiting for approval.
    """
    _other_person(export=export, actor=actor)
    move(record=export, lifecycle=EXPORT, action="approve", actor=actor, at=at, approved_by=actor)
    record(actor=actor, action="export.approved", subject=export, at=at)
    enqueue("reports.tasks.produce_export", export_id=export.pk)
    return export


@transaction.atomic
def refuse_export(*, export: ExportJob, reason: str, actor: Any, at: datetime) -> ExportJob:
    """
    Refuse an export that another person requested, or withdraw an approval while there is no file.

    :raises NotAllowed: if the actor is no person, may not approve, or does not see all territories of its rows.
    :raises SelfApproval: if the actor asked for it.
    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if it is refused already, or the file exists.
    """
    _other_person(export=export, actor=actor)
    if not reason.strip():
        raise InvalidInput(gettext_lazy("Give a reason."), field="reason")
    move(record=export, lifecycle=EXPORT, action="refuse", actor=actor, at=at)
    _write_reason(export, reason.strip()[:200])
    record(actor=actor, action="export.refused", subject=export, at=at)
    return export


@transaction.atomic
def produce_export(*, export_id: int, at: datetime) -> ExportJob | None:
    """
    Produce the file of an approved export and return the export; None if it is not approved or another worker has it.

    The rows are those that the requester may see now, at most MOST_ROWS. The first line names the requester, the
    approver, the time and the purpose. If the requester has lost the permission, the export is refused instead. The file
    is kept for KEPT_DAYS days.
    """
    waiting = ExportJob.objects.select_for_update(no_key=True, of=("self",), skip_locked=True).select_related(
        "requested_by"
    )
    export: ExportJob | None = waiting.filter(pk=export_id, state=ExportState.APPROVED).first()
    if export is None:
        return None
    user = export.requested_by
    if not (user.is_active and user.has_perm(REQUEST) and user.has_perm(READS[export.report])):
        reason = _("The person who asked may no longer have this.")
        move(record=export, lifecycle=EXPORT, action="refuse", actor=None, at=at)
        _write_reason(export, str(reason))
        record(actor=None, action="export.refused", subject=export, at=at)
        return export
    made = io.BytesIO()
    rows = _write(export=export, to=made)
    content = made.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    # The number of the export is part of the name: each file belongs to one export, which deletes it when it expires.
    export.file.name = keep(name=f"exports/{export.pk}/{digest}.csv", content=content)
    try:
        until = at + timedelta(days=KEPT_DAYS)
        move(
            record=export,
            lifecycle=EXPORT,
            action="produce",
            actor=None,
            at=at,
            file=export.file.name,
            file_sha256=digest,
            row_count=rows,
            expires_at=until,
        )
        record(actor=None, action="export.produced", subject=export, at=at, body={"rows": rows})
    except Exception:
        # No row refers to the file, so no sweep would ever delete it.
        export.file.storage.delete(str(export.file.name))
        raise
    return export


def enqueue_waiting() -> int:
    """Enqueue the oldest approved exports without a file again, at most SWEPT_AT_ONCE; return how many."""
    rows = ExportJob.objects.filter(state=ExportState.APPROVED).order_by("pk")
    waiting = list(rows.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for pk in waiting:
        enqueue("reports.tasks.produce_export", export_id=pk)
    return len(waiting)


def hand_out_export(*, export: ExportJob, actor: Any, at: datetime) -> BinaryIO:
    """
    Return the file's plain bytes and record the download. Only the requester may: its rows are those that they see.

    The file is compared with its SHA-256 before anything is handed out; a difference is recorded in the audit trail.

    :raises NotAllowed: if the actor did not request it, or has lost the permission.
    :raises StateConflict: if there is no file, or it has expired.
    :raises FileLost: if the storage does not have the file.
    :raises FileAltered: if the stored file is not the one that was produced.
    """
    if actor is None or export.requested_by_id != actor.pk:
        raise NotAllowed
    may(actor=actor, permission=REQUEST)
    may(actor=actor, permission=READS[export.report])
    if not ExportJob.objects.filter(pk=export.pk, state=ExportState.READY, expires_at__gt=at).exists():
        raise StateConflict
    try:
        opened = KeptFile(name=str(export.file.name), sha256=export.file_sha256).open()
    except (FileLost, FileAltered) as error:
        with transaction.atomic():
            record(actor=actor, action="export.file_broken", subject=export, at=at, body={"problem": error.code})
        raise
    with transaction.atomic():
        _record_download(export=export, actor=actor, at=at)
    return opened


def _record_download(*, export: ExportJob, actor: Any, at: datetime) -> None:
    log_access(actor=actor, subject=export, fields=["file"], purpose=AccessPurpose.EXPORT, note=export.purpose, at=at)
    record(actor=actor, action="export.downloaded", subject=export, at=at)


@transaction.atomic
def expire_exports(*, at: datetime) -> int:
    """
    Delete the files of expired exports, at most SWEPT_AT_ONCE, and return how many.

    The file is deleted before the row changes: after a failure in between, the next sweep finds the row again.
    """
    over = ExportJob.objects.filter(state=ExportState.READY, expires_at__lte=at).order_by("pk")
    exports = list(over.select_for_update(no_key=True, of=("self",), skip_locked=True)[:SWEPT_AT_ONCE])
    for export in exports:
        if export.file:
            export.file.storage.delete(str(export.file.name))
        move(record=export, lifecycle=EXPORT, action="expire", actor=None, at=at, file="")
    if exports:
        body = {"exports": [export.pk for export in exports]}
        record(actor=None, action="exports.expired", subject=("reports.exportjob", exports[0].pk), at=at, body=body)
    return len(exports)


def _other_person(*, export: ExportJob, actor: Any) -> None:
    """:raises NotAllowed: if the actor is no person or does not see the rows. :raises SelfApproval: if they requested it."""
    if actor is None:
        raise NotAllowed
    if export.requested_by_id == actor.pk:
        raise SelfApproval
    if not ExportJob.objects.visible_to(actor).filter(pk=export.pk).exists():
        raise NotAllowed(gettext_lazy("This export has rows of territories that are not yours."))


def _write_reason(export: ExportJob, reason: str) -> None:
    """Seal why an export was refused. A sealed column is written by saving the row, not by the guarded UPDATE."""
    export.refused_reason = reason
    export.save(update_fields=["refused_reason"])


def _write(*, export: ExportJob, to: Any) -> int:
    """Write the file line by line; return the number of rows below the header."""
    asked = timezone.localtime(export.created_at).strftime("%Y-%m-%d %H:%M")
    mark = _("Asked for by {person} on {moment}, approved by {approver}. For: {purpose}").format(
        person=export.requested_by, moment=asked, approver=export.approved_by, purpose=export.purpose
    )
    table = export_table(report=export.report, parameters=export.parameters, user=export.requested_by)
    to.write((BOM + csv_line([mark]) + csv_line(table.header)).encode())
    written = 0
    for row in islice(table.rows, MOST_ROWS):
        to.write(csv_line(row).encode())
        written += 1
    if written == MOST_ROWS and next(table.rows, None) is not None:
        to.write(csv_line([_("Cut here: an export has at most {number} rows.").format(number=MOST_ROWS)]).encode())
    return written
