"""
From established facts to a proposal: help, restrict, or only stay in contact.

What comes first is fixed here, because no policy may change it: whoever says that the loan is not theirs, an illness, a death
or a disaster, an ended account, arrears that are paid, a dispute, a plan that runs. After that the table of the policy
decides (rules/policy/default_proposals.py is the house's): it is read from the top, and the first row that fits gives the
result. Nothing adverse follows from a section that was not established or from the use of a right; the checks of a policy
prove that for its table (rules/policy/proposal_checks.py; domain notes, list c 8 and 13).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cases.enums import AccountStatus, CloseReason, DecisionKind, FlagKind, Section, Verdict
from cases.rules.plans import limits as plans
from cases.rules.policy.body import ProposalRow, ProposedDecision
from cases.rules.policy.proposal_table import HOUSE_TABLE, ProposalTable
from cases.rules.policy.verified_conditions import first_row
from cases.rules.policy.verified_facts import FINDINGS
from cases.rules.standing import cut_limit
from cases.rules.verification import Established, SectionFact, certainty_of

# Codes of findings at the door (domain notes 4.3) that take precedence over the table.
STOP_FINDINGS = frozenset({"F05", "F30", "F31"})
DISPUTE_FINDINGS = frozenset({"F03"})
FRAUD_FINDINGS = frozenset({"F50"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """The columns of an account that are read here. Money is in the account's currency; `annual_rate` is a share 0..1."""

    days_past_due: int
    arrears_amount: Decimal
    outstanding_principal: Decimal
    annual_rate: Decimal
    credit_limit: Decimal = Decimal(0)
    status: str = AccountStatus.ACTIVE
    on_active_plan: bool = False

    @property
    def is_overdue(self) -> bool:
        """Whether money is due and late."""
        return self.days_past_due > 0 and self.arrears_amount > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionParameters:
    """The house's terms of what an officer proposes (table b). Days, numbers of instalments, shares 0..1."""

    grace_days: int = 30
    special_care_days: int = 90
    relief_days: int = 90
    adverse_days: int = 180
    plan_offer_days: int = 31
    instalments_partly: int = 24
    first_share: Decimal = Decimal("0.05")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One decision to propose. `terms` is JSON with amounts and rates as text; None days means without end."""

    kind: str
    reasons: tuple[str, ...]
    terms: Mapping[str, object]
    expires_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """
    What follows: proposals, or only the next step where nothing should be decided.

    `row` is the code of the table's row that gave it, empty where it was decided before the table.
    """

    proposals: tuple[Proposal, ...]
    reasons: tuple[str, ...]
    next_step: str
    row: str = ""


DEFAULTS = DecisionParameters()


def propose(
    *,
    facts: Established,
    account: AccountView,
    findings: Iterable[str] = (),
    table: ProposalTable = HOUSE_TABLE,
) -> Advice:
    """Return the proposals and the next step for one account. Every combination of verdicts and findings has a result."""
    found = frozenset(findings)
    first = _before_the_table(facts, account, found)
    if first is not None:
        return first
    row = first_row(table.rows, facts=verified_facts(facts=facts, account=account, findings=found, table=table))
    # A table that passed the checks of a policy has a row for everything.
    return _talk("NOTHING_ESTABLISHED", next_step="CONTINUE_CONTACT") if row is None else _result(row, account, table)


def verified_facts(
    *, facts: Established, account: AccountView, findings: frozenset[str], table: ProposalTable
) -> dict[str, Any]:
    """Return the value of every fact that a row of the table may ask (rules/policy/verified_facts.py)."""
    sections: Mapping[str, SectionFact] = {
        Section.IDENTITY: facts.identity,
        Section.RESIDENCE: facts.residence,
        Section.CAPACITY: facts.capacity,
        Section.CAUSE: facts.cause,
    }
    values: dict[str, Any] = {
        "days_past_due": account.days_past_due,
        "right_party_met": facts.right_party_met,
        "cooperative": facts.cooperative,
    }
    for section, fact in sections.items():
        name = section.lower()
        values[name] = str(fact.verdict)
        values[f"{name}_certainty"] = str(certainty_of(fact=fact, firm=table.firm_confidence))
        values[f"{name}_confidence"] = fact.confidence
    return values | {name: bool(findings & codes) for name, codes in FINDINGS.items()}


def _before_the_table(facts: Established, account: AccountView, found: frozenset[str]) -> Advice | None:
    if facts.identity.verdict == Verdict.REFUTED or found & FRAUD_FINDINGS:
        return _care("IDENTITY_NOT_THE_BORROWER", flag=FlagKind.FRAUD_CLAIM, fraud_review=True)
    if found & STOP_FINDINGS:
        return _care("STRUCK_BY_EVENT", flag=FlagKind.VULNERABLE, fraud_review=False)
    if account.status in (AccountStatus.CLOSED, AccountStatus.WRITTEN_OFF):
        return _talk("ACCOUNT_ENDED", next_step="CONTINUE_CONTACT")
    if not account.is_overdue:
        paid = Proposal(
            kind=DecisionKind.CLOSE,
            reasons=("PAID",),
            terms={"close_reason": CloseReason.CURED},
            expires_days=None,
        )
        return Advice(proposals=(paid,), reasons=paid.reasons, next_step="DECIDE")
    if found & DISPUTE_FINDINGS:
        return _talk("DEBT_DISPUTED", next_step="ANSWER_DISPUTE")
    if account.on_active_plan:
        return _talk("PLAN_RUNNING", next_step="WATCH_PLAN")
    return None


def _result(row: ProposalRow, account: AccountView, table: ProposalTable) -> Advice:
    proposals = tuple(
        Proposal(
            kind=decision.kind,
            reasons=row.reasons,
            terms=_terms(decision, account, table),
            expires_days=table.plan_offer_days if decision.kind == DecisionKind.PLAN else decision.days,
        )
        for decision in row.decisions
        if _changes_something(decision, account)
    )
    # Where all that the row proposes holds already, nothing is left to decide.
    step = "CONTINUE_CONTACT" if row.decisions and not proposals else row.next_step
    return Advice(proposals=proposals, reasons=row.reasons, next_step=step, row=row.code)


def _changes_something(decision: ProposedDecision, account: AccountView) -> bool:
    if decision.kind == DecisionKind.FREEZE:
        return account.status != AccountStatus.FROZEN
    if decision.kind == DecisionKind.RATE_RELIEF:
        return _relieved(decision, account) < account.annual_rate
    return decision.kind != DecisionKind.LIMIT_CUT or _cut(decision, account) < account.credit_limit


def _cut(decision: ProposedDecision, account: AccountView) -> Decimal:
    return cut_limit(limit=account.credit_limit, percent=decision.percent or Decimal(0))


def _relieved(decision: ProposedDecision, account: AccountView) -> Decimal:
    return max(account.annual_rate - (decision.relief or Decimal(0)), Decimal(0))


def _terms(decision: ProposedDecision, account: AccountView, table: ProposalTable) -> Mapping[str, object]:
    if decision.kind == DecisionKind.GRACE:
        return {"days": decision.days, "waive_penalty": True}
    if decision.kind == DecisionKind.RATE_RELIEF:
        rate = f"{_relieved(decision, account):.5f}"
        return {"before": f"{account.annual_rate:.5f}", "rate": rate, "days": decision.days}
    if decision.kind == DecisionKind.SPECIAL_CARE:
        return {"flag": decision.flag, "days": decision.days, "fraud_review": False}
    if decision.kind == DecisionKind.LEGAL:
        return {"first_step": "MEDIATION", "way_back": decision.way_back}
    if decision.kind == DecisionKind.FREEZE:
        return {"status": AccountStatus.FROZEN, "way_back": decision.way_back}
    if decision.kind == DecisionKind.LIMIT_CUT:
        cut = f"{_cut(decision, account):.2f}"
        return {"before": f"{account.credit_limit:.2f}", "limit": cut, "way_back": decision.way_back}
    total = max(account.outstanding_principal, account.arrears_amount)
    relief = min(account.annual_rate, decision.relief or Decimal(0))
    return {
        "total": f"{total:.2f}",
        "annual_rate": f"{plans.allowed_rate(account.annual_rate - relief):.5f}",
        "instalments": plans.allowed_count(total=total, wanted=decision.instalments or 1),
        "first_share": f"{min(table.plan_first_share, plans.MAX_FIRST_SHARE):.2f}",
    }


def _care(reason: str, *, flag: str, fraud_review: bool) -> Advice:
    care = Proposal(
        kind=DecisionKind.SPECIAL_CARE,
        reasons=(reason,),
        terms={"flag": flag, "days": DEFAULTS.special_care_days, "fraud_review": fraud_review},
        expires_days=DEFAULTS.special_care_days,
    )
    return Advice(proposals=(care,), reasons=care.reasons, next_step="DECIDE")


def _talk(reason: str, *, next_step: str) -> Advice:
    return Advice(proposals=(), reasons=(reason,), next_step=next_step)
