"""The daily work on a case: its owner, notes, holds, closing, and the request for a visit."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may, move, move_all
from cases.enums import CaseEventKind, CaseStage, CloseReason, FlagSource
from cases.models import Case
from cases.rules.lifecycle import CASE
from cases.rules.wording.scan import counted, scan
from cases.services.casework.events import write_event, write_events
from cases.services.casework.wording import heed_despair, words_in_use

MAX_HOLD_DAYS = 180
# The other reason is that of a merge, which closes all cases of a person but one.
REASONS_BY_HAND = tuple(reason for reason in CloseReason if reason != CloseReason.JOINED)


@transaction.atomic
def assign_case(*, case: Case, owner: Any, actor: Any, at: datetime) -> Case:
    """
    Assign an open case to `owner`. A case in stage OPEN moves to IN_WORK; any other keeps its stage.

    :raises NotAllowed: if the actor may not work cases.
    :raises InvalidInput: if the owner may not work cases, or may not see this one.
    :raises StateConflict: if the case is closed.
    """
    may(actor=actor, permission="cases.work_case")
    if not owner.has_perm("cases.work_case") or not Case.objects.visible_to(owner).filter(pk=case.pk).exists():
        raise InvalidInput(_("This person does not work cases of that territory."), field="owner")
    before = _lock(case)
    if before.stage == CaseStage.OPEN:
        move(record=case, lifecycle=CASE, action="assign", actor=actor, at=at, owner=owner)
    else:
        _change(case, at=at, owner=owner)
    write_event(
        case_id=case.pk,
        kind=CaseEventKind.ASSIGNED,
        actor=actor,
        at=at,
        body={"owner": owner.pk, "from": before.owner_id},
    )
    record(actor=actor, action="case.assigned", subject=case, at=at, body={"owner": owner.pk, "from": before.owner_id})
    return case


@transaction.atomic
def note_case(*, case: Case, text: str, actor: Any, at: datetime, next_action_on: date | None = None) -> Case:
    """
    Write a note into the timeline and, if given, the day of the next action. Notes are sealed.

    What the note was found to hold is marked in the timeline. Words of self-harm protect the borrower from visits at
    once, and the case is due today.

    :raises NotAllowed: if the actor may not work cases.
    :raises InvalidInput: if the note is empty or longer than 2,000 characters.
    :raises StateConflict: if a day is given and the case is closed.
    """
    may(actor=actor, permission="cases.work_case")
    if not text.strip() or len(text) > 2000:
        raise InvalidInput(_("Write a note of at most 2,000 characters."), field="text")
    found = scan(text=text, words=words_in_use())
    urgent = heed_despair(
        borrower=case.borrower, found=found, source=FlagSource.CALL, actor=actor, at=at, source_ref=str(case)
    )
    if next_action_on is not None:
        next_action_on = min(next_action_on, localdate(at)) if urgent else next_action_on
        _change(case, at=at, next_action_on=next_action_on)
    body: dict[str, Any] = {"next_action_on": next_action_on.isoformat()} if next_action_on else {}
    if found:
        body |= {"action": "marked", "marks": counted(found=found)}
    write_event(case_id=case.pk, kind=CaseEventKind.NOTE, actor=actor, at=at, body=body, note=text.strip())
    record(actor=actor, action="case.noted", subject=case, at=at, body=body)
    return case


@transaction.atomic
def hold_case(*, case: Case, until: date, reason: str, actor: Any, at: datetime) -> Case:
    """
    Put a case on hold up to and including a day (at most 180 days on). The request for a visit is withdrawn.

    :raises NotAllowed: if the actor may not work cases.
    :raises InvalidInput: if the day is not ahead, too far, or no reason is given.
    :raises StateConflict: if the case is on hold already or closed.
    """
    today = localdate(at)
    if not today < until <= today + timedelta(days=MAX_HOLD_DAYS):
        raise InvalidInput(_("A hold ends between tomorrow and 180 days from now."), field="until")
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    step = move(record=case, lifecycle=CASE, action="hold", actor=actor, at=at, held_until=until, needs_visit_by=None)
    _write_stage(case, step.action, actor=actor, at=at, note=reason.strip(), until=until.isoformat())
    return case


@transaction.atomic
def resume_case(*, case: Case, actor: Any, at: datetime) -> Case:
    """
    Take a case off hold and back into work.

    :raises NotAllowed: if the actor may not work cases.
    :raises StateConflict: if it is not on hold.
    """
    move(record=case, lifecycle=CASE, action="resume", actor=actor, at=at, held_until=None)
    _write_stage(case, "resume", actor=actor, at=at)
    return case


@transaction.atomic
def close_case(*, case: Case, reason: str, actor: Any, at: datetime, note: str = "") -> Case:
    """
    Close a case for one of `REASONS_BY_HAND`; `note` is sealed in its timeline.

    :raises NotAllowed: if the actor may not work cases.
    :raises InvalidInput: if the reason is none of them.
    :raises StateConflict: if it is closed already.
    """
    may(actor=actor, permission=CASE.step("close").permission)
    return end_case(case=case, reason=reason, actor=actor, at=at, note=note)


@transaction.atomic
def end_case(*, case: Case, reason: str, actor: Any, at: datetime, note: str = "") -> Case:
    """
    Close a case as the consequence of something that the caller has checked, such as an approved decision.

    :raises InvalidInput: if the reason is none of `REASONS_BY_HAND`.
    :raises StateConflict: if it is closed already.
    """
    if reason not in REASONS_BY_HAND:
        raise InvalidInput(_("Choose one of the reasons for closing."), field="reason")
    closed_on = max(localdate(at), case.opened_on)
    move(
        record=case,
        lifecycle=CASE,
        action="close",
        actor=None,
        at=at,
        closed_on=closed_on,
        close_reason=reason,
        needs_visit_by=None,
        held_until=None,
        next_action_on=None,
    )
    write_event(
        case_id=case.pk, kind=CaseEventKind.CLOSED, actor=actor, at=at, body={"reason": reason}, note=note.strip()
    )
    record(actor=actor, action="case.closed", subject=case, at=at, body={"reason": reason})
    return case


@transaction.atomic
def resume_due(*, business_date: date, at: datetime) -> int:
    """Take every case off hold whose last day on hold is before `business_date`, at most 5,000; return how many."""
    due = Case.objects.filter(stage=CaseStage.ON_HOLD, held_until__lt=business_date)
    ids = list(due.select_for_update(no_key=True, skip_locked=True).order_by("pk").values_list("pk", flat=True)[:5000])
    if not ids:
        return 0
    moved = move_all(rows=Case.objects.filter(pk__in=ids), lifecycle=CASE, action="resume", at=at, held_until=None)
    write_events(kind=CaseEventKind.STAGE, actor=None, at=at, events=[(pk, {"action": "resume"}) for pk in ids])
    record(actor=None, action="case.resumed_due", subject=("cases.case", "set"), at=at, body={"cases": ids})
    return moved


@transaction.atomic
def ask_for_visit(*, case: Case, by: date, actor: Any, at: datetime) -> Case:
    """
    Set the day by which the case needs a visit; the visits floor sweeps these days and checks whether a visit is lawful.

    :raises NotAllowed: if the actor may not work cases.
    :raises InvalidInput: if the day is past.
    :raises StateConflict: if the case is closed, on hold or already with a visit.
    """
    may(actor=actor, permission="cases.work_case")
    if by < localdate(at):
        raise InvalidInput(_("This day is past."), field="by")
    _change(case, at=at, but_not=(CaseStage.ON_HOLD, CaseStage.VISITING), needs_visit_by=by)
    write_event(
        case_id=case.pk,
        kind=CaseEventKind.VISIT,
        actor=actor,
        at=at,
        body={"action": "ask", "by": by.isoformat()},
    )
    record(actor=actor, action="case.visit_asked", subject=case, at=at, body={"by": by})
    return case


def bring_forward(*, case_id: int, on: date, at: datetime) -> None:
    """
    Let an open case be due on `on`, or earlier if it already is: something waits for its officer.

    In the caller's transaction, as the consequence of something that the caller has checked and recorded.
    """
    rows = Case.objects.filter(pk=case_id).exclude(stage=CaseStage.CLOSED)
    rows.filter(Q(next_action_on__isnull=True) | Q(next_action_on__gt=on)).update(next_action_on=on, updated_at=at)


def _lock(case: Case) -> Case:
    """Lock the case's row and return its stage and owner as they are now."""
    return Case.objects.select_for_update(no_key=True).only("stage", "owner_id").get(pk=case.pk)


def _change(case: Case, *, at: datetime, but_not: tuple[str, ...] = (), **changes: Any) -> None:
    rows = Case.objects.filter(pk=case.pk).exclude(stage__in=(CaseStage.CLOSED, *but_not))
    if rows.update(**changes, updated_at=at) != 1:
        raise StateConflict
    for name, value in changes.items():
        setattr(case, name, value)


def _write_stage(case: Case, action: str, *, actor: Any, at: datetime, note: str = "", **body: Any) -> None:
    visit = action in ("start_visit", "end_visit")
    kind = CaseEventKind.VISIT if visit else CaseEventKind.STAGE
    write_event(case_id=case.pk, kind=kind, actor=actor, at=at, body={"action": action, **body}, note=note)
    record(actor=actor, action=f"case.{action}", subject=case, at=at, body=body)
