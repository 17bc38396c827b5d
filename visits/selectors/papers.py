"""The papers of a report as the rules see them: opened in memory, compared with the borrower as the lender has them today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from cases.enums import IdDocument
from cases.rules.plans.affordability import Means
from cases.selectors.casework.applications import application_of
from visits.enums import DocumentVerdict, PaperReason
from visits.models import DocumentSeen, VisitOrder, VisitReport
from visits.rules.report.documents import DocumentCheck
from visits.rules.report.paper_checks import Known, Paper, check_papers, is_sound
from visits.rules.report.paper_means import means_of_papers
from visits.rules.report.paper_values import values_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPaper:
    """One paper with its values in clear, its checks, and whether it can establish anything. Not for pages as it is."""

    document: DocumentSeen
    section: str
    paper: Paper
    checks: tuple[DocumentCheck, ...]
    is_sound: bool

    @property
    def ref(self) -> str:
        """The reference under which a verified fact names the paper."""
        return f"paper:{self.document.pk}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPapers:
    """The papers of one report, in the order in which they were written, and whether an independent source confirms the identity."""

    papers: tuple[ReadPaper, ...]
    confirmed_independently: bool


def known_of(*, order: VisitOrder) -> Known:
    """Return the borrower of a visit as the lender has them now, in clear."""
    borrower = order.case.borrower
    application = application_of(borrower=borrower)
    return Known(
        name=str(borrower.name),
        id_number=str(borrower.id_number),
        address=str(order.address.line) if order.address_id is not None else "",
        employer="" if application is None else str(application.employer),
        is_resident=borrower.id_document in ("", IdDocument.RESIDENT_ID),
    )


def read_papers(*, report: VisitReport, order: VisitOrder, on: date) -> ReadPapers:
    """
    Return the papers of a report as they are judged on the day `on`; once it is accepted, as they were judged then.

    One query beside the order with its borrower, their application and the address.
    """
    rows = list(
        DocumentSeen.objects.filter(section__report=report).select_related("section").order_by("section__section", "pk")
    )
    if not rows:
        return ReadPapers(papers=(), confirmed_independently=False)
    papers = [
        Paper(section=row.section.section, kind=row.kind, verdict=row.verdict, values=values_of(text=row.fields))
        for row in rows
    ]
    found = check_papers(papers=papers, known=known_of(order=order), on=on)
    return ReadPapers(
        papers=tuple(
            _read(row, paper, _kept(row) or checks)
            for row, paper, checks in zip(rows, papers, found.checks, strict=True)
        ),
        confirmed_independently=found.confirmed_independently,
    )


def means_by(*, papers: Iterable[ReadPaper], order: VisitOrder) -> Means:
    """Return what the borrower of a visit earns and spends in a month, by the sound ones among papers and the application."""
    application = application_of(borrower=order.case.borrower)
    return means_of_papers(
        sound=[each.paper for each in papers if each.is_sound],
        stated_expenses=None if application is None else application.expenses,
    )


def _read(row: DocumentSeen, paper: Paper, checks: tuple[DocumentCheck, ...]) -> ReadPaper:
    return ReadPaper(
        document=row,
        section=paper.section,
        paper=paper,
        checks=checks,
        is_sound=is_sound(verdict=paper.verdict, checks=checks),
    )


def _kept(row: DocumentSeen) -> tuple[DocumentCheck, ...]:
    return checks_of(kept=row.computed_at_review or ())


def checks_of(*, kept: Sequence[dict[str, str]]) -> tuple[DocumentCheck, ...]:
    """Return checks as they were stored; see `stored`."""
    return tuple(
        DocumentCheck(field=each["field"], verdict=DocumentVerdict(each["verdict"]), reason=PaperReason(each["reason"]))
        for each in kept
    )


def stored(*, checks: Sequence[DocumentCheck]) -> list[dict[str, str]]:
    """Return checks as a row keeps them: codes only, no values."""
    return [{"field": each.field, "verdict": each.verdict.value, "reason": each.reason.value} for each in checks]
