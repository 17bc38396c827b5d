"""What an accepted report changes in the case: read as one value, written once."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.timezone import localdate

from cases.enums import Channel, ContactSourceKind, FlagSource, PromiseState, VerificationSource
from cases.models import Account, Address, PromiseToPay
from cases.services.casework.circumstances import protect
from cases.services.casework.contacts import write_contact
from cases.services.casework.verification import FactInput, record_verification
from cases.services.casework.visiting import end_visits
from cases.services.contacts.sources import source_of
from cases.services.contacts.visits import permit_of_visit
from visits.enums import AddressVerdict, EvidenceState, Finding, PersonMet
from visits.models import CheckIn, Evidence, VisitOrder, VisitReport
from visits.rules.report.admissible import PaperProof
from visits.rules.report.consequences import (
    AcceptedReport,
    EvidenceTrust,
    Observation,
    Promise,
    ReportConsequences,
    report_consequences,
)
from visits.selectors.agreeing_papers import agreeing_kinds
from visits.selectors.papers import means_by, read_papers
from visits.services.orders.conduct_guard import local_date


def read_consequences(*, order: VisitOrder, report: VisitReport, on: date) -> ReportConsequences | None:
    """
    Return what an accepted report of the order changes in its case, its papers judged on the day `on`.

    None if the crew turned back (F41).
    """
    return report_consequences(report=accepted_report(order=order, report=report, on=on))


def accepted_report(*, order: VisitOrder, report: VisitReport, on: date) -> AcceptedReport:
    """Return what a report says, as far as the case depends on it, its papers judged on the day `on`."""
    promise = None
    if report.promised_amount is not None and report.promised_for is not None:
        promise = Promise(amount=report.promised_amount, due_on=report.promised_for)
    papers = read_papers(report=report, order=order, on=on).papers
    return AcceptedReport(
        findings=tuple(Finding(each) for each in report.findings),
        person_met=PersonMet(report.person_met),
        address_verdict=AddressVerdict(report.address_verdict),
        visited_at=_visited_at(order=order, report=report),
        observations=tuple(
            Observation(section=each.section, verdict=each.verdict, confidence=each.confidence)
            for each in report.sections.order_by("section")
        ),
        # Files of every version of the report count: a returned report keeps its evidence.
        evidence=tuple(
            EvidenceTrust(ref=each.external_ref, section=each.section, score=each.trust_score, kind=each.kind)
            for each in Evidence.objects.filter(report__order=order).exclude(state=EvidenceState.LOCKED).order_by("pk")
        ),
        papers=tuple(
            PaperProof(ref=each.ref, section=each.section, kind=each.paper.kind, is_sound=each.is_sound)
            for each in papers
        ),
        has_statement=bool(str(report.statement).strip()),
        is_recorded=report.recording_consent,
        promise=promise,
        means=means_by(papers=papers, order=order),
        papers_agree=agreeing_kinds(borrower=order.case.borrower, papers=papers, on=localdate(report.submitted_at)),
    )


def apply_consequences(
    *, order: VisitOrder, found: ReportConsequences | None, fee: Decimal, actor: Any, at: datetime
) -> None:
    """
    Write contact, promise, address, circumstances and verification of an accepted report, in the caller's transaction.

    `fee` is the visit's cost in the price card's currency, kept with the contact. With None as `found` the case goes
    back into work.

    :raises StateConflict: if the contact or the verification of this visit is recorded already.
    """
    if found is None:
        end_visits(orders={order.case_id: str(order)}, outcome=order.state, actor=actor, at=at)
        return
    borrower, visited_on = order.case.borrower, local_date(found.visited_at)
    write_contact(
        borrower=borrower,
        channel=Channel.VISIT,
        outcome=found.outcome,
        actor=actor,
        at=at,
        attempted_at=found.visited_at,
        receipt=True,
        external_ref=f"visit:{order}",
        cost=fee,
        permit_ref=permit_of_visit(visit=str(order)),
        source=source_of(kind=ContactSourceKind.VISIT, name=_agency_of(order), at=at),
    )
    if found.promise is not None:
        _write_promise(order=order, found=found, promise=found.promise, at=at)
    if found.address is not None:
        Address.objects.filter(pk=order.address_id).update(
            verdict=found.address, last_verified_on=visited_on, updated_at=at
        )
    for kind in found.flags:
        protect(borrower=borrower, kind=kind, source=FlagSource.VISIT, source_ref=str(order), actor=actor, at=at)
    record_verification(
        case=order.case,
        source=VerificationSource.VISIT,
        source_ref=str(order),
        findings=[finding.value for finding in found.findings],
        facts=[
            FactInput(section=fact.section, verdict=fact.verdict, confidence=fact.confidence, evidence=fact.evidence)
            for fact in found.facts
        ],
        right_party_met=found.right_party_met,
        cooperative=found.cooperative,
        verified_on=visited_on,
        means=found.means,
        papers_agree=found.papers_agree,
        actor=actor,
        at=at,
    )


def _agency_of(order: VisitOrder) -> str:
    return "" if order.placement is None else str(order.placement.agency.code)


def _visited_at(*, order: VisitOrder, report: VisitReport) -> datetime:
    if report.contact_started_at is not None:
        return report.contact_started_at
    arrived = CheckIn.objects.filter(order=order, moment=CheckIn.Moment.IN).order_by("-happened_at").first()
    return arrived.happened_at if arrived is not None else report.submitted_at


def _write_promise(*, order: VisitOrder, found: ReportConsequences, promise: Promise, at: datetime) -> None:
    """Record the promise for the account of the borrower with the most arrears; without an account for none."""
    account = Account.objects.filter(borrower=order.case.borrower_id).order_by("-arrears_amount", "pk").first()
    if account is not None:
        PromiseToPay.objects.create(
            borrower_id=order.case.borrower_id,
            account=account,
            external_ref=f"visit:{order}",
            channel=Channel.VISIT,
            amount=promise.amount,
            promised_on=local_date(found.visited_at),
            due_on=promise.due_on,
            state=PromiseState.OPEN,
            created_at=at,
            updated_at=at,
        )
