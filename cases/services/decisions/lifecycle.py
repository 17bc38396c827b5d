"""Decisions: proposed, approved by another person, rejected, reversed. Each with what follows."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.transitions import may, move, move_all
from cases.enums import (
    AccountStatus,
    CloseReason,
    DecisionKind,
    DecisionOrigin,
    DecisionState,
    FlagKind,
    PlanState,
)
from cases.models import Account, Case, Decision, RepaymentPlan
from cases.rules.lifecycle import CASE, DECISION, PLAN, STANDING_DECISION
from cases.rules.proposals import Wish, terms_of
from cases.services.casework import circumstances
from cases.services.casework.cases import end_case
from cases.services.casework.verification import view_of
from cases.services.decisions import plans, terms_ledger
from cases.services.decisions.trail import audit_body, log_all_to_timeline, log_to_timeline, return_cases_to_work

# Kinds that give something; many of them may be approved at once by one person.
REWARD_KINDS = (DecisionKind.LIMIT_INCREASE, DecisionKind.RATE_REDUCTION)


@transaction.atomic
def propose_decision(
    *,
    case: Case,
    account: Account,
    kind: str,
    reason: str,
    actor: Any,
    at: datetime,
    days: int | None = None,
    instalments: int | None = None,
    amount: Decimal | None = None,
) -> Decision:
    """
    Put an officer's own decision on one account of the case before an approver.

    `reason` is what the borrower's letter says beside the reason codes; it must not name third persons. `amount` is
    the new limit in the account's currency, `days` (1-180) how long the decision counts, `instalments` 1-60.

    :raises InvalidInput: if a value does not fit the kind.
    :raises StateConflict: if the case's stage allows no decision, or one of the kind is pending on the account.
    """
    may(actor=actor, permission="cases.propose_decision")
    if account.borrower_id != case.borrower_id:
        raise InvalidInput(_("The account belongs to another borrower."), field="account")
    if kind not in DecisionKind.values:
        raise InvalidInput(_("Choose one of the decisions."), field="kind")
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    if days is not None and not 1 <= days <= 180:
        raise InvalidInput(_("A decision counts for 1 to 180 days."), field="days")
    move(record=case, lifecycle=CASE, action="decide", actor=actor, at=at)
    pending = (DecisionState.PROPOSED, DecisionState.APPROVED, DecisionState.SENT)
    if Decision.objects.filter(account=account, kind=kind, state__in=pending).exists():
        raise StateConflict
    running = RepaymentPlan.objects.filter(account=OuterRef("pk"), state=PlanState.ACTIVE)
    current = Account.objects.annotate(on_active_plan=Exists(running)).get(pk=account.pk)
    wish = Wish(days=days, instalments=instalments, amount=amount)
    try:
        terms, counts = terms_of(kind=kind, account=view_of(current), limit=current.credit_limit, wish=wish)
    except ValueError as error:
        raise InvalidInput(_("This value does not fit the account."), field=str(error)) from error
    decision = Decision.objects.create(
        borrower_id=case.borrower_id,
        account=account,
        case=case,
        policy_version_id=case.policy_version_id,
        kind=kind,
        origin=DecisionOrigin.OFFICER,
        reasons=["OFFICER_JUDGEMENT"],
        terms={**terms, "explanation": reason.strip()[:300]},
        business_date=localdate(at),
        proposed_by=actor,
        expires_on=None if counts is None else localdate(at) + timedelta(days=counts),
        created_at=at,
        updated_at=at,
    )
    log_to_timeline(decision, "propose", actor=actor, at=at)
    record(actor=actor, action="decision.proposed", subject=decision, at=at, body=audit_body(decision))
    return decision


@transaction.atomic
def approve_decision(*, decision: Decision, actor: Any, at: datetime, note: str = "") -> Decision:
    """
    Approve what somebody else proposed, and instruct what follows, all in one transaction.

    Terms lines and their events are written; a plan is drafted for the borrower's agreement; special care and
    suspected fraud put their circumstance on the borrower; closing closes the case. A time limit counts from now.

    :raises NotAllowed: if the actor is no person or may not approve.
    :raises SelfApproval: if the actor proposed it.
    :raises InvalidInput: if an adverse decision comes without the approver's note.
    :raises StateConflict: if it is no longer a proposal, or the account has changed so that it must not be approved.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.approve_decision")
    if decision.proposed_by_id == actor.pk:
        raise SelfApproval
    account = Account.objects.select_for_update().get(pk=decision.account_id)
    _check_adverse(decision, account, note=note, at=at)
    today = localdate(at)
    counts = (decision.expires_on - decision.business_date).days if decision.expires_on else None
    move(
        record=decision,
        lifecycle=DECISION,
        action="approve",
        actor=actor,
        at=at,
        approved_by=actor,
        approved_at=at,
        approval_note=note.strip()[:300],
        expires_on=None if counts is None else today + timedelta(days=counts),
    )
    terms_ledger.write_terms_changes(decisions=Decision.objects.filter(pk=decision.pk), at=at)
    _follow(decision, actor=actor, at=at)
    log_to_timeline(decision, "approve", actor=actor, at=at)
    record(actor=actor, action="decision.approved", subject=decision, at=at, body=audit_body(decision))
    return decision


