"""A file from the door that arrives in parts: each is kept sealed until all are there, then it is attached as a whole."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.sealed.kept_files import KeptFile, keep
from backoffice.core.transitions import may
from visits.models import CrewMember, Evidence, EvidencePart, VisitOrder, VisitReport
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.services.doorstep.evidence import OPEN_FOR_EVIDENCE, Device, attach_evidence
from visits.services.doorstep.media import LIMITS, MEGABYTE
from visits.services.orders.conduct_guard import must_see

# A part is held in memory as a whole; a telephone on a weak network gets this much through before it breaks off.
PART_BYTES_MAX: Final = 2 * MEGABYTE
PARTS_MAX: Final = 400
FILE_BYTES_MAX: Final = max(LIMITS.values())
# Parts of a file that was not completed are deleted this long after the last of them came.
KEPT_FOR: Final = timedelta(days=7)
DELETED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsThere:
    """What has arrived of one file. `is_attached`: the whole file is evidence already, nothing more is needed."""

    sha256: str
    count: int
    there: tuple[int, ...]
    is_attached: bool

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers that have not arrived; empty where nothing is needed or nothing is known of the file yet."""
        return () if self.is_attached else tuple(n for n in range(self.count) if n not in set(self.there))


def parts_there(*, report: VisitReport, sha256: str) -> PartsThere:
    """Return what has arrived of the file of a report with this SHA-256; a count of 0 where no part has."""
    rows = list(_parts(report, sha256).values_list("number", "count"))
    return PartsThere(
        sha256=sha256,
        count=rows[0][1] if rows else 0,
        there=tuple(number for number, _count in rows),
        is_attached=Evidence.objects.filter(report=report, sha256=sha256).exists(),
    )


@transaction.atomic
def take_part(
    *, report: VisitReport, sha256: str, number: int, count: int, content: bytes, actor: Any, at: datetime
) -> PartsThere:
    """
    Keep one part of a file that the report announced, and return what has arrived of it. The same part again changes nothing.

    :raises NotAllowed: if the actor does not see the visit.
    :raises InvalidInput: if the report announced no such file, the numbers do not fit each other, or it grows too large.
    :raises StateConflict: if the report has been judged.
    :raises StorageFull: if there is no room for the part; nothing is kept.
    """
    _may_send(report=report, actor=actor)
    if all(each["sha256"] != sha256 for each in report.announced_media):
        raise InvalidInput(_("The report announced no such file."), field="sha256")
    if not 0 < count <= PARTS_MAX or not 0 <= number < count:
        raise InvalidInput(_("A part has a number below the number of parts."), field="number")
    if not 0 < len(content) <= PART_BYTES_MAX:
        raise InvalidInput(_("A part is empty or too large."), field="part")
    there = list(_parts(report, sha256))
    if any(each.count != count for each in there):
        raise InvalidInput(_("The file was begun with another number of parts."), field="count")
    others = [each for each in there if each.number != number]
    if sum(each.byte_count for each in others) + len(content) > FILE_BYTES_MAX:
        raise InvalidInput(_("The file is too large."), field="part")
    part_sha256 = hashlib.sha256(content).hexdigest()
    if not Evidence.objects.filter(report=report, sha256=sha256).exists() and not any(
        each.number == number and each.part_sha256 == part_sha256 for each in there
    ):
        _forget(each for each in there if each.number == number)
        EvidencePart.objects.create(
            report=report,
            sha256=sha256,
            number=number,
            count=count,
            part_sha256=part_sha256,
            byte_count=len(content),
            file_name=keep(name=f"evidence-parts/{report.pk}/{sha256}/{number}-{part_sha256}", content=content),
            received_at=at,
        )
    return parts_there(report=report, sha256=sha256)


@transaction.atomic
def attach_parts(
    *,
    report: VisitReport,
    sha256: str,
    kind: str,
    external_ref: str,
    device: Device,
    uploaded_by: CrewMember | None,
    actor: Any,
    at: datetime,
    section: str = "",
) -> Evidence:
    """
    Join the parts of a file and attach it as `attach_evidence` does; its parts are deleted.

    The file is in memory once, as an upload in one piece is. Joining again after it is attached changes nothing.

    :raises InvalidInput: if parts are missing, together they are another file, or `attach_evidence` refuses the file.
    :raises NotAllowed: if the actor does not see the visit.
    :raises StateConflict: if the report has been judged.
    """
    _may_send(report=report, actor=actor)
    attached: Evidence | None = Evidence.objects.filter(report=report, sha256=sha256).first()
    if attached is not None:
        return attached
    parts = list(_parts(report, sha256))
    if not parts or len(parts) < parts[0].count:
        raise InvalidInput(_("Parts of the file are missing; send them first."), field="sha256")
    content = b"".join(KeptFile(name=each.file_name, sha256=each.part_sha256).read() for each in parts)
    evidence = attach_evidence(
        report=report,
        kind=kind,
        content=content,
        external_ref=external_ref,
        device=device,
        uploaded_by=uploaded_by,
        section=section,
        actor=actor,
        at=at,
    )
    _forget(parts)
    return evidence


@transaction.atomic
def delete_abandoned_parts(*, at: datetime) -> int:
    """Delete parts that came more than `KEPT_FOR` before `at`, at most `DELETED_AT_ONCE`; return how many."""
    old = EvidencePart.objects.filter(received_at__lt=at - KEPT_FOR).order_by("received_at", "pk")
    return _forget(old.select_for_update(no_key=True, skip_locked=True)[:DELETED_AT_ONCE])


def _may_send(*, report: VisitReport, actor: Any) -> None:
    may(actor=actor, permission=VISIT_LIFECYCLE.step("report").permission)
    order = VisitOrder.objects.get(pk=report.order_id)
    must_see(order=order, actor=actor)
    # The report's row is the lock: two parts that come at once are counted one after the other.
    VisitReport.objects.select_for_update(no_key=True).only("pk").get(pk=report.pk)
    if order.state not in OPEN_FOR_EVIDENCE:
        raise StateConflict


def _parts(report: VisitReport, sha256: str) -> Any:
    return EvidencePart.objects.filter(report=report, sha256=sha256).order_by("number")


def _forget(parts: Iterable[EvidencePart]) -> int:
    """Delete rows now and their files once that is committed; a file that stays behind without a row is sealed."""
    gone = list(parts)
    EvidencePart.objects.filter(pk__in=[each.pk for each in gone]).delete()
    for each in gone:
        transaction.on_commit(lambda name=each.file_name: default_storage.delete(name))  # type: ignore[misc]
    return len(gone)
