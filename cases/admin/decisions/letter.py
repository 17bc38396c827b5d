"""Letters to borrowers about decisions: what they say, as PDF in both languages, and how they arrived."""

from io import BytesIO
from typing import Any

from django import forms
from django.contrib import admin
from django.core.files import File
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.access.filters import territory_filter
from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.buttons import SUCCESS, ButtonForm, Press, button, moment_input
from backoffice.core.pages.cells import EMPTY, chip, lines, linked, tones
from backoffice.core.pages.private import download
from cases.admin.base import CasesAdmin
from cases.enums import LetterChannel, LetterKind, LetterReport, LetterState
from cases.models import Decision, DecisionLetter, LetterDelivery
from cases.rules.letters.bank import LANGUAGES
from cases.selectors.casework.letters import (
    RELATED,
    UNDELIVERED_DAYS,
    check_code,
    file_name,
    latest_letter,
    letter_pdf,
    letter_text,
    undelivered,
)
from cases.services.decisions.letter_deliveries import report_delivery

KIND_TONES = tones(
    LetterKind,
    success=["GRANTED", "RESUMED", "AGREED", "FULFILLED", "EARNED"],
    danger=["TAKEN"],
    warning=["SUSPENDED", "BROKEN", "LAPSED", "UNPAID", "REOPENED"],
)
STATE_TONES = tones(LetterState, info=["DELIVERED"], success=["OPENED"], warning=["WAITING"], danger=["RETURNED"])
PAPERS = {"zh-hans": _("PDF in Chinese"), "en": _("PDF in English")}


def letter_said(letter: DecisionLetter | None) -> SafeString | str:
    """Return what a letter says in the reader's language, line by line as it is printed; a dash where there is none."""
    if letter is None:
        return EMPTY
    # An empty line keeps its height.
    return lines(line or "\N{NO-BREAK SPACE}" for line in letter_text(letter=letter).splitlines())


def letter_papers(letter: DecisionLetter | None) -> SafeString | str:
    """Return the links under which a letter is saved as PDF, one for each language; a dash where there is no letter."""
    if letter is None:
        return EMPTY
    return format_html_join(
        " · ",
        '<a href="{}" class="text-link">{}</a>',
        ((reverse("admin:cases_decisionletter_pdf", args=[letter.pk, code]), word) for code, word in PAPERS.items()),
    )


