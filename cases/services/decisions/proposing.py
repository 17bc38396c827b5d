"""Decisions that officers propose on the accounts of a case."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may, move
from cases.enums import (
    DecisionKind,
    DecisionOrigin,
    PlanState,
)
from cases.models import Account, Case, Decision, RepaymentPlan
from cases.rules.approval import OWN_JUDGEMENT
from cases.rules.lifecycle import CASE, PENDING_DECISION
from cases.rules.plans.means import means_text
from cases.rules.proposals import NO_PROPOSAL, PlanWish, Wish, last_day_of, terms_of
from cases.rules.waivers import WaiverWish
from cases.selectors.casework.plan_schedules import plan_schedule
from cases.services.casework.verification import view_of
from cases.services.decisions.approvals import (
    approvals_for_own_proposal,
)
from cases.services.decisions.concessions import hold_concession
from cases.services.decisions.trail import LONGEST_NOTE, audit_body, log_to_timeline


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
    amount: Decimal | None = None,
    points: Decimal | None = None,
    plan: PlanWish | None = None,
    waiver: WaiverWish | None = None,
) -> Decision:
    """
    Propose an officer's own decision on one account of the case, for an approver to decide.

    `reason` (cut to 300 characters, kept sealed) stands in the borrower's letter beside the reason codes; it must not name
    third persons. `amount` is the new limit in the account's currency, `days` (1-180) how long the decision counts,
    `points` by how much an annual rate is lowered (0.01 is one percentage point), `plan` what a repayment plan shall be, and `waiver` what is waived once the rest is paid. Its amount is held in the concession
    budget from now on.

    :raises NotAllowed: if the actor may not propose decisions.
    :raises InvalidInput: if the account is another borrower's, no reason is given, a value does not fit the kind, or the
        proposal goes beyond what an officer may propose or does not fit what stands on the account, or its concession budget.
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
    case.refresh_from_db(fields=["stage"])
    if case.stage in NO_PROPOSAL:
        raise StateConflict(NO_PROPOSAL[case.stage])
    move(record=case, lifecycle=CASE, action="decide", actor=actor, at=at)
    if Decision.objects.filter(account=account, kind=kind, state__in=PENDING_DECISION).exists():
        raise StateConflict(_("A decision of this kind waits on the account already. It is decided or expires first."))
    running = RepaymentPlan.objects.filter(account=OuterRef("pk"), state=PlanState.ACTIVE)
    current = Account.objects.annotate(on_active_plan=Exists(running)).get(pk=account.pk)
    wish = Wish(days=days, amount=amount, points=points, plan=plan or PlanWish(), waiver=waiver)
    try:
        terms, counts = terms_of(
            kind=kind, account=view_of(current), limit=current.credit_limit, wish=wish, currency=current.currency
        )
    except ValueError as error:
        raise InvalidInput(_("This value does not fit the account."), field=str(error)) from error
    if kind == DecisionKind.PLAN:
        # Approvers see the rate that the plan has under the cap, not the account's.
        schedule = plan_schedule(account=current, terms=terms, starts_on=localdate(at))
        terms = {**terms, "annual_rate": f"{schedule.annual_rate:.5f}"}
    needed = approvals_for_own_proposal(kind=kind, terms=terms, account=current, body=case.policy_version.body, at=at)
    explanation = reason.strip()[:LONGEST_NOTE]
    means = means_text(means=wish.plan.means, currency=current.currency) if kind == DecisionKind.PLAN else None
    decision = Decision.objects.create(
        borrower_id=case.borrower_id,
        account=account,
        case=case,
        policy_version_id=case.policy_version_id,
        kind=kind,
        origin=DecisionOrigin.OFFICER,
        reasons=[OWN_JUDGEMENT],
        terms=terms,
        approvals_needed=needed,
        explanation_ref=uuid4(),
        explanation=explanation,
        means_ref=uuid4() if means else None,
        means=means,
        business_date=localdate(at),
        proposed_by=actor,
        expires_on=last_day_of(terms=terms, counts=counts, on=localdate(at)),
        created_at=at,
        updated_at=at,
    )
    if waiver is not None and kind == DecisionKind.WAIVER:
        hold_concession(decision=decision, account=current, wish=waiver, at=at)
    log_to_timeline(decision, "propose", actor=actor, at=at)
    record(
        actor=actor, action="decision.proposed", subject=decision, at=at, body=audit_body(decision, note=explanation)
    )
    return decision
