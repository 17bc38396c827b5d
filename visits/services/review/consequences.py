"""What an accepted report means below: contact, promise, address, circumstances, verification."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cases.enums import (
    Channel,
    ContactOutcome,
    ContactVerdict,
    FlagKind,
    FlagSource,
    PromiseState,
    Section,
    Verdict,
    VerificationSource,
)
from cases.models import Account, Address, PromiseToPay
from cases.services.casework.circumstances import protect
from cases.services.casework.contacts import write_contact
from cases.services.casework.verification import FactInput, record_verification
from cases.services.casework.visiting import end_visits
from visits.enums import AddressVerdict, Attitude, Finding, PersonMet, Protection
from visits.models import CheckIn, Evidence, VisitOrder, VisitReport
from visits.rules.conduct.contact import PROTECTION_OF_FLAG
from visits.rules.report.findings import FINDINGS, implied_address_verdict, protections_called
from visits.services.orders.guard import local_date

CENT = Decimal("0.01")
# Without any photograph an observation counts half.
TRUST_WITHOUT_EVIDENCE = Decimal("0.5")
# How sure an address verdict is that follows from the finding alone; hearsay is less.
IMPLIED_CONFIDENCE = Decimal("0.8")
HEARSAY_CONFIDENCE = Decimal("0.5")
FLAG_OF_PROTECTION: dict[Protection, FlagKind] = {protection: flag for flag, protection in PROTECTION_OF_FLAG.items()}
ADDRESS_VERDICTS = {
    AddressVerdict.VALID: (ContactVerdict.VALID, Verdict.CONFIRMED),
    AddressVerdict.INVALID: (ContactVerdict.INVALID, Verdict.REFUTED),
    AddressVerdict.DOUBTFUL: (ContactVerdict.DOUBTFUL, Verdict.DOUBTFUL),
}


def apply_report(*, order: VisitOrder, report: VisitReport, fee: Decimal, actor: Any, at: datetime) -> None:
    """
    Write down on the ground floor what an accepted report established, in the caller's transaction.

    A visit that turned back as no longer due (F41) established nothing: the case goes back into work.
    """
    findings = tuple(Finding(each) for each in report.findings)
    if findings == (Finding.F41,):
        end_visits(orders={order.case_id: str(order)}, outcome=order.state, actor=actor, at=at)
        return
    visited_at = _visited_at(order=order, report=report)
    visited_on = local_date(visited_at)
    right_party = any(FINDINGS[finding].is_right_party_contact for finding in findings)
    write_contact(
        borrower=order.case.borrower,
        channel=Channel.VISIT,
        outcome=_outcome(report=report, right_party=right_party),
        actor=actor,
        at=at,
        attempted_at=visited_at,
        receipt=True,
        external_ref=f"visit:{order}",
        cost=fee,
    )
    _write_promise(order=order, report=report, visited_on=visited_on, at=at)
    verdict = _address_verdict(report=report, findings=findings)
    if verdict is not None:
        Address.objects.filter(pk=order.address_id).update(
            verdict=ADDRESS_VERDICTS[verdict][0], last_verified_on=visited_on, updated_at=at
        )
    for protection in sorted(protections_called(findings=findings)):
        # What the door called for; its length is the ground floor's to say.
        protect(
            borrower=order.case.borrower,
            kind=FLAG_OF_PROTECTION[protection],
            source=FlagSource.VISIT,
            source_ref=str(order),
            actor=actor,
            at=at,
        )
    record_verification(
        case=order.case,
        source=VerificationSource.VISIT,
        source_ref=str(order),
        findings=[finding.value for finding in findings],
        facts=facts_of(order=order, report=report, findings=findings, verdict=verdict),
        right_party_met=right_party,
        cooperative=any(FINDINGS[finding].attitude == Attitude.COOPERATIVE for finding in findings),
        verified_on=visited_on,
        actor=actor,
        at=at,
    )


def facts_of(
    *, order: VisitOrder, report: VisitReport, findings: tuple[Finding, ...], verdict: AddressVerdict | None
) -> list[FactInput]:
    """
    Return the sections as facts, each with its confidence scaled by how far its evidence may be trusted.

    Evidence given for no section stands behind all. Where the crew filled no residence section, the finding
    itself says what it says of the address.
    """
    evidence = list(Evidence.objects.filter(report__order=order).order_by("pk"))
    facts = [
        _fact(section=each.section, verdict=each.verdict, confidence=each.confidence, evidence=evidence)
        for each in report.sections.order_by("section")
    ]
    if verdict is not None and Section.RESIDENCE not in {fact.section for fact in facts}:
        hearsay = any(FINDINGS[finding].is_hearsay for finding in findings)
        confidence = HEARSAY_CONFIDENCE if hearsay else IMPLIED_CONFIDENCE
        facts.append(
            _fact(
                section=Section.RESIDENCE,
                verdict=ADDRESS_VERDICTS[verdict][1],
                confidence=confidence,
                evidence=evidence,
            )
        )
    return facts


def _fact(*, section: str, verdict: str, confidence: Decimal, evidence: Iterable[Evidence]) -> FactInput:
    behind = [each for each in evidence if each.section in ("", section)]
    scores = [each.trust_score for each in behind]
    trust = Decimal(sum(scores)) / (100 * len(scores)) if scores else TRUST_WITHOUT_EVIDENCE
    return FactInput(
        section=section,
        verdict=verdict,
        confidence=(confidence * trust).quantize(CENT, rounding=ROUND_HALF_UP),
        evidence=tuple(each.external_ref for each in behind),
    )


def _outcome(*, report: VisitReport, right_party: bool) -> ContactOutcome:
    if right_party:
        return ContactOutcome.RIGHT_PARTY
    return ContactOutcome.NO_ANSWER if report.person_met == PersonMet.NOBODY else ContactOutcome.THIRD_PARTY


def _visited_at(*, order: VisitOrder, report: VisitReport) -> datetime:
    if report.contact_started_at is not None:
        return report.contact_started_at
    arrived = CheckIn.objects.filter(order=order, moment=CheckIn.Moment.IN).order_by("-received_at").first()
    return arrived.received_at if arrived is not None else report.submitted_at


def _address_verdict(*, report: VisitReport, findings: tuple[Finding, ...]) -> AddressVerdict | None:
    implied = implied_address_verdict(findings=findings)
    if implied is not None:
        return implied
    # A finding that says nothing of the address leaves only what the crew positively saw.
    return AddressVerdict.VALID if report.address_verdict == AddressVerdict.VALID else None


def _write_promise(*, order: VisitOrder, report: VisitReport, visited_on: date, at: datetime) -> None:
    if report.promised_amount is None or report.promised_for is None:
        return
    account = Account.objects.filter(borrower=order.case.borrower_id).order_by("-arrears_amount", "pk").first()
    if account is None:
        return
    PromiseToPay.objects.create(
        borrower_id=order.case.borrower_id,
        account=account,
        external_ref=f"visit:{order}",
        channel=Channel.VISIT,
        amount=report.promised_amount,
        promised_on=visited_on,
        due_on=report.promised_for,
        state=PromiseState.OPEN,
        created_at=at,
        updated_at=at,
    )
