"""What an approved decision brings about beside the terms."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from backoffice.core.transitions import move, move_all
from cases.enums import CloseReason, DecisionKind, FlagKind, FlagSource
from cases.models import Case, Decision
from cases.rules.lifecycle import CASE, DECISION
from cases.services.casework import circumstances
from cases.services.casework.cases import end_case
from cases.services.decisions.concessions import let_waiver_count
from cases.services.decisions.plan_schedules import draft_plan


def apply_consequences(*, decision: Decision, actor: Any, at: datetime) -> None:
    """
    Carry out what an approved decision brings about inside this program, in the caller's transaction.

    A plan is drafted; payments begin to count for a waiver; special care notes its circumstances; a decision to close is in force at once and closes its case;
    any other puts its case under watch.
    """
    case = decision.case
    if decision.kind == DecisionKind.WAIVER:
        let_waiver_count(decision=decision, at=at)
    if decision.kind == DecisionKind.PLAN:
        draft_plan(decision=decision, at=at)
    for kind in _care_kinds(decision):
        circumstances.protect(
            borrower=decision.borrower,
            kind=kind,
            source=FlagSource.DECISION,
            source_ref=str(decision),
            actor=actor,
            at=at,
            expires_on=decision.expires_on,
        )
    if decision.kind == DecisionKind.CLOSE:
        # The core has nothing to do, so nobody acknowledges it.
        move(record=decision, lifecycle=DECISION, action="acknowledge", actor=None, at=at, effective_on=localdate(at))
        if case is not None and case.closed_on is None:
            reason = decision.terms.get("close_reason", CloseReason.DECISION)
            end_case(case=case, reason=str(reason), actor=actor, at=at)
    elif case is not None:
        move_all(rows=Case.objects.filter(pk=case.pk), lifecycle=CASE, action="monitor", at=at)


def lift_care(*, decision: Decision, actor: Any, at: datetime) -> None:
    """End the circumstances that a decision of special care noted, as far as they follow from this decision."""
    for kind in _care_kinds(decision):
        circumstances.lift(borrower=decision.borrower, kind=kind, actor=actor, at=at, source_ref=str(decision))


def _care_kinds(decision: Decision) -> Iterable[str]:
    """Return the circumstances that special care means, each once; none for any other kind of decision."""
    if decision.kind != DecisionKind.SPECIAL_CARE:
        return ()
    return dict.fromkeys((str(decision.terms["flag"]), str(FlagKind.CEASE)))
