"""The papers of a report on its page: what the lender states, what the crew read, what the rules found; in clear for a purpose."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from backoffice.audit.forms import PurposeForm
from backoffice.audit.services import log_access
from backoffice.core.pages.buttons import Press, button
from backoffice.core.pages.cells import tones
from visits.admin.base import is_outside
from visits.enums import DocumentVerdict
from visits.models import DocumentSeen, VisitOrder, VisitReport
from visits.selectors.paper_lines import clear_lines
from visits.selectors.papers import read_papers
from visits.services.review.papers import section_papers

DOCUMENT_TONES = tones(
    DocumentVerdict,
    success=["GENUINE_SEEN", "CONSISTENT"],
    warning=["DOUBTFUL", "DIFFERENT", "OUT_OF_DATE"],
    info=["NOT_SHOWN", "UNREADABLE"],
)


def add_papers(*, sections: list[Any], report: VisitReport, user: Any, on: Any) -> None:
    """Set on each section the papers that were shown for it and, for the lender's own people, what they support."""
    found = section_papers(report=report, on=on)
    outside = is_outside(user)
    for section in sections:
        shown = found[section.section]
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
    order = VisitOrder.objects.select_related("case__borrower", "address").get(pk=report.order_id)
    read = [
        (each.document.get_kind_display(), each.paper.kind, clear_lines(read=each))
        for each in read_papers(report=report, order=order, on=press.business_date).papers
        if each.paper.values
    ]
    log_access(
        actor=press.actor,
        subject=report,
        fields=[f"{kind}.{line.name}" for _label, kind, lines in read for line in lines],
        at=press.at,
        **press.values,
    )
    return HttpResponse(render_to_string("admin/visits/papers.html", {"papers": read}, request=press.request))
