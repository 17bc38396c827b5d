"""The papers of a report on its page: what the lender states, what the crew read, what the rules found; in clear for a purpose."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.audit.forms import PurposeForm
from backoffice.audit.services import log_access
from backoffice.core.pages.buttons import Press, button
from backoffice.core.pages.cells import tones
from cases.enums import Section
from visits.admin.base import is_outside
from visits.enums import DocumentVerdict
from visits.models import DocumentSeen, VisitOrder, VisitReport
from visits.selectors.paper_lines import clear_lines
from visits.selectors.papers import means_by, read_papers
from visits.selectors.shown_means import clear_means, masked_means
from visits.services.review.papers import report_papers

DOCUMENT_TONES = tones(
    DocumentVerdict,
    success=["GENUINE_SEEN", "CONSISTENT"],
    warning=["DOUBTFUL", "DIFFERENT", "OUT_OF_DATE"],
    info=["NOT_SHOWN", "UNREADABLE"],
)


def add_papers(*, sections: list[Any], report: VisitReport, user: Any, on: Any) -> None:
    """Set on each section the papers that were shown for it and, for the lender's own people, what they support."""
    found = report_papers(report=report, on=on)
    outside = is_outside(user)
    for section in sections:
        shown = found.sections[section.section]
        section.papers = [
            {
                "document": each.document,
                "tone": DOCUMENT_TONES[each.paper.verdict],
                "is_sound": each.is_sound,
                "checks": [(check.reason.label, DOCUMENT_TONES[check.verdict]) for check in each.checks],
                "lines": [
                    (line, [(check.reason.label, DOCUMENT_TONES[check.verdict]) for check in line.checks])
                    for line in each.lines
                ],
            }
            for each in shown.papers
        ]
        section.support = None if outside else shown.support
        # Expenses may be those that the borrower stated to the lender, which is nothing for an outside firm.
        shows_means = not outside and section.section == Section.CAPACITY
        section.means = masked_means(means=found.means) if shows_means else ()
        section.confirmed_independently = (
            not outside and section.section == "IDENTITY" and shown.confirmed_independently
        )


class PaperButtons:
    """What a reviewer reads from the papers of a report in clear."""

    @button(
        label=_("Read the papers"),
        permission="visits.review_visitorder",
        form=PurposeForm,
        icon="badge",
        text=_("Shown once. Who read it is kept in the access log."),
    )
    def read_papers(self, press: Press) -> HttpResponse:
        return papers_in_clear(press)


def has_values(report: VisitReport) -> bool:
    """Return whether anything was read from a paper of the report."""
    return DocumentSeen.objects.filter(section__report=report, fields__isnull=False).exists()


def papers_in_clear(press: Press) -> HttpResponse:
    """Return a page with what was read from the papers of a report; who saw which fields is logged first."""
    report = press.record
    order = VisitOrder.objects.select_related("case__borrower__application", "address").get(pk=report.order_id)
    papers = read_papers(report=report, order=order, on=press.business_date).papers
    read = [
        (each.document.get_kind_display(), each.paper.kind, clear_lines(read=each))
        for each in papers
        if each.paper.values
    ]
    means = clear_means(means=means_by(papers=papers, order=order), order=order)
    if means:
        read.append((gettext("Computed from sound papers"), "MEANS", means))
    log_access(
        actor=press.actor,
        subject=report,
        fields=[f"{kind}.{line.name}" for _label, kind, lines in read for line in lines],
        at=press.at,
        **press.values,
    )
    return HttpResponse(render_to_string("admin/visits/papers.html", {"papers": read}, request=press.request))
