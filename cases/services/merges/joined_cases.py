"""What a merge and its undoing mean for cases: a person keeps one open case, and each case has the person of its borrower."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Greatest
from django.utils.timezone import localdate

from backoffice.audit.services import record
from backoffice.core.queue import enqueue
from backoffice.core.transitions import move_all
from cases.enums import CaseEventKind, CaseStage, CloseReason
from cases.models import Borrower, Case
from cases.rules.lifecycle import CASE
from cases.services.casework.events import write_events

# The open stages, the most advanced first: of the cases of one person the first by stage is kept.
MOST_ADVANCED: Final = (
    CaseStage.MONITORED,
    CaseStage.DECIDED,
    CaseStage.VERIFIED,
    CaseStage.VISITING,
    CaseStage.IN_WORK,
    CaseStage.ON_HOLD,
    CaseStage.OPEN,
)
# Stages in which nobody may ask for a visit.
_NOT_VISITED: Final = frozenset({CaseStage.ON_HOLD, CaseStage.VISITING})


def join_cases(*, borrowers: Collection[int], actor: Any, at: datetime) -> list[int]:
    """
    Close all open cases of these borrowers (ids), who are one person by now, but one; return the closed ones.

    Kept is the most advanced one, then that of the highest priority, then the one with the smallest number. It takes over
    the owner, if it has none and the other's may see it, and the earliest days; grade and priority are the gravest. Both
    timelines say so. The visits floor calls off what was planned for the closed ones. In the caller's transaction, which
    holds the locks over the borrowers.
    """
    rows = Case.objects.open().filter(borrower__in=borrowers).select_related("owner").order_by("pk")
    cases = sorted(rows.select_for_update(no_key=True, of=("self",)), key=_rank)
    closed = cases[1:]
    if closed:
        kept = cases[0]
        _close(closed, kept, actor, at)
        _take_over(kept, closed, actor, at)
        enqueue("visits.tasks.stand_down", borrowers=sorted(case.borrower_id for case in closed))
    follow_borrowers(borrowers=borrowers)
    return [case.pk for case in closed]


def follow_borrowers(*, borrowers: Collection[int]) -> None:
    """Give all cases of these borrowers (ids), closed ones too, the person that the borrower has now."""
    person = Borrower.objects.filter(pk=OuterRef("borrower_id")).values("person_id")
    Case.objects.filter(borrower__in=borrowers).update(person=Subquery(person))


def _rank(case: Case) -> tuple[int, int, int]:
    return MOST_ADVANCED.index(CaseStage(case.stage)), case.priority, case.pk


def _close(closed: Sequence[Case], kept: Case, actor: Any, at: datetime) -> None:
    move_all(
        rows=Case.objects.filter(pk__in=[case.pk for case in closed]),
        lifecycle=CASE,
        action="close",
        at=at,
        closed_on=Greatest(F("opened_on"), localdate(at)),
        close_reason=CloseReason.JOINED,
        needs_visit_by=None,
        held_until=None,
        next_action_on=None,
    )
    lines = [
        (case.pk, {"action": "join", "reason": str(CloseReason.JOINED), "case": kept.pk})
        for case in sorted(closed, key=lambda case: case.pk)
    ]
    write_events(kind=CaseEventKind.CLOSED, actor=actor, at=at, events=lines)
    for case in closed:
        record(
            actor=actor,
            action="case.closed",
            subject=case,
            at=at,
            body={"reason": str(CloseReason.JOINED), "case": kept.pk},
        )


def _take_over(kept: Case, closed: Sequence[Case], actor: Any, at: datetime) -> None:
    """Let the kept case take over what was agreed for the closed ones."""
    cases = [kept, *closed]
    if kept.owner is None:
        kept.owner = next((case.owner for case in closed if case.owner and _may_work(case.owner, kept)), None)
    kept.grade = min(case.grade for case in cases)
    kept.priority = min(case.priority for case in cases)
    kept.sla_due_on = min(case.sla_due_on for case in cases)
    kept.next_action_on = min((case.next_action_on for case in cases if case.next_action_on), default=None)
    if kept.stage not in _NOT_VISITED:
        kept.needs_visit_by = min((case.needs_visit_by for case in cases if case.needs_visit_by), default=None)
    kept.updated_at = at
    kept.save(
        update_fields=["owner", "grade", "priority", "sla_due_on", "next_action_on", "needs_visit_by", "updated_at"]
    )
    numbers = sorted(case.pk for case in closed)
    lines = [(kept.pk, {"action": "join", "case": number}) for number in numbers]
    write_events(kind=CaseEventKind.STAGE, actor=actor, at=at, events=lines)
    body = {"cases": numbers, "owner": kept.owner_id, "needs_visit_by": kept.needs_visit_by}
    record(actor=actor, action="case.joined", subject=kept, at=at, body=body)


def _may_work(owner: Any, case: Case) -> bool:
    return bool(owner.has_perm("cases.work_case")) and Case.objects.visible_to(owner).filter(pk=case.pk).exists()
