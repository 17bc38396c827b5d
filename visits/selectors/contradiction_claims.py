"""Everything that sources say of one person, opened in memory: applications, papers, positions, verifications."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.timezone import localdate

from cases.enums import AddressKind, Section, Verdict
from cases.models import Address, Application, Borrower, VerifiedFact
from visits.contradiction_enums import Origin, Subject
from visits.enums import PersonMet, VisitState
from visits.models import CheckIn, DocumentSeen, VisitOrder, VisitReport
from visits.rules.contradictions.claims import (
    ALIVE,
    Claim,
    ShownPaper,
    Stated,
    claims_of_application,
    claims_of_papers,
    spouses,
)
from visits.rules.report.paper_checks import Paper
from visits.rules.report.paper_values import values_of

# A report counts as a source from when it is handed in until it is returned or discarded.
COUNTS: Final = (VisitState.REPORTED, VisitState.UNDER_REVIEW, VisitState.SECOND_REVIEW, VisitState.VERIFIED)
_VERDICTS: Final = {
    Section.IDENTITY: Subject.IDENTITY_VERDICT,
    Section.RESIDENCE: Subject.RESIDENCE_VERDICT,
    Section.CAPACITY: Subject.CAPACITY_VERDICT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirClaims:
    """All claims about one person, the names of their spouses, and the newest report that counts."""

    claims: tuple[Claim, ...]
    spouse_names: frozenset[str]
    report: VisitReport | None


def claims_of_person(*, borrower: Borrower, on: date) -> TheirClaims:
    """Return what all sources say of the person of a borrower on the day `on`, with ten queries at most."""
    people = list(Borrower.objects.of_person_of(borrower).order_by("pk"))
    reports = _reports(people)
    papers = _papers(reports)
    newest = reports[-1] if reports else None
    claims = [claim for stated in _stated(people) for claim in claims_of_application(stated=stated)]
    claims += claims_of_papers(papers=papers)
    claims += _earlier_verdicts(people, newest, on)
    if newest is not None:
        claims += _of_visit(newest)
    return TheirClaims(claims=tuple(claims), spouse_names=spouses(papers=papers), report=newest)


def _reports(people: list[Borrower]) -> list[VisitReport]:
    """Return the newest version of each report that counts, the newest last."""
    rows = (
        VisitReport.objects.filter(order__case__borrower__in=people, order__state__in=COUNTS)
        .select_related("order__address", "order__case__borrower")
        .order_by("order_id", "-version")
        .distinct("order_id")
    )
    return sorted(rows, key=lambda report: (report.submitted_at, report.pk))


def _papers(reports: list[VisitReport]) -> tuple[ShownPaper, ...]:
    days = {report.pk: localdate(report.submitted_at) for report in reports}
    rows = DocumentSeen.objects.filter(section__report__in=list(days), fields__isnull=False).select_related("section")
    return tuple(
        ShownPaper(
            ref=f"paper:{row.pk}",
            paper=Paper(
                section=row.section.section, kind=row.kind, verdict=row.verdict, values=values_of(text=row.fields)
            ),
            on=days[row.section.report_id],
        )
        for row in rows.order_by("pk")
    )


def _stated(people: list[Borrower]) -> list[Stated]:
    homes: dict[int, list[str]] = {person.pk: [] for person in people}
    registered: dict[int, list[str]] = {person.pk: [] for person in people}
    kept = {AddressKind.RESIDENCE: homes, AddressKind.REGISTER: registered}
    for address in Address.objects.filter(borrower__in=people, kind__in=list(kept)).order_by("pk"):
        kept[AddressKind(address.kind)][address.borrower_id].append(str(address.line))
    stated = {each.borrower_id: each for each in Application.objects.filter(borrower__in=people)}
    return [
        Stated(
            ref=f"borrower:{person.pk}",
            name=str(person.name),
            id_number=str(person.id_number),
            homes=tuple(homes[person.pk]),
            registered=tuple(registered[person.pk]),
            **_of_application(stated.get(person.pk)),
        )
        for person in people
    ]


def _of_application(application: Application | None) -> dict[str, Any]:
    if application is None:
        return {}
    return {
        "employer": str(application.employer),
        "monthly_income": application.income,
        "stated_on": application.stated_on,
    }


def _earlier_verdicts(people: list[Borrower], newest: VisitReport | None, on: date) -> list[Claim]:
    """Return the verdicts that still count, but for those of the newest report itself."""
    rows = VerifiedFact.objects.filter(
        verification__borrower__in=people, expires_on__gte=on, section__in=list(_VERDICTS)
    ).select_related("verification")
    if newest is not None:
        rows = rows.exclude(verification__source_ref=str(newest.order))
    places = _places_of_visits(people)
    return [
        Claim(
            subject=_VERDICTS[Section(fact.section)],
            source=Origin.EARLIER_VERIFICATION,
            ref=_verdict_ref(fact.verification, places),
            value=str(fact.verdict),
            on=fact.verification.verified_on,
            # Only a visit has an address: the residence that a desk check found is compared with no other.
            key=places.get(fact.verification.source_ref, ""),
        )
        for fact in rows.order_by("pk")
    ]


def _verdict_ref(verification: Any, places: dict[str, str]) -> str:
    """
    Return what names a verdict: for a visit the same as while its report was the newest, so that what is settled stays settled.
    """
    ref = verification.source_ref
    return f"visit:{ref}" if ref in places else f"verification:{verification.pk}"


def _places_of_visits(people: list[Borrower]) -> dict[str, str]:
    orders = VisitOrder.objects.filter(case__borrower__in=people, state=VisitState.VERIFIED)
    return {str(order): f"address:{order.address_id}" for order in orders.only("pk", "address_id")}


def _of_visit(report: VisitReport) -> list[Claim]:
    ref, on, order = f"visit:{report.order}", localdate(report.submitted_at), report.order
    claims = [
        Claim(
            subject=_VERDICTS[Section(each.section)],
            source=Origin.VISIT,
            ref=ref,
            value=str(each.verdict),
            on=on,
            key=f"address:{order.address_id}",
        )
        for each in report.sections.filter(section__in=list(_VERDICTS)).order_by("section")
    ]
    if report.person_met == PersonMet.BORROWER:
        claims.append(
            Claim(
                subject=Subject.LIFE,
                source=Origin.VISIT,
                ref=ref,
                value=ALIVE,
                on=on,
                key=str(order.case.borrower.name),
            )
        )
    lives_here = any(
        (each.subject, each.value) == (Subject.RESIDENCE_VERDICT, str(Verdict.CONFIRMED)) for each in claims
    )
    return claims + (_places(report, on) if lives_here else [])


def _places(report: VisitReport, on: date) -> list[Claim]:
    """Return where the address lies by its coordinates and where the crew found the borrower to live."""
    arrived = (
        CheckIn.objects.filter(order=report.order_id, moment=CheckIn.Moment.IN).order_by("happened_at", "pk").last()
    )
    address = report.order.address
    if arrived is None or address is None or not address.point:
        return []
    return [
        Claim(subject=Subject.PLACE, source=Origin.APPLICATION, ref=f"address:{address.pk}", value=str(address.point)),
        Claim(
            subject=Subject.PLACE,
            source=Origin.POSITION,
            ref=f"check-in:{arrived.pk}",
            value=str(arrived.point),
            amount=Decimal(str(round(arrived.accuracy_m or 0, 1))),
            on=on,
        ),
    ]
