"""Answers to letters: what borrowers sent through the page of their letter, and the button of who looked at it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.files import File
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from backoffice.access.filters import territory_filter
from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import log_access
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.buttons import PRIMARY, ButtonForm, Press, button
from backoffice.core.pages.cells import EMPTY, chip, linked, named, tones
from backoffice.core.pages.private import download, preview
from visits.admin.base import VisitsAdmin
from visits.enums import AnswerOutcome, EvidenceState, LetterAnswerKind, LetterProof
from visits.models import LetterAnswer
from visits.selectors.wishes import Wish
from visits.services.answers.handling import LONGEST_DONE, handle_answer
from visits.services.answers.papers import open_paper, open_paper_preview

KIND_TONES = tones(LetterAnswerKind, warning=["DECLINE", "COMPLAINT"])
PROOF_TONES = tones(LetterProof, success=["RIGHT"], warning=["WRONG", "LOCKED"])
OUTCOME_TONES = tones(AnswerOutcome, success=["CONFIRMED"])
HANDLE = "visits.handle_letteranswer"


def wish_text(answer: LetterAnswer | Wish) -> str:
    """Return the time that somebody asked for in the office's time zone, the word for video, or a dash."""
    if answer.by_video:
        return str(_("by video"))
    if answer.wished_from is None or answer.wished_until is None:
        return EMPTY
    opens, closes = timezone.localtime(answer.wished_from), timezone.localtime(answer.wished_until)
    return f"{date_format(opens, 'SHORT_DATE_FORMAT')} {opens:%H:%M}–{closes:%H:%M}"


class HandleForm(ButtonForm):
    """What somebody found about an answer, and what they did."""

    outcome = forms.ChoiceField(
        label=_("What you found"), choices=AnswerOutcome.choices, widget=UnfoldAdminSelectWidget
    )
    done = forms.CharField(
        label=_("What was done"), max_length=LONGEST_DONE, widget=UnfoldAdminTextareaWidget({"rows": 4})
    )


