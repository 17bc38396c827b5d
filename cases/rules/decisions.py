"""
From established facts to a proposal: help, restrict, or only stay in contact.

A decision table, read from the top; the first row that fits gives the result. The use of a right (not at home, no entry,
no talk, a complaint, a representative) is no input, so it cannot count against the borrower (domain notes, list c 8
and 13). Nothing adverse follows from a section that was not established.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cases.enums import AccountStatus, CloseReason, DecisionKind, FlagKind, Verdict
from cases.rules.plans import limits as plans
from cases.rules.verification import Established

# Codes of findings at the door (domain notes 4.3) that take precedence over the four sections. All others are neutral.
STOP_FINDINGS = frozenset({"F05", "F30", "F31"})
DISPUTE_FINDINGS = frozenset({"F03"})
FRAUD_FINDINGS = frozenset({"F50"})
HARDSHIP_FINDINGS = frozenset({"F02"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """The columns of an account that the table reads. Money is in the account's currency; `annual_rate` is a share 0..1."""

    days_past_due: int
    arrears_amount: Decimal
    outstanding_principal: Decimal
    annual_rate: Decimal
    status: str = AccountStatus.ACTIVE
    on_active_plan: bool = False

    @property
    def is_overdue(self) -> bool:
        """Whether money is due and late."""
        return self.days_past_due > 0 and self.arrears_amount > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionParameters:
    """House values (table b). Days, numbers of instalments, shares 0..1. An installation may tighten them."""

    # A firm fact: at least this sure, with evidence behind it.
    firm_confidence: Decimal = Decimal("0.80")
    grace_days: int = 30
    short_grace_days: int = 7
    special_care_days: int = 90
    adverse_days: int = 180
    plan_offer_days: int = 31
    instalments_able: int = 6
    instalments_partly: int = 24
    instalments_hardship: int = 36
    first_share: Decimal = Decimal("0.05")
    # Relief: at most three percentage points.
    hardship_relief: Decimal = Decimal("0.03")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One decision to propose. `terms` is JSON with amounts and rates as text; None days means without end."""

    kind: str
    reasons: tuple[str, ...]
    terms: Mapping[str, object]
    expires_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """The result of the table: proposals, or only the next step where nothing should be decided."""

    proposals: tuple[Proposal, ...]
    reasons: tuple[str, ...]
    next_step: str


DEFAULTS = DecisionParameters()


def propose(
    *,
    facts: Established,
    account: AccountView,
    findings: Iterable[str] = (),
    parameters: DecisionParameters = DEFAULTS,
) -> Advice:
    """Return the proposals and the next step for one account. Every combination of verdicts and findings has a result."""
    found = frozenset(findings)
    cause, capacity = facts.cause.verdict, facts.capacity.verdict
    in_hardship = cause == Verdict.FORCE_MAJEURE or bool(found & HARDSHIP_FINDINGS)
    if facts.identity.verdict == Verdict.REFUTED or found & FRAUD_FINDINGS:
        return _care("IDENTITY_NOT_THE_BORROWER", parameters, flag=FlagKind.FRAUD_CLAIM, fraud_review=True)
    if found & STOP_FINDINGS:
        return _care("STRUCK_BY_EVENT", parameters, flag=FlagKind.VULNERABLE)
    if account.status in (AccountStatus.CLOSED, AccountStatus.WRITTEN_OFF):
        return _talk("ACCOUNT_ENDED", next_step="CONTINUE_CONTACT")
    if not account.is_overdue:
        return _one(DecisionKind.CLOSE, ("PAID",), {"close_reason": CloseReason.CURED}, None)
    if found & DISPUTE_FINDINGS:
        return _talk("DEBT_DISPUTED", next_step="ANSWER_DISPUTE")
    if account.on_active_plan:
        return _talk("PLAN_RUNNING", next_step="WATCH_PLAN")
    if in_hardship:
        return _hardship(facts, account, parameters)
    if capacity == Verdict.UNABLE:
        return _grace("UNABLE_TO_PAY", parameters.grace_days)
    if cause == Verdict.WILFUL and capacity == Verdict.ABLE:
        return _wilful(facts, account, parameters)
    if capacity == Verdict.PARTLY_ABLE:
        return _plan(("PARTLY_ABLE",), account, parameters.instalments_partly, parameters)
    if cause == Verdict.TEMPORARY:
        if capacity == Verdict.ABLE and facts.cooperative:
            return _grace("TEMPORARY_SHORTAGE", parameters.short_grace_days)
        return _plan(("TEMPORARY_SHORTAGE",), account, parameters.instalments_able, parameters)
    if capacity == Verdict.ABLE and facts.cooperative:
        return _grace("ABLE_AND_COOPERATIVE", parameters.short_grace_days)
    if facts.residence.verdict in (Verdict.REFUTED, Verdict.DOUBTFUL):
        return _talk("ADDRESS_TO_REPAIR", next_step="REPAIR_ADDRESS")
    return _talk("NOTHING_ESTABLISHED", next_step="CONTINUE_CONTACT")


def _hardship(facts: Established, account: AccountView, parameters: DecisionParameters) -> Advice:
    capacity = facts.capacity
    if capacity.verdict in (Verdict.ABLE, Verdict.PARTLY_ABLE):
        relief = min(account.annual_rate, parameters.hardship_relief)
        return _plan(("HARDSHIP", "PARTLY_ABLE"), account, parameters.instalments_hardship, parameters, relief=relief)
    if capacity.verdict == Verdict.UNABLE and capacity.is_firm(confidence=parameters.firm_confidence):
        return _care("HARDSHIP_AND_UNABLE", parameters, flag=FlagKind.HARDSHIP)
    # The first thirty days ask for no proof (domain notes 5.3).
    return _grace("HARDSHIP", parameters.grace_days)


def _wilful(facts: Established, account: AccountView, parameters: DecisionParameters) -> Advice:
    firm = parameters.firm_confidence
    if (
        facts.identity.verdict != Verdict.CONFIRMED
        or not facts.cause.is_firm(confidence=firm)
        or not facts.capacity.is_firm(confidence=firm)
    ):
        return _talk("EVIDENCE_TOO_WEAK", next_step="GATHER_EVIDENCE")
    reasons = ("ABLE_WITH_EVIDENCE", "WILFUL_WITH_EVIDENCE")
    legal = Proposal(
        kind=DecisionKind.LEGAL,
        reasons=reasons,
        terms={"first_step": "MEDIATION", "way_back": "SETTLE_OR_AGREE_A_PLAN"},
        expires_days=parameters.adverse_days,
    )
    freeze = Proposal(
        kind=DecisionKind.FREEZE,
        reasons=reasons,
        terms={"status": AccountStatus.FROZEN, "way_back": "THREE_PAYMENTS_ON_TIME"},
        expires_days=parameters.adverse_days,
    )
    proposals = (legal,) if account.status == AccountStatus.FROZEN else (legal, freeze)
    return Advice(proposals=proposals, reasons=reasons, next_step="DECIDE")


def _plan(
    reasons: tuple[str, ...],
    account: AccountView,
    count: int,
    parameters: DecisionParameters,
    *,
    relief: Decimal = Decimal(0),
) -> Advice:
    total = max(account.outstanding_principal, account.arrears_amount)
    terms = {
        "total": f"{total:.2f}",
        "annual_rate": f"{plans.allowed_rate(account.annual_rate - relief):.5f}",
        "instalments": plans.allowed_count(total=total, wanted=count),
        "first_share": f"{min(parameters.first_share, plans.MAX_FIRST_SHARE):.2f}",
    }
    return _one(DecisionKind.PLAN, reasons, terms, parameters.plan_offer_days)


def _grace(reason: str, days: int) -> Advice:
    return _one(DecisionKind.GRACE, (reason,), {"days": days, "waive_penalty": True}, days)


def _care(reason: str, parameters: DecisionParameters, *, flag: str, fraud_review: bool = False) -> Advice:
    terms = {"flag": flag, "days": parameters.special_care_days, "fraud_review": fraud_review}
    return _one(DecisionKind.SPECIAL_CARE, (reason,), terms, parameters.special_care_days)


def _one(kind: str, reasons: tuple[str, ...], terms: Mapping[str, object], expires_days: int | None) -> Advice:
    proposal = Proposal(kind=kind, reasons=reasons, terms=terms, expires_days=expires_days)
    return Advice(proposals=(proposal,), reasons=reasons, next_step="DECIDE")


def _talk(reason: str, *, next_step: str) -> Advice:
    return Advice(proposals=(), reasons=(reason,), next_step=next_step)