def _check_adverse(decision: Decision, account: Account, *, note: str, at: datetime) -> None:
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


def _follow(decision: Decision, *, actor: Any, at: datetime) -> None:
    case = decision.case
    if decision.kind == DecisionKind.PLAN:
        plans.draft_plan(decision=decision, at=at)
    if decision.kind == DecisionKind.SPECIAL_CARE:
        for kind in dict.fromkeys((decision.terms["flag"], FlagKind.CEASE)):
            circumstances.protect(
                borrower=decision.borrower,
                kind=str(kind),
                source=str(decision),
                actor=actor,
                at=at,
                expires_on=decision.expires_on,
            )
    if decision.kind == DecisionKind.CLOSE:
        # Nothing to instruct: in force as soon as it is approved.
        move(record=decision, lifecycle=DECISION, action="acknowledge", actor=None, at=at, effective_on=localdate(at))
        if case is not None and case.closed_on is None:
            reason = decision.terms.get("close_reason", CloseReason.DECISION)
            end_case(case=case, reason=str(reason), actor=actor, at=at)
    elif case is not None:
        move_all(rows=Case.objects.filter(pk=case.pk), lifecycle=CASE, action="monitor", at=at)


@transaction.atomic
def reject_decision(*, decision: Decision, reason: str, actor: Any, at: datetime) -> Decision:
    """
    Turn a proposal down. A case that waited for nothing else goes back into work.

    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if it is no longer a proposal.
    """
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    move(record=decision, lifecycle=DECISION, action="reject", actor=actor, at=at, approval_note=reason.strip()[:300])
    return_cases_to_work(Decision.objects.filter(pk=decision.pk), at=at)
    log_to_timeline(decision, "reject", actor=actor, at=at)
    record(actor=actor, action="decision.rejected", subject=decision, at=at, body=audit_body(decision))
    return decision


