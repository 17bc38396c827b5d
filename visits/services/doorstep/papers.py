"""The papers of a report: their fields are read by the table, sealed, and checked; checked once more at the review."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import uuid4

from visits.models import DocumentSeen, ReportSection, VisitOrder, VisitReport
from visits.rules.report.draft import ReportProblem
from visits.rules.report.paper_checks import Paper, check_papers
from visits.rules.report.paper_values import read_fields, text_of
from visits.selectors.papers import known_of, read_papers, stored
from visits.services.doorstep.report_draft import Document, SectionDraft


def paper_problems(*, sections: Sequence[SectionDraft]) -> tuple[ReportProblem, ...]:
    """Return a problem for each value of a paper that does not fit its field, or whose field the paper does not have."""
    return tuple(
        ReportProblem(field=f"{section.section}.{document.kind}.{name}", code="PAPER_FIELD", message=words)
        for section in sections
        for document in section.documents
        for name, words in read_fields(kind=document.kind, given=document.fields).problems.items()
    )


def write_papers(
    *, order: VisitOrder, sections: Mapping[str, ReportSection], drafted: Sequence[SectionDraft], on: date
) -> None:
    """
    Write the papers of a report that was just handed in, with what the rules find on the day `on`, in the caller's transaction.

    `sections` are the rows of the report's sections, by section.
    """
    shown = [(section, document) for section in drafted for document in section.documents]
    if not shown:
        return
    papers = [_paper(section, document) for section, document in shown]
    found = check_papers(papers=papers, known=known_of(order=order), on=on)
    DocumentSeen.objects.bulk_create(
        [
            DocumentSeen(
                section=sections[section.section],
                kind=document.kind,
                verdict=document.verdict,
                checks=[dict(check) for check in document.checks],
                issuer=document.issuer,
                issued_on=document.issued_on,
                fields_ref=uuid4() if paper.values else None,
                fields=text_of(values=paper.values) if paper.values else None,
                computed=stored(checks=checks),
            )
            for (section, document), paper, checks in zip(shown, papers, found.checks, strict=True)
        ]
    )


def keep_review_checks(*, report: VisitReport, order: VisitOrder, on: date) -> None:
    """Keep what the rules find in the papers of an accepted report on the day `on`, in the caller's transaction."""
    rows = []
    for read in read_papers(report=report, order=order, on=on).papers:
        read.document.computed_at_review = stored(checks=read.checks)
        rows.append(read.document)
    DocumentSeen.objects.bulk_update(rows, ["computed_at_review"])


def _paper(section: SectionDraft, document: Document) -> Paper:
    values = read_fields(kind=document.kind, given=document.fields).values
    return Paper(section=section.section, kind=document.kind, verdict=document.verdict, values=values)
