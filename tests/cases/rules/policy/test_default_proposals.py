"""The house's table gives what the program gave when the table was code, for every combination."""

from decimal import Decimal
from itertools import product
from typing import Any

from cases.enums import SECTION_VERDICTS
from cases.rules.decisions import AccountView, propose
from cases.rules.policy.default_proposals import DEFAULT_PROPOSALS
from cases.rules.reasons import REASONS
from cases.rules.verification import Established, SectionFact

FIRM = Decimal("0.80")
OVERDUE: dict[str, Any] = {
    "days_past_due": 95,
    "arrears_amount": Decimal(32000),
    "outstanding_principal": Decimal(40000),
    "annual_rate": Decimal("0.18"),
}
ACCOUNTS = tuple(
    AccountView(**OVERDUE | changes)
    for changes in (
        {},
        {"status": "FROZEN"},
        {"status": "CLOSED"},
        {"status": "WRITTEN_OFF", "days_past_due": 0},
        {"days_past_due": 0},
        {"arrears_amount": Decimal(0)},
        {"on_active_plan": True},
        {"annual_rate": Decimal("0.02"), "outstanding_principal": Decimal(0), "arrears_amount": Decimal(150)},
    )
)
FINDINGS = ([], ["F01"], ["F02"], ["F03"], ["F31"], ["F50"], ["F20", "F23"], ["F02", "F03"])
SURE = ((Decimal("0.80"), True), (Decimal("0.79"), True), (Decimal(1), False))


def facts_of(section: str, sure: Any) -> list[SectionFact]:
    return [
        SectionFact(verdict=verdict, confidence=confidence, has_evidence=evidence)
        for verdict in SECTION_VERDICTS[section]
        for confidence, evidence in sure
    ]


def talk(reason: str, step: str) -> Any:
    return (), (reason,), step


def one(kind: str, reasons: tuple[str, ...], terms: Any, days: int | None) -> Any:
    return ((kind, reasons, terms, days),), reasons, "DECIDE"


def grace(reason: str, days: int) -> Any:
    return one("GRACE", (reason,), {"days": days, "waive_penalty": True}, days)


def care(reason: str, flag: str, *, fraud: bool = False) -> Any:
    return one("SPECIAL_CARE", (reason,), {"flag": flag, "days": 90, "fraud_review": fraud}, 90)


def plan(reasons: tuple[str, ...], account: AccountView, count: int, relief: str = "0") -> Any:
    total = max(account.outstanding_principal, account.arrears_amount)
    rate = min(max(account.annual_rate - min(Decimal(relief), account.annual_rate), Decimal(0)), Decimal("0.24"))
    terms = {
        "total": f"{total:.2f}",
        "annual_rate": f"{rate:.5f}",
        "instalments": max(1, min(count, int(total // 100), 60)),
        "first_share": "0.05",
    }
    return one("PLAN", reasons, terms, 31)


def former(facts: Established, account: AccountView, found: set[str]) -> Any:
    """The decision table as it was written in code, row by row."""
    cause, capacity = facts.cause.verdict, facts.capacity.verdict
    if facts.identity.verdict == "REFUTED" or "F50" in found:
        return care("IDENTITY_NOT_THE_BORROWER", "FRAUD_CLAIM", fraud=True)
    if found & {"F05", "F30", "F31"}:
        return care("STRUCK_BY_EVENT", "VULNERABLE")
    if account.status in ("CLOSED", "WRITTEN_OFF"):
        return talk("ACCOUNT_ENDED", "CONTINUE_CONTACT")
    if not account.is_overdue:
        return one("CLOSE", ("PAID",), {"close_reason": "CURED"}, None)
    if "F03" in found:
        return talk("DEBT_DISPUTED", "ANSWER_DISPUTE")
    if account.on_active_plan:
        return talk("PLAN_RUNNING", "WATCH_PLAN")
    if cause == "FORCE_MAJEURE" or "F02" in found:
        if capacity in ("ABLE", "PARTLY_ABLE"):
            return plan(("HARDSHIP", "PARTLY_ABLE"), account, 36, "0.03")
        if capacity == "UNABLE" and facts.capacity.is_firm(confidence=FIRM):
            return care("HARDSHIP_AND_UNABLE", "HARDSHIP")
        return grace("HARDSHIP", 30)
    if capacity == "UNABLE":
        return grace("UNABLE_TO_PAY", 30)
    if cause == "WILFUL" and capacity == "ABLE":
        return wilful(facts, account)
    if capacity == "PARTLY_ABLE":
        return plan(("PARTLY_ABLE",), account, 24)
    if cause == "TEMPORARY":
        if capacity == "ABLE" and facts.cooperative:
            return grace("TEMPORARY_SHORTAGE", 7)
        return plan(("TEMPORARY_SHORTAGE",), account, 6)
    if capacity == "ABLE" and facts.cooperative:
        return grace("ABLE_AND_COOPERATIVE", 7)
    if facts.residence.verdict in ("REFUTED", "DOUBTFUL"):
        return talk("ADDRESS_TO_REPAIR", "REPAIR_ADDRESS")
    return talk("NOTHING_ESTABLISHED", "CONTINUE_CONTACT")


def wilful(facts: Established, account: AccountView) -> Any:
    firm = facts.cause.is_firm(confidence=FIRM) and facts.capacity.is_firm(confidence=FIRM)
    if facts.identity.verdict != "CONFIRMED" or not firm:
        return talk("EVIDENCE_TOO_WEAK", "GATHER_EVIDENCE")
    reasons = ("ABLE_WITH_EVIDENCE", "WILFUL_WITH_EVIDENCE")
    legal = ("LEGAL", reasons, {"first_step": "MEDIATION", "way_back": "SETTLE_OR_AGREE_A_PLAN"}, 180)
    freeze = ("FREEZE", reasons, {"status": "FROZEN", "way_back": "THREE_PAYMENTS_ON_TIME"}, 180)
    return ((legal,) if account.status == "FROZEN" else (legal, freeze)), reasons, "DECIDE"


def test_the_table_gives_what_the_code_gave_for_every_combination() -> None:
    combinations = product(
        facts_of("IDENTITY", SURE[:1]),
        facts_of("RESIDENCE", SURE[:1]),
        facts_of("CAPACITY", SURE),
        facts_of("CAUSE", SURE),
        (True, False),
    )
    differing = []
    for identity, residence, capacity, cause, cooperative in combinations:
        facts = Established(
            identity=identity, residence=residence, capacity=capacity, cause=cause, cooperative=cooperative
        )
        for findings, account in product(FINDINGS, ACCOUNTS):
            advice = propose(facts=facts, account=account, findings=findings)
            proposals = tuple((p.kind, p.reasons, p.terms, p.expires_days) for p in advice.proposals)
            if (proposals, advice.reasons, advice.next_step) != former(facts, account, set(findings)):
                differing.append((facts, findings, account, advice))

    assert differing == []


def test_every_row_names_itself_in_both_languages_and_gives_known_reasons() -> None:
    codes = [row["code"] for row in DEFAULT_PROPOSALS]

    assert len(set(codes)) == len(codes)
    for row in DEFAULT_PROPOSALS:
        assert row["title"]["en"].isascii()
        assert not row["title"]["zh"].isascii()
        assert set(row["result"]["reasons"]) <= set(REASONS)
