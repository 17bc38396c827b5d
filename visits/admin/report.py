"""Visit reports: what was found, section by section, with evidence; and the reviewer's buttons."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.access.filters import territory_filter
from backoffice.audit.forms import PurposeForm
from backoffice.audit.services import log_access
from backoffice.core.pages.buttons import DANGER, SUCCESS, WARNING, ButtonForm, Press, button
from backoffice.core.pages.cells import EMPTY, chip, linked, money, named, tones, words
from cases.enums import Section, Verdict, WordMark
from visits.admin.base import VisitsAdmin, is_outside
from visits.admin.contradiction_card import contradictions_card
from visits.admin.evidence import EVIDENCE_TONES, preview_address, signal_sentences, trust_label
from visits.admin.order import STATE_TONES
from visits.admin.report_papers import PaperButtons, add_papers, has_values
from visits.admin.report_trust_words import reason_sentences, trust_chip
from visits.admin.second_review import SECOND_BUTTONS, SecondReviewButtons
from visits.enums import Finding, PersonMet, ReviewVerdict, VisitState
from visits.models import CheckIn, Evidence, ReportSection, VisitReport
from visits.services.doorstep.report_words import original_texts
from visits.services.review import review

VERDICT_TONES = tones(
    Verdict,
    success=["CONFIRMED", "ABLE"],
    info=["PARTLY_ABLE", "TEMPORARY", "FORCE_MAJEURE"],
    warning=["DOUBTFUL", "UNABLE"],
    danger=["REFUTED", "WILFUL"],
)
REVIEW_TONES = tones(
    ReviewVerdict, success=[ReviewVerdict.ACCEPTED], warning=[ReviewVerdict.RETURNED], danger=[ReviewVerdict.RED_LINE]
)
IN_REVIEW = frozenset({VisitState.REPORTED, VisitState.UNDER_REVIEW})


class ReviewForm(ButtonForm):
    """How good the report is, and a word to the crew."""

    quality_score = forms.IntegerField(
        label=_("Quality, 0 to 100"), min_value=0, max_value=100, widget=UnfoldAdminTextInputWidget({"type": "number"})
    )
    note = forms.CharField(label=_("Note"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}))


@admin.register(VisitReport)
class VisitReportAdmin(SecondReviewButtons, PaperButtons, VisitsAdmin):
    """One crew's account of one visit."""

    order_path = "order"
    borrower_path = "order__case__borrower"
    reference_path = "external_ref"
    list_display = (
        "external_ref",
        "order_link",
        "case_link",
        "borrower_masked",
        "territory",
        "found",
        "person_met",
        "order_state",
        "trusted",
        "reviewed",
        "submitted_at",
    )
    list_select_related = ("order__case__borrower", "order__case__territory", "review", "trust")
    list_filter = (
        ("trust__level", ChoicesDropdownFilter),
        ("order__state", ChoicesDropdownFilter),
        ("recommendation", ChoicesDropdownFilter),
        territory_filter("order__case__territory"),
    )
    empty_hint = _("Reports come in from the crews' devices when a visit ends.")
    change_form_outer_before_template = "admin/visits/report_page.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("order_link", "version"),
                    ("case_link", "borrower_link"),
                    ("person_met", "disclosure"),
                    ("identity_factors", "address_verdict"),
                    ("entered_home", "entry_consent_ref"),
                    ("recording_consent", "incident"),
                    ("observations", "recommendation"),
                    ("promised", "promised_for"),
                    ("contact_started_at", "contact_ended_at"),
                    ("attested_by_lead", "attested_by_second"),
                    ("submitted", "submitted_at"),
                )
            },
        ),
    )
    submitted = named("submitted_by", _("submitted by"))
    inside_only = ("case_link", "borrower_link", "territory", "trusted")
    actions_detail = (
        "begin_review",
        "accept_report",
        "return_report",
        "red_line",
        *SECOND_BUTTONS,
        "read_statement",
        "read_papers",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Return the buttons that the order's state allows: the report has none of its own."""
        actions = super().get_actions_detail(request, object_id)
        report = self.get_object(request, str(object_id))
        if report is None:
            return []
        newest = not VisitReport.objects.filter(order_id=report.order_id, version__gt=report.version).exists()
        allowed = {"read_statement", "read_papers"} if has_values(report) else {"read_statement"}
        if newest and report.order.state == VisitState.REPORTED:
            allowed.add("begin_review")
        if newest and report.order.state in IN_REVIEW:
            allowed |= {"accept_report", "return_report", "red_line"}
        if newest and report.order.state == VisitState.SECOND_REVIEW:
            allowed |= set(SECOND_BUTTONS)
        return [action for action in actions if action.path in allowed]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add sections, evidence and check-ins to the page."""
        report = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if report is not None and self.has_view_permission(request, report):
            context |= {
                "page": report_page(report=report, user=request.user, on=localdate()),
                "is_outside": is_outside(request.user),
                "contradictions": contradictions_card(request=request, borrower=report.order.case.borrower),
            }
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    def order_of(self, record: Any) -> Any:
        return record.order

    @admin.display(description=_("visit order"))
    def order_link(self, report: VisitReport) -> Any:
        return linked(report.order)

    @admin.display(description=_("findings"))
    def found(self, report: VisitReport) -> str:
        return words(report.findings, Finding)

    @admin.display(description=_("state"))
    def order_state(self, report: VisitReport) -> Any:
        return chip(report.order, "state", STATE_TONES)

    @admin.display(description=_("trust"))
    def trusted(self, report: VisitReport) -> Any:
        return trust_chip(report)

    @admin.display(description=_("review"))
    def reviewed(self, report: VisitReport) -> Any:
        verdict = getattr(report, "review", None)
        return chip(verdict, "verdict", REVIEW_TONES) if verdict else EMPTY

    @admin.display(description=_("promised amount"))
    def promised(self, report: VisitReport) -> str:
        return money(report.promised_amount)

    @button(
        label=_("Begin review"),
        permission="visits.review_visitorder",
        icon="rate_review",
        done=_("The report is yours to review."),
    )
    def begin_review(self, press: Press) -> None:
        review.begin_review(order=press.record.order, actor=press.actor, at=press.at)

    @button(
        label=_("Accept report"),
        permission="visits.review_visitorder",
        form=ReviewForm,
        icon="check",
        variant=SUCCESS,
        text=_(
            "What the report establishes is recorded on the case, and decisions that follow are proposed. Where there are "
            "reasons to check, that waits for a second reviewer and the borrower is called back."
        ),
        done=_("The report is accepted, or waits for a second reviewer where there are reasons to check it."),
    )
    def accept_report(self, press: Press) -> None:
        review.review_report(
            report=press.record, verdict=ReviewVerdict.ACCEPTED, actor=press.actor, at=press.at, **press.values
        )

    @button(
        label=_("Return report"),
        permission="visits.review_visitorder",
        form=ReviewForm,
        icon="undo",
        variant=WARNING,
        text=_("The crew hands in another version; this one stays."),
        done=_("The report is returned."),
    )
    def return_report(self, press: Press) -> None:
        review.review_report(
            report=press.record, verdict=ReviewVerdict.RETURNED, actor=press.actor, at=press.at, **press.values
        )

    @button(
        label=_("Red line crossed"),
        permission="visits.review_visitorder",
        form=ReviewForm,
        icon="report",
        variant=DANGER,
        text=_(
            "A rule that must never be broken was broken. Nothing of this report counts; the agency answers for it."
        ),
        done=_("The red line is recorded."),
    )
    def red_line(self, press: Press) -> None:
        review.review_report(
            report=press.record, verdict=ReviewVerdict.RED_LINE, actor=press.actor, at=press.at, **press.values
        )

    @button(
        label=_("Read what was said"),
        permission="visits.review_visitorder",
        form=PurposeForm,
        icon="visibility",
        text=_("Shown once. Who read it is kept in the access log."),
    )
    def read_statement(self, press: Press) -> HttpResponse:
        originals = original_texts(sealed=press.record.marked_texts)
        fields = ["statement", "marked_texts"] if originals else ["statement"]
        log_access(actor=press.actor, subject=press.record, fields=fields, at=press.at, **press.values)
        context = {
            "statement": press.record.statement,
            "originals": [(field_words(field), text) for field, text in originals.items()],
        }
        return HttpResponse(render_to_string("admin/visits/statement.html", context, request=press.request))


def field_words(field: str) -> str:
    """Return what a text of a report is called: a field of it, or the note or an issuer of one of its sections."""
    name, _blank, section = field.partition(" ")
    if section:
        part = _("note") if name == "note" else _("issuer")
        return f"{Section(section).label}: {part}"
    return str(getattr(VisitReport._meta.get_field(name), "verbose_name", name))


def mark_sentences(report: VisitReport) -> list[str]:
    """Return what each text of a report was found to hold, in words."""
    return [
        f"{capfirst(field_words(field))}: " + ", ".join(f"{WordMark(mark).label} ({n})" for mark, n in found.items())
        for field, found in report.text_marks.items()
    ]


def report_page(*, report: VisitReport, user: Any, on: date) -> dict[str, Any]:
    """Return what the page of a report shows beside its fields; its papers are judged on the day `on`."""
    sections: list[Any] = list(ReportSection.objects.visible_to(user).filter(report=report).order_by("pk"))
    add_papers(sections=sections, report=report, user=user, on=on)
    for section in sections:
        section.tone = VERDICT_TONES[section.verdict]
    gallery: list[Any] = list(Evidence.objects.visible_to(user).filter(report=report).order_by("taken_at", "pk"))
    for evidence in gallery:
        evidence.trust, evidence.preview = trust_label(evidence), preview_address(evidence)
        evidence.state_chip = chip(evidence, "state", EVIDENCE_TONES)
        evidence.sentences = signal_sentences(evidence)
    check_ins = CheckIn.objects.visible_to(user).filter(order_id=report.order_id).select_related("member")
    reviewed = getattr(report, "review", None)
    trust = None if is_outside(user) else getattr(report, "trust", None)
    return {
        "trust": trust,
        "trust_chip": trust_chip(report),
        "trust_reasons": reason_sentences(trust),
        "second": getattr(reviewed, "second", None),
        "findings": [(code, words([code], Finding)) for code in report.findings],
        "met": words([report.person_met], PersonMet),
        "sections": sections,
        "evidence": gallery,
        "check_ins": list(check_ins.order_by("happened_at", "pk")),
        "review": reviewed,
        "review_tone": REVIEW_TONES[reviewed.verdict] if reviewed else "",
        "marks": mark_sentences(report),
        "none": EMPTY,
    }
