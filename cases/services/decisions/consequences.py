"""What an approved decision brings about beside the terms, and what must hold before one is approved."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import move, move_all
from cases.enums import AccountStatus, CloseReason, DecisionKind, FlagKind, FlagSource
from cases.models import Account, Case, Decision
from cases.rules.lifecycle import CASE, DECISION
from cases.services.casework import circumstances
from cases.services.casework.cases import end_case
from cases.services.decisions.plan_schedules import draft_plan


def check_adverse(*, decision: Decision, account: Account, note: str, at: datetime) -> None:
    """
    Pass if a decision may be approved as far as it takes something from the borrower; any other passes.

    `account` is locked by the caller.

    :raises InvalidInput: if the approver gives no note.
    :raises StateConflict: if a circumstance protects the borrower (list c 8), the arrears have been paid, or the account
        to be frozen is not active.
    """
    if not decision.is_adverse:
        return
    if not note.strip():
        raise InvalidInput(_("Say why you approve a decision against the borrower."), field="note")
    if circumstances.has_protection(borrower_id=decision.borrower_id, business_date=localdate(at)):
        raise StateConflict(_("A circumstance of the borrower is open under which nothing may be taken from them."))
    if decision.kind in (DecisionKind.LEGAL, DecisionKind.FREEZE) and account.arrears_amount <= 0:
        raise StateConflict(_("The arrears have been paid meanwhile."))
    if decision.kind == DecisionKind.FREEZE and account.status != AccountStatus.ACTIVE:
        raise StateConflict(_("The account is no longer active."))


def apply_consequences(*, decision: Decision, actor: Any, at: datetime) -> None:
    """
    Carry out what an approved decision brings about inside this program, in the caller's transaction.

    A plan is drafted; special care notes its circumstances; a decision to close is in force at once and closes its case;
    any other puts its case under watch.
    """
    case = decision.case
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
