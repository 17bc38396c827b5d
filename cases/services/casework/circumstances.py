"""Circumstances of a borrower: noting and ending them. The conduct guard refuses visits by the open ones."""

from datetime import date, datetime
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.queue import enqueue
from backoffice.core.transitions import may
from cases.enums import CaseEventKind, FlagKind, FlagSource
from cases.models import Borrower, BorrowerFlag
from cases.rules.circumstances import counts_until
from cases.selectors.casework.open_cases import open_case_of
from cases.services.casework.digests import text_digest
from cases.services.casework.events import write_event
from cases.services.casework.reevaluation import FEW, mark_for_reevaluation
from cases.services.people.locks import lock_people

LONGEST_NOTE: Final = 300


def set_flag(
    *,
    borrower: Borrower,
    kind: str,
    source: str,
    actor: Any,
    at: datetime,
    expires_on: date | None = None,
    note: str = "",
) -> BorrowerFlag:
    """
    Note a circumstance of a borrower; from now on no visit is planned or continued where it forbids them.

    `source` is one of `FlagSource` and says where it is known from. `note` says more (at most 300 characters) and is
    sealed; it never describes a person's condition. Without `expires_on`, the last day on which it counts, the default of
    table b applies. An open circumstance of the kind is only ever lengthened.

    :raises NotAllowed: if the actor may not note circumstances.
    :raises InvalidInput: if the kind or the source is unknown, the source is OTHER without a note, or the end is past.
    """
    may(actor=actor, permission="cases.flag_borrower")
    return protect(borrower=borrower, kind=kind, source=source, actor=actor, at=at, expires_on=expires_on, note=note)


@transaction.atomic
def protect(
    *,
    borrower: Borrower,
    kind: str,
    source: str,
    actor: Any,
    at: datetime,
    expires_on: date | None = None,
    source_ref: str = "",
    note: str = "",
) -> BorrowerFlag:
    """
    Note a circumstance as the consequence of something that the caller has checked: a report, a decision, a complaint.

    `source_ref` is the number of the record that it follows from; see `set_flag` for the others.

    :raises InvalidInput: if the kind or the source is unknown, the source is OTHER without a note, or the end is past.
    """
    today = localdate(at)
    _check(kind=kind, source=source, note=note, expires_on=expires_on, today=today)
    until = expires_on or counts_until(kind=kind, on=today)
    # Two openings of one kind follow each other, and no visit to the person is opened or planned meanwhile.
    people = lock_people(borrowers=[borrower.pk])
    flag = BorrowerFlag.objects.filter(borrower=borrower, kind=kind, cleared_at__isnull=True).first()
    note = note.strip()
    if flag is None:
        flag = BorrowerFlag.objects.create(
            borrower=borrower,
            kind=kind,
            source=source,
            source_ref=source_ref,
            note_ref=uuid4() if note else None,
            note=note or None,
            set_at=at,
            expires_on=until,
        )
    elif flag.expires_on is not None and (until is None or until > flag.expires_on):
        flag.expires_on = until
        flag.save(update_fields=["expires_on"])
    _log_to_timeline(borrower, "flag_set", kind, actor=actor, at=at, note=note)
    mark_for_reevaluation(borrowers=(borrower.pk,), at=at)
    enqueue("visits.tasks.stand_down", borrowers=people)
    body = {
        "kind": kind,
        "source": source,
        "source_ref": source_ref,
        "expires_on": flag.expires_on,
        "note_digest": text_digest(text=note, kind="flag.note"),
    }
    record(actor=actor, action="borrower.flag_set", subject=borrower, at=at, body=body)
    return flag


def _check(*, kind: str, source: str, note: str, expires_on: date | None, today: date) -> None:
    if kind not in FlagKind.values:
        raise InvalidInput(_("Choose one of the circumstances."), field="kind")
    if source not in FlagSource.values:
        raise InvalidInput(_("Choose where this is known from."), field="source")
    if source == FlagSource.OTHER and not note.strip():
        raise InvalidInput(_("Say where this is known from."), field="note")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(_("Write a note of at most 300 characters."), field="note")
    if expires_on is not None and expires_on < today:
        raise InvalidInput(_("This day is past."), field="expires_on")


def clear_flag(*, borrower: Borrower, kind: str, reason: str, actor: Any, at: datetime) -> None:
    """
    End a circumstance. The reason is sealed in the case's timeline.

    :raises NotAllowed: if the actor may not end circumstances.
    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if none of the kind is open.
    """
    may(actor=actor, permission="cases.flag_borrower")
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    if not lift(borrower=borrower, kind=kind, actor=actor, at=at, note=reason.strip()):
        raise StateConflict


@transaction.atomic
def lift(*, borrower: Borrower, kind: str, actor: Any, at: datetime, note: str = "", source_ref: str = "") -> bool:
    """
    End a circumstance as the consequence of something that the caller has checked; return whether one was open.

    With `source_ref` it ends only if it follows from that record.
    """
    rows = BorrowerFlag.objects.filter(borrower=borrower, kind=kind, cleared_at__isnull=True)
    if source_ref:
        rows = rows.filter(source_ref=source_ref)
    if not rows.update(cleared_at=at):
        return False
    _log_to_timeline(borrower, "flag_cleared", kind, actor=actor, at=at, note=note)
    mark_for_reevaluation(borrowers=(borrower.pk,), at=at)
    body = {"kind": kind, "reason_digest": text_digest(text=note, kind="flag.note")}
    record(actor=actor, action="borrower.flag_cleared", subject=borrower, at=at, body=body)
    return True


@transaction.atomic
def clear_expired_flags(*, business_date: date, at: datetime) -> int:
    """End every circumstance whose last day is before `business_date`; return how many."""
    rows = BorrowerFlag.objects.filter(cleared_at__isnull=True, expires_on__lt=business_date)
    borrowers = list(rows.values_list("borrower_id", flat=True)[: FEW + 1])
    cleared = rows.update(cleared_at=at)
    if cleared:
        mark_for_reevaluation(borrowers=borrowers, at=at)
        record(
            actor=None,
            action="borrower.flags_expired",
            subject=("cases.borrowerflag", "set"),
            at=at,
            body={"count": cleared, "before": business_date},
        )
    return cleared


def _log_to_timeline(borrower: Borrower, action: str, kind: str, *, actor: Any, at: datetime, note: str = "") -> None:
    """Write the step into the timeline of the person's open case, if there is one."""
    case = open_case_of(borrower=borrower)
    if case is not None:
        body = {"action": action, "flag": kind}
        write_event(case_id=case.pk, kind=CaseEventKind.CONTACT, actor=actor, at=at, body=body, note=note)