class UndeliveredFilter(DropdownFilter):
    """Letters that need somebody: they came back, or nobody has reported them for days."""

    title = _("arrival")
    parameter_name = "arrival"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        words = _("Came back, or not delivered for {days} days")
        return [("late", words.format(days=UNDELIVERED_DAYS))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return undelivered(queryset, business_date=timezone.localdate()) if self.value() == "late" else queryset


class ReportForm(ButtonForm):
    """What became of a letter, by which way, and when."""

    report = forms.ChoiceField(label=_("Report"), choices=LetterReport.choices, widget=UnfoldAdminSelectWidget)
    channel = forms.ChoiceField(
        label=_("Channel"), choices=LetterChannel.choices, initial=LetterChannel.POST, widget=UnfoldAdminSelectWidget
    )
    happened_at = forms.DateTimeField(label=_("When"), widget=moment_input())


class LetterDeliveryInline(ScopedInline):
    model = LetterDelivery
    fields = ("report", "channel", "happened_at", "reporter", "created_at")
    ordering = ("happened_at", "pk")
    readonly_fields = ("reporter",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("reported_by")

    @admin.display(description=_("reported by"))
    def reporter(self, delivery: LetterDelivery) -> str:
        return str(delivery.reported_by)


class DecisionLetterInline(ScopedInline):
    model = DecisionLetter
    fields = ("kind", "happened_on", "state", "created_at")
    show_change_link = True


@admin.register(DecisionLetter)
class DecisionLetterAdmin(CasesAdmin):
    """One letter about one decision."""

    borrower_path = "decision__borrower"
    reference_path = "decision__account__external_ref"
    number_prefix = "H"
    list_display = ("__str__", "kind_chip", "borrower_masked", "decision", "happened_on", "state_chip", "created_at")
    list_select_related = ("decision__borrower",)
    list_filter = (
        UndeliveredFilter,
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        territory_filter("decision__account__territory"),
    )
    empty_hint = _("A letter is written when a decision begins to count and when it ends.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("kind_chip", "state_chip"),
                    ("borrower_masked", "decision_link"),
                    ("happened_on", "created_at"),
                    ("papers", "check_code"),
                )
            },
        ),
        (_("What the letter says"), {"fields": ("said",)}),
    )
    inlines = (LetterDeliveryInline,)
    actions_detail = ("report",)

    def get_urls(self) -> list[URLPattern]:
        pdf = path(
            "<int:object_id>/pdf/<str:language>/",
            self.admin_site.admin_view(self.pdf_view),
            name="cases_decisionletter_pdf",
        )
        return [pdf, *super().get_urls()]

    def pdf_view(self, request: HttpRequest, object_id: int, language: str) -> HttpResponseBase:
        """Hand out a letter as PDF in a language. It names the borrower masked, so no reveal is logged."""
        letter = self.get_object(request, str(object_id))
        if letter is None or language not in LANGUAGES or not self.has_view_permission(request, letter):
            raise Http404
        content = letter_pdf(letter=letter, language=language)
        name = file_name(letter=letter, language=language)
        return download(file=File(BytesIO(content), name=name), name=name, media_type="application/pdf")

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        letter = super().get_object(request, object_id, from_field)
        return letter and DecisionLetter.objects.select_related(*RELATED).get(pk=letter.pk)

    @admin.display(description=_("kind"), ordering="kind")
    def kind_chip(self, letter: DecisionLetter) -> Any:
        return chip(letter, "kind", KIND_TONES)

    @admin.display(description=_("state"), ordering="state")
    def state_chip(self, letter: DecisionLetter) -> Any:
        return chip(letter, "state", STATE_TONES)

    @admin.display(description=_("borrower"))
    def borrower_masked(self, letter: DecisionLetter) -> Any:
        borrower = letter.decision.borrower
        return linked(borrower, borrower.masked_name or borrower.external_ref)

    @admin.display(description=_("decision"))
    def decision_link(self, letter: DecisionLetter) -> Any:
        return linked(letter.decision)

    @admin.display(description=_("to be saved"))
    def papers(self, letter: DecisionLetter) -> Any:
        return letter_papers(letter)

    @admin.display(description=_("check code"))
    def check_code(self, letter: DecisionLetter) -> str:
        return check_code(letter)

    @admin.display(description=_("text"))
    def said(self, letter: DecisionLetter) -> Any:
        return letter_said(letter)

    @button(
        label=_("Report arrival"),
        permission="cases.report_letterdelivery",
        form=ReportForm,
        icon="mark_email_read",
        variant=SUCCESS,
        text=_("What was seen of a letter that went by post or by hand. Programs report their own."),
        done=_("The report is kept."),
    )
    def report(self, press: Press) -> None:
        report_delivery(letter=press.record, actor=press.actor, at=press.at, **press.values)


class DecisionLetters:
    """The newest letter of a decision on the decision's own page."""

    @admin.display(description=_("newest letter"))
    def letter_said(self, decision: Decision) -> Any:
        return letter_said(self._newest(decision))

    @admin.display(description=_("to be saved"))
    def letter_papers(self, decision: Decision) -> Any:
        return letter_papers(self._newest(decision))

    @admin.display(description=_("arrival"))
    def letter_arrival(self, decision: Decision) -> Any:
        letter = self._newest(decision)
        return EMPTY if letter is None else chip(letter, "state", STATE_TONES)

    def _newest(self, decision: Decision) -> DecisionLetter | None:
        """Return the newest letter; several fields of one page read it once."""
        if not hasattr(decision, "newest_letter"):
            decision.newest_letter = latest_letter(decision=decision)  # type: ignore[attr-defined]
        return decision.newest_letter  # type: ignore[attr-defined, no-any-return]
