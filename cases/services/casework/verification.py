"""Recording what was established about a borrower, and proposing the decision that follows for a person to approve."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may, move, move_all
from cases.enums import (
    SECTION_VERDICTS,
    AccountStatus,
    CaseEventKind,
    CaseStage,
    DecisionOrigin,
    PlanState,
    Section,
    SignalKind,
    Verdict,
    VerificationSource,
)
from cases.models import Account, Case, Decision, RepaymentPlan, Verification, VerifiedFact
from cases.rules.approval import StandingNow
from cases.rules.approval_matrix import approvals_needed
from cases.rules.decisions import AccountView, Proposal, propose
from cases.rules.lifecycle import CASE, DECISION, PENDING_DECISION
from cases.rules.plans.affordability import UNKNOWN_MEANS, Means
from cases.rules.policy.proposal_table import ProposalTable, read_table
from cases.rules.signal_answers import answers_of
from cases.rules.verification import Established, SectionFact, counts_until
from cases.selectors.casework.approvals import proposal_view
from cases.selectors.casework.standing_decisions import account_now, standing_of
from cases.services.casework.events import write_event
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.casework.sized_proposals import SizedProposal, sized_proposals
from cases.services.casework.suspicion import answer_by_verification


@dataclass(frozen=True, slots=True, kw_only=True)
class FactInput:
    """One section as it was established. `evidence` holds references, never contents; `confidence` is a share 0..1."""

    section: str
    verdict: str
    confidence: Decimal
    evidence: Sequence[str] = ()


@transaction.atomic
def record_verification(
    *,
    case: Case,
    source: str,
    source_ref: str,
    findings: Sequence[str],
    facts: Sequence[FactInput],
    right_party_met: bool,
    cooperative: bool,
    verified_on: date,
    actor: Any,
    at: datetime,
    means: Means | None = None,
    papers_agree: Collection[SignalKind] = (),
) -> Verification:
    """
    Record what a visit or a desk check established, move the case on, and propose what follows for each account.

    Sections missing from `facts` count as not established. `findings` are codes. Earlier proposals that nobody approved
    are superseded. A case on hold stays on hold and a closed case stays closed; the facts are recorded in either case.
    The proposals are `verification.decisions`; `means` are income and expenses by papers, in the accounts' currency, which
    the payments of proposed plans keep to and which these keep under seal (None where nothing is known). For a visit the
    visits floor has checked who accepts its report.

    Open suspicion signals that the facts answer end with that answer (rules/signal_answers.py); `papers_agree` are kinds of
    signals about which sound papers say what was stated.

    :raises NotAllowed: if the actor may not record desk checks.
    :raises InvalidInput: if the source is unknown or not named, the day lies ahead, a verdict does not fit its section, a
        confidence is no share, or a section is given twice.
    :raises StateConflict: if this source has been recorded already.
    """
    means = UNKNOWN_MEANS if means in (None, UNKNOWN_MEANS) else replace(means, as_of=verified_on)
    if source == VerificationSource.DESK:
        may(actor=actor, permission="cases.record_verification")
    _check(source=source, source_ref=source_ref, facts=facts, verified_on=verified_on, today=localdate(at))
    # The case's row is the lock: two verifications of one case follow each other.
    case = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    if Verification.objects.filter(source_ref=source_ref).exists():
        raise StateConflict
    verification = Verification.objects.create(
        borrower_id=case.borrower_id,
        case=case,
        source=source,
        source_ref=source_ref,
        findings=list(findings),
        right_party_met=right_party_met,
        cooperative=cooperative,
        verified_on=verified_on,
        recorded_by=actor,
        created_at=at,
    )
    given = {str(fact.section): fact for fact in facts}
    VerifiedFact.objects.bulk_create([_fact(verification, section, given.get(section)) for section in Section.values])
    established, table = _established(verification, given), read_table(case.policy_version.body)
    answers = answers_of(established=established, papers_agree=papers_agree, firm=table.firm_confidence)
    answered = answer_by_verification(verification=verification, answers=answers)
    proposed_by = actor if source == VerificationSource.DESK else None
    decisions, reasons = _propose(verification, case, established, table, means=means, proposed_by=proposed_by, at=at)
    _move_case(case, has_proposals=bool(decisions), at=at)
    body = {
        "verification": verification.pk,
        "source": source,
        "verdicts": {section: fact.verdict for section, fact in given.items()},
        "findings": list(findings),
        "reasons": reasons,
        "decisions": [decision.kind for decision in decisions],
        "signals": [f"{kind} {answer}" for kind, answer in answered],
    }
    write_event(case_id=case.pk, kind=CaseEventKind.VERIFICATION, actor=actor, at=at, body=body)
    mark_for_reevaluation(borrowers=(case.borrower_id,), at=at)
    record(actor=actor, action="verification.recorded", subject=verification, at=at, body=body | {"case": case.pk})
    return verification


def _check(*, source: str, source_ref: str, facts: Sequence[FactInput], verified_on: date, today: date) -> None:
    if source not in VerificationSource.values or not source_ref.strip():
        raise InvalidInput(_("Name the visit or the recording that this rests on."), field="source_ref")
    if verified_on > today:
        raise InvalidInput(_("This day has not come yet."), field="verified_on")
    if len({str(fact.section) for fact in facts}) != len(facts):
        raise InvalidInput(_("A section is given twice."), field="facts")
    for fact in facts:
        if fact.verdict not in SECTION_VERDICTS.get(fact.section, ()):
            raise InvalidInput(_("This verdict does not fit the section."), field=str(fact.section))
        if not 0 <= fact.confidence <= 1:
            raise InvalidInput(_("Confidence is a share between 0 and 1."), field=str(fact.section))


def _fact(verification: Verification, section: str, given: FactInput | None) -> VerifiedFact:
    return VerifiedFact(
        verification=verification,
        section=section,
        verdict=given.verdict if given else Verdict.NOT_ESTABLISHED,
        confidence=given.confidence if given else Decimal(0),
        evidence=list(given.evidence) if given else [],
        expires_on=counts_until(section=section, verified_on=verification.verified_on),
    )


def _propose(
    verification: Verification,
    case: Case,
    established: Established,
    table: ProposalTable,
    *,
    means: Means,
    proposed_by: Any,
    at: datetime,
) -> tuple[list[Decision], list[str]]:
    """
    Propose for every overdue account of the borrower, or for the one longest overdue before if none is any more.

    The table of the case's policy version decides, which each decision records.
    """
    if case.stage == CaseStage.CLOSED:
        return [], []
    running = RepaymentPlan.objects.filter(account=OuterRef("pk"), state=PlanState.ACTIVE)
    accounts = list(
        Account.objects.filter(borrower_id=case.borrower_id)
        .select_related("territory")
        .exclude(status__in=(AccountStatus.CLOSED, AccountStatus.WRITTEN_OFF))
        .annotate(on_active_plan=Exists(running))
        .order_by("-days_past_due", "pk")
    )
    overdue = [account for account in accounts if account.days_past_due > 0] or accounts[:1]
    stale = Decision.objects.filter(account__in=[account.pk for account in overdue], origin=DecisionOrigin.VERIFICATION)
    move_all(rows=stale, lifecycle=DECISION, action="supersede", at=at)
    pending = set(
        Decision.objects.filter(
            account__in=[account.pk for account in overdue],
            state__in=PENDING_DECISION,
        ).values_list("account_id", "kind")
    )
    standing = standing_of(accounts=[account.pk for account in overdue], on=localdate(at))
    advised = [
        (account, propose(facts=established, account=view_of(account), findings=verification.findings, table=table))
        for account in overdue
    ]
    today = localdate(at)
    wanted = [
        (account, each)
        for account, advice in advised
        for each in advice.proposals
        if (account.pk, str(each.kind)) not in pending
        and not any(
            appeal.bars(kind=each.kind, reasons=each.reasons, on=today) for appeal in standing[account.pk].appeals
        )
    ]
    decisions = [
        _decision(verification, case, each, standing[each.account.pk], proposed_by=proposed_by, at=at)
        for each in sized_proposals(proposals=wanted, means=means, on=today)
    ]
    reasons = dict.fromkeys(code for _account, advice in advised for code in advice.reasons)
    return Decision.objects.bulk_create(decisions), list(reasons)


def _decision(
    verification: Verification,
    case: Case,
    sized: SizedProposal,
    standing: StandingNow,
    *,
    proposed_by: Any,
    at: datetime,
) -> Decision:
    """Return what is proposed for one account."""
    account, proposal, today = sized.account, sized.proposal, localdate(at)
    return Decision(
        borrower_id=case.borrower_id,
        account=account,
        case=case,
        verification=verification,
        policy_version_id=case.policy_version_id,
        kind=proposal.kind,
        origin=DecisionOrigin.VERIFICATION,
        reasons=list(proposal.reasons),
        terms=dict(proposal.terms),
        business_date=today,
        proposed_by=proposed_by,
        expires_on=None if proposal.expires_days is None else today + timedelta(days=proposal.expires_days),
        approvals_needed=_approvals_needed(proposal, case, account, standing),
        created_at=at,
        updated_at=at,
        **sized.kept_means,
    )


def _approvals_needed(proposal: Proposal, case: Case, account: Account, standing: StandingNow) -> int:
    view = proposal_view(
        kind=proposal.kind,
        origin=DecisionOrigin.VERIFICATION,
        reasons=proposal.reasons,
        terms=proposal.terms,
        body=case.policy_version.body,
        currency=account.currency,
    )
    return approvals_needed(decision=view, account=account_now(account), standing=standing)


def view_of(account: Any) -> AccountView:
    """Return the columns that the decision table reads, of an account annotated with `on_active_plan`."""
    return AccountView(
        days_past_due=account.days_past_due,
        arrears_amount=account.arrears_amount,
        outstanding_principal=account.outstanding_principal,
        annual_rate=account.annual_rate,
        credit_limit=account.credit_limit,
        status=account.status,
        on_active_plan=account.on_active_plan,
    )


def _established(verification: Verification, given: dict[str, FactInput]) -> Established:
    def section(name: str) -> SectionFact:
        fact = given.get(name)
        if fact is None:
            return SectionFact()
        return SectionFact(verdict=fact.verdict, confidence=fact.confidence, has_evidence=bool(fact.evidence))

    return Established(
        identity=section(Section.IDENTITY),
        capacity=section(Section.CAPACITY),
        cause=section(Section.CAUSE),
        residence=section(Section.RESIDENCE),
        right_party_met=verification.right_party_met,
        cooperative=verification.cooperative,
    )


def _move_case(case: Case, *, has_proposals: bool, at: datetime) -> None:
    if case.stage in (CaseStage.ON_HOLD, CaseStage.CLOSED):
        return
    # The permission was checked above; these steps follow from the verification.
    move(record=case, lifecycle=CASE, action="verify", actor=None, at=at, needs_visit_by=None)
    if has_proposals:
        move(record=case, lifecycle=CASE, action="decide", actor=None, at=at)