def reverse_decision(*, decision: Decision, reason: str, actor: Any, at: datetime) -> Decision:
    """
    Undo a decision that stands: the opposite of what it changed is instructed.

    :raises NotAllowed: if the actor is no person or may not reverse.
    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if it does not stand (any more).
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.reverse_decision")
    return undo_decision(decision=decision, reason=reason, actor=actor, at=at)


@transaction.atomic
def undo_decision(*, decision: Decision, reason: str, actor: Any, at: datetime) -> Decision:
    """Reverse a decision as the consequence of something that the caller has checked: an upheld appeal."""
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    move(record=decision, lifecycle=DECISION, action="reverse", actor=None, at=at)
    rows = Decision.objects.filter(pk=decision.pk)
    terms_ledger.write_reversals(decisions=rows, suffix="reversed", at=at)
    move_all(rows=RepaymentPlan.objects.filter(decision=decision), lifecycle=PLAN, action="cancel", at=at)
    if decision.kind == DecisionKind.SPECIAL_CARE:
        for kind in dict.fromkeys((decision.terms["flag"], FlagKind.CEASE)):
            circumstances.lift(borrower=decision.borrower, kind=str(kind), actor=actor, at=at, source=str(decision))
    return_cases_to_work(rows, at=at)
    log_to_timeline(decision, "reverse", actor=actor, at=at, note=reason.strip())
    record(actor=actor, action="decision.reversed", subject=decision, at=at, body=audit_body(decision))
    return decision


@transaction.atomic
def approve_decisions(*, decisions: QuerySet[Decision], actor: Any, at: datetime, note: str = "") -> int:
    """
    Approve many rewards at once; return how many. A constant number of statements.

    What is no reward, no proposal any more, proposed by the actor or out of their sight is passed over.

    :raises NotAllowed: if the actor is no person or may not approve.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.approve_decision")
    wanted = Decision.objects.visible_to(actor).filter(
        pk__in=decisions.values("pk"), kind__in=REWARD_KINDS, state=DecisionState.PROPOSED
    )
    ids = list(
        wanted.exclude(proposed_by=actor)
        .select_for_update(of=("self",))
        .order_by("pk")
        .values_list("pk", flat=True)[:20_000]
    )
    rows = Decision.objects.filter(pk__in=ids)
    moved = move_all(
        rows=rows,
        lifecycle=DECISION,
        action="approve",
        at=at,
        approved_by=actor,
        approved_at=at,
        approval_note=note.strip()[:300],
    )
    if moved:
        terms_ledger.write_terms_changes(decisions=rows, at=at)
        log_all_to_timeline(rows, "approve", actor=actor, at=at)
        record(
            actor=actor,
            action="decision.approved_many",
            subject=("cases.decision", "set"),
            at=at,
            body={"decisions": ids},
        )
    return moved


@transaction.atomic
def expire_decisions(*, business_date: date, at: datetime, most: int = 5000) -> int:
    """
    End decisions whose last day is before `business_date`, at most `most` a call; return how many ended.

    What was limited in time is undone by instructing the opposite; offers of plans lapse; proposals that nobody
    approved in time are superseded. A constant number of statements.
    """
    due = Decision.objects.filter(expires_on__lt=business_date).select_for_update(skip_locked=True).order_by("pk")
    lapsed = Decision.objects.filter(pk__in=list(_ids(due.filter(state=DecisionState.PROPOSED), most)))
    superseded = move_all(rows=lapsed, lifecycle=DECISION, action="supersede", at=at)
    ids = list(_ids(due.filter(state__in=STANDING_DECISION), most))
    rows = Decision.objects.filter(pk__in=ids)
    ended = move_all(rows=rows, lifecycle=DECISION, action="expire", at=at)
    if ended:
        terms_ledger.write_reversals(decisions=rows, suffix="expired", at=at)
        offers = RepaymentPlan.objects.filter(decision__in=ids, state=PlanState.PROPOSED)
        move_all(rows=offers, lifecycle=PLAN, action="cancel", at=at)
        log_all_to_timeline(rows, "expire", actor=None, at=at)
        return_cases_to_work(rows, at=at)
    if ended or superseded:
        record(
            actor=None,
            action="decision.expired",
            subject=("cases.decision", "set"),
            at=at,
            body={"decisions": ids, "superseded": superseded, "before": business_date},
        )
    return ended


def _ids(rows: QuerySet[Decision], most: int) -> QuerySet[Decision, int]:
    return rows.values_list("pk", flat=True)[:most]
