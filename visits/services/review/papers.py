"""What the reviewer sees before the verdict: for each section whether it can be written, and its papers field by field, masked."""

from dataclasses import dataclass
from datetime import date

from cases.rules.plans.affordability import Means
from visits.models import DocumentSeen, VisitOrder, VisitReport
from visits.rules.report.admissible import Support
from visits.rules.report.consequences import supports
from visits.rules.report.documents import DocumentCheck
from visits.rules.report.paper_checks import Paper
from visits.selectors.paper_lines import PaperLine, paper_lines
from visits.selectors.papers import known_of, read_papers
from visits.services.review.consequences import accepted_report


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPaper:
    """One paper as pages show it. `checks` are those of the paper as a whole; the others stand in its lines."""

    document: DocumentSeen
    paper: Paper
    is_sound: bool
    lines: tuple[PaperLine, ...]
    checks: tuple[DocumentCheck, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPapers:
    """Whether the verdict of one section can be written, and the papers that were shown for it."""

    support: Support
    papers: tuple[ShownPaper, ...]
    confirmed_independently: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPapers:
    """The papers of a report by section, and what the sound ones among them say of income and expenses, in clear."""

    sections: dict[str, SectionPapers]
    means: Means


def report_papers(*, report: VisitReport, on: date) -> ReportPapers:
    """Return the papers of a report by section, judged on the day `on`, or as they were judged when it was accepted."""
    order = VisitOrder.objects.select_related("case__borrower__application", "address").get(pk=report.order_id)
    read, known = read_papers(report=report, order=order, on=on), known_of(order=order)
    accepted = accepted_report(order=order, report=report, on=on)
    shown = [
        ShownPaper(
            document=each.document,
            paper=each.paper,
            is_sound=each.is_sound,
            lines=paper_lines(read=each, known=known),
            checks=tuple(check for check in each.checks if not check.field),
        )
        for each in read.papers
    ]
    sections = {
        section: SectionPapers(
            support=found,
            papers=tuple(each for each in shown if each.paper.section == section),
            confirmed_independently=read.confirmed_independently,
        )
        for section, found in supports(report=accepted).items()
    }
    return ReportPapers(sections=sections, means=accepted.means)
