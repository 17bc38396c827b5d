"""Complaints, disputes and appeals: received by one person, answered by another within 15 days."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanWidget

from backoffice.access.filters import territory_filter
from backoffice.core.pages.buttons import SUCCESS, WARNING, ButtonForm, Press, ReasonForm, button, to_page
from backoffice.core.pages.cells import EMPTY, chip, linked, named, tones
from cases.admin.base import CasesAdmin
from cases.admin.decisions.letter import letter_said
from cases.enums import ComplaintKind, ComplaintState
from cases.models import Complaint
from cases.rules.complaint_lifecycle import COMPLAINT, UNANSWERED
from cases.selectors.casework.letters import explanation_start, latest_letter
from cases.services.decisions import complaint_extension, complaint_reopening, complaints

KIND_TONES = tones(ComplaintKind, warning=["DISPUTE", "APPEAL"])
STATE_TONES = tones(ComplaintState, primary=["RECEIVED"], info=["ACKNOWLEDGED"], success=["UPHELD"])


class AnswerForm(ButtonForm):
    """The answer that the borrower receives."""

    answer = forms.CharField(label=_("Answer"), max_length=500, widget=UnfoldAdminTextareaWidget({"rows": 5}))
    quotes_only = forms.BooleanField(
        label=_("Threats, claims or numbers in the answer only quote the complaint"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("Without this, an answer with words such as court or police is refused."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record is not None and self.record.kind == ComplaintKind.EXPLANATION:
            # A start to be completed: what the decision's own letter said.
            start = explanation_start(decision=self.record.decision, most=complaints.LONGEST_ANSWER)
            self.fields["answer"].initial = start


class ReopenForm(ButtonForm):
    """What the borrower says of the answer."""

    subject = forms.CharField(
        label=_("What the borrower says"),
        max_length=complaints.LONGEST_SUBJECT,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("Kept sealed."),
    )


class AnswerDueFilter(DropdownFilter):
    """Complaints without an answer, and those past their deadline."""

    title = _("answer")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Unanswered")), ("late", _("Past its deadline"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "late":
            return queryset.filter(answered_at__isnull=True, answer_due_on__lt=timezone.localdate())
        return queryset.filter(answered_at__isnull=True) if self.value() == "open" else queryset


@admin.register(Complaint)
class ComplaintAdmin(CasesAdmin):
    """A complaint with its deadline and answer. It never counts against the borrower."""

    lifecycle = COMPLAINT
    reference_path = ""
    number_prefix = "Q"
    list_display = (
        "__str__",
        "kind_chip",
        "borrower_masked",
        "topic",
        "state_chip",
        "received_at",
        "answer_due_on",
        "answered_at",
    )
    list_select_related = ("borrower",)
    link_lookups = ("answered_at__isnull",)
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("topic", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        AnswerDueFilter,
        territory_filter("borrower__territory"),
    )
    empty_hint = _("Nobody has complained. Complaints are received on a borrower's case or through the API.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("kind_chip", "state_chip"),
                    ("borrower_masked", "case_link"),
                    ("topic", "occurred_on"),
                    "decision_link",
                    "decision_letter",
                    "said",
                    ("received_at", "answer_due_on"),
                    ("put_off_by", "put_off_because"),
                    ("reopens_link", "reopened_link"),
                    ("received", "answered"),
                    "answered_at",
                    "answer_text",
                )
            },
        ),
    )
    received = named("received_by", _("received by"))
    answered = named("answered_by", _("answered by"))
    put_off_by = named("extended_by", _("put off by"))
    actions_detail = ("acknowledge", "uphold", "reject", "put_off", "reopen")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Return the buttons; a wish for an explanation is not put off."""
        actions = super().get_actions_detail(request, object_id)
        complaint = self.get_object(request, str(object_id))
        if complaint is None or complaint.kind != ComplaintKind.EXPLANATION:
            return actions
        return [each for each in actions if each.path != "put_off"]

    @admin.display(description=_("kind"))
    def kind_chip(self, complaint: Complaint) -> Any:
        return chip(complaint, "kind", KIND_TONES)

    @admin.display(description=_("state"))
    def state_chip(self, complaint: Complaint) -> Any:
        return chip(complaint, "state", STATE_TONES)

    @admin.display(description=_("what the borrower says"))
    def said(self, complaint: Complaint) -> str:
        return complaint.subject or EMPTY

    @admin.display(description=_("answer"))
    def answer_text(self, complaint: Complaint) -> str:
        return complaint.answer or EMPTY

    @admin.display(description=_("put off because"))
    def put_off_because(self, complaint: Complaint) -> str:
        return complaint.extension_reason or EMPTY

    @admin.display(description=_("reopens"))
    def reopens_link(self, complaint: Complaint) -> Any:
        return linked(complaint.reopens)

    @admin.display(description=_("reopened as"))
    def reopened_link(self, complaint: Any) -> Any:
        # The page asks for a field several times; what it takes to answer is read once.
        if not hasattr(complaint, "later"):
            complaint.later = Complaint.objects.filter(reopens=complaint).first()
        return linked(complaint.later)

    @admin.display(description=_("case"))
    def case_link(self, complaint: Complaint) -> Any:
        return linked(complaint.case)

    @admin.display(description=_("decision"))
    def decision_link(self, complaint: Complaint) -> Any:
        return linked(complaint.decision)

    @admin.display(description=_("letter about the decision"))
    def decision_letter(self, complaint: Complaint) -> Any:
        return letter_said(latest_letter(decision=complaint.decision) if complaint.decision else None)

    @button(
        label=_("Acknowledge receipt"),
        permission="cases.receive_complaint",
        icon="mark_email_read",
        done=_("Receipt is acknowledged."),
    )
    def acknowledge(self, press: Press) -> None:
        complaints.acknowledge_complaint(complaint=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Uphold"),
        permission="cases.decide_complaint",
        form=AnswerForm,
        icon="thumb_up",
        variant=SUCCESS,
        text=_(
            "Who received it or took part in what it is about may not answer. An upheld appeal reverses the decision."
        ),
        done=_("The complaint is upheld."),
    )
    def uphold(self, press: Press) -> None:
        complaints.answer_complaint(complaint=press.record, upheld=True, actor=press.actor, at=press.at, **press.values)

    @button(
        label=pgettext_lazy("to find a complaint unfounded", "Reject"),
        permission="cases.decide_complaint",
        form=AnswerForm,
        icon="thumb_down",
        variant=WARNING,
        text=_("Who received it or took part in what it is about may not answer."),
        done=_("The complaint is answered."),
    )
    def reject(self, press: Press) -> None:
        complaints.answer_complaint(
            complaint=press.record, upheld=False, actor=press.actor, at=press.at, **press.values
        )

    @button(
        label=_("Put the answer off"),
        permission="cases.decide_complaint",
        form=ReasonForm,
        states=UNANSWERED,
        icon="schedule",
        text=_(
            "Once, to the thirtieth day after its receipt. The borrower is told the reason; what it is about stays paused."
        ),
        done=_("The answer is put off, and the borrower is told."),
    )
    def put_off(self, press: Press) -> None:
        complaint_extension.put_off_answer(
            complaint=press.record, reason=press.values["reason"], actor=press.actor, at=press.at
        )

    @button(
        label=_("The borrower does not accept the answer"),
        permission="cases.receive_complaint",
        form=ReopenForm,
        states=frozenset(ComplaintState) - UNANSWERED,
        icon="replay",
        text=_("Yet another person answers it, within 15 days. Within 60 days of the answer, once."),
    )
    def reopen(self, press: Press) -> HttpResponse:
        reopened = complaint_reopening.reopen_complaint(
            complaint=press.record, subject=press.values["subject"], actor=press.actor, at=press.at
        )
        messages.success(press.request, str(_("The complaint is received once more.")))
        return to_page(press.request, self.page_of(reopened))