class OpenFilter(DropdownFilter):
    """Answers that wait for somebody."""

    title = _("handled")
    parameter_name = "handled"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("Not yet")), ("yes", _("Handled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("no", "yes"):
            return queryset.filter(handled_at__isnull=self.value() == "no")
        return queryset


class LetterAnswerInline(ScopedInline):
    """The answers to the letters of one visit, with the time that was asked for."""

    model = LetterAnswer
    ordering = ("pk",)
    show_change_link = True
    fields = ("kind", "proof", "wish", "received_at", "handled_at", "outcome")

    @admin.display(description=_("asked for"))
    def wish(self, answer: LetterAnswer) -> str:
        return wish_text(answer)


@admin.register(LetterAnswer)
class LetterAnswerAdmin(VisitsAdmin):
    """One answer. Without proof it is a claim: call the borrower before you confirm it."""

    borrower_path = "order__case__borrower"
    order_path = "order"
    list_display = (
        "__str__",
        "kind_chip",
        "proof_chip",
        "order_link",
        "case_link",
        "borrower_link",
        "territory",
        "wish",
        "holds",
        "received_at",
        "handled_at",
    )
    list_select_related = ("order__case__borrower", "order__case__territory")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("proof", ChoicesDropdownFilter),
        OpenFilter,
        territory_filter("order__case__territory"),
    )
    link_lookups = ("handled_at__isnull",)
    empty_hint = _("Nobody has answered a letter. Answers come in through the page that the letter's code leads to.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("kind_chip", "proof_chip"),
                    ("case_link", "borrower_link"),
                    ("order_link", "territory"),
                    ("received_at", "is_late"),
                    ("wish", "holds"),
                    "said",
                    "complaint_link",
                )
            },
        ),
        (_("Paper"), {"fields": (("paper_kind", "paper_state"), "picture", "paper_link")}),
        (_("Handled"), {"fields": (("outcome_chip", "handled"), "handled_at", "done_text")}),
    )
    handled = named("handled_by", _("handled by"))
    actions_detail = ("handle",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def order_of(self, record: Any) -> Any:
        return record.order

    @admin.display(description=_("answer"))
    def kind_chip(self, answer: LetterAnswer) -> Any:
        return chip(answer, "kind", KIND_TONES)

    @admin.display(description=_("proof"))
    def proof_chip(self, answer: LetterAnswer) -> Any:
        return chip(answer, "proof", PROOF_TONES)

    @admin.display(description=_("found"))
    def outcome_chip(self, answer: LetterAnswer) -> Any:
        return chip(answer, "outcome", OUTCOME_TONES)

    @admin.display(description=_("visit order"))
    def order_link(self, answer: LetterAnswer) -> Any:
        return linked(answer.order)

    @admin.display(description=_("asked for"))
    def wish(self, answer: LetterAnswer) -> str:
        return wish_text(answer)

    @admin.display(description=_("complaint"))
    def complaint_link(self, answer: LetterAnswer) -> Any:
        return linked(answer.complaint)

    # What people typed may name others: in clear for those who act on it.
    @admin.display(description=_("what they write"))
    def said(self, answer: LetterAnswer) -> str:
        return answer.text or EMPTY

    @admin.display(description=_("what was done"))
    def done_text(self, answer: LetterAnswer) -> str:
        return answer.done or EMPTY

    @admin.display(description=_("picture"))
    def picture(self, answer: LetterAnswer) -> Any:
        if answer.paper_state != EvidenceState.READ:
            return EMPTY
        address = reverse("admin:visits_letteranswer_preview", args=[answer.pk])
        return format_html('<img src="{}" alt="" style="max-height:24rem">', address)

    @admin.display(description=_("file"))
    def paper_link(self, answer: LetterAnswer) -> Any:
        if not answer.paper:
            return EMPTY
        address = reverse("admin:visits_letteranswer_file", args=[answer.pk])
        return format_html('<a href="{}" class="text-link">{}</a>', address, _("Save the original"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.has_perm(HANDLE):
            return fieldsets
        hidden = {"said", "done_text", "picture", "paper_link"}
        return [
            (title, options | {"fields": tuple(field for field in options["fields"] if field not in hidden)})
            for title, options in fieldsets
        ]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        actions = super().get_actions_detail(request, object_id)
        answer = self.get_object(request, str(object_id))
        return actions if answer is not None and answer.handled_at is None else []

    @button(
        label=_("Handled"),
        permission=HANDLE,
        form=HandleForm,
        icon="task_alt",
        variant=PRIMARY,
        text=_(
            "An answer without proof may be anybody's: call the borrower first. If it holds, what it asks for is done; if "
            "not, a visit may be planned again."
        ),
        done=_("The answer is handled."),
    )
    def handle(self, press: Press) -> None:
        handle_answer(answer=press.record, **press.values, actor=press.actor, at=press.at)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/preview/", wrap(self.preview_view), name="visits_letteranswer_preview"),
            path("<int:object_id>/file/", wrap(self.file_view), name="visits_letteranswer_file"),
            *super().get_urls(),
        ]

    def _with_paper(self, request: HttpRequest, object_id: int) -> LetterAnswer:
        answer = self.get_object(request, str(object_id))
        if answer is None or not answer.paper or not request.user.has_perm(HANDLE):
            raise Http404
        return answer  # type: ignore[no-any-return]

    def preview_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show a small picture from the copy that a worker drew; the original is never decoded here."""
        answer = self._with_paper(request, object_id)
        if answer.paper_state != EvidenceState.READ:
            raise Http404
        try:
            opened = open_paper_preview(answer=answer)
        except DoorstepError as error:
            raise Http404 from error
        log_access(
            actor=request.user,
            subject=answer,
            fields=["paper"],
            purpose=AccessPurpose.VERIFICATION,
            at=timezone.now(),
        )
        return preview(file=File(opened, name="kept"), media_type="image/jpeg")

    def file_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Hand out the original, to be saved and never shown; who took it is logged first."""
        answer, at = self._with_paper(request, object_id), timezone.now()
        name = f"{answer}.{str(answer.paper.name).rpartition('.')[2]}"
        try:
            opened = open_paper(answer=answer)
        except DoorstepError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.page_of(answer))
        log_access(actor=request.user, subject=answer, fields=["paper"], purpose=AccessPurpose.VERIFICATION, at=at)
        return download(file=File(opened, name="kept"), name=name, media_type="application/octet-stream")
