"""The steps of legal recovery on the page of their decision."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.buttons import ButtonForm, Press, button, day_input
from backoffice.core.pages.cells import EMPTY, lines
from cases.enums import DecisionKind, DecisionState, LegalStepKind
from cases.models import Decision, LegalStep
from cases.rules.legal_steps import ANSWER_DAYS
from cases.selectors.casework.legal_steps import coming_steps, coming_words
from cases.services.decisions import legal_steps

# A proposal has no steps; what was begun can be closed however the decision ended.
_AFTER_APPROVAL = frozenset(DecisionState) - {DecisionState.PROPOSED, DecisionState.REJECTED}


class LegalStepForm(ButtonForm):
    """What happened, on which day, and where that is evidenced."""

    kind = forms.ChoiceField(label=_("Step"), widget=UnfoldAdminSelectWidget)
    happened_on = forms.DateField(label=_("Happened on"), widget=day_input())
    court = forms.CharField(
        label=_("Court"),
        max_length=legal_steps.LONGEST_REFERENCE,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Only for a claim that was filed."),
    )
    reference = forms.CharField(
        label=_("Reference of the evidence"),
        max_length=legal_steps.LONGEST_REFERENCE,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The message of the offer, the record of the mediation, or the number of the court's file."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        coming = coming_steps(decision=self.record, on=today)
        choices = [(step.kind, LegalStepKind(step.kind).label) for step in coming if step.from_on <= today]
        self.fields["kind"].choices = [("", "–"), *choices]
        self.initial.setdefault("happened_on", today)


class LegalStepInline(ScopedInline):
    model = LegalStep
    tab = True
    ordering = ("pk",)
    fields = ("kind", "happened_on", "court", "reference", "recorder", "created_at")
    readonly_fields = ("recorder",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("recorded_by")

    @admin.display(description=_("recorded by"))
    def recorder(self, step: LegalStep) -> str:
        return str(step.recorded_by)


class LegalSteps:
    """The part of the decisions' admin with which legal recovery goes on."""

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Show the steps only where there can be any."""
        inlines = super().get_inlines(request, obj)  # type: ignore[misc]
        if obj is not None and obj.kind == DecisionKind.LEGAL:
            return (LegalStepInline, *inlines)
        return inlines

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what may come next on decisions for legal recovery, after why they were taken."""
        shown = list(super().get_fieldsets(request, obj))  # type: ignore[misc]
        if obj is not None and obj.kind == DecisionKind.LEGAL:
            shown.insert(2, (_("Legal recovery"), {"fields": (("legal_coming", "legal_papers"),)}))
        return shown

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Offer the button where a step may come."""
        actions = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        if not any(each.path == "record_legal_step" for each in actions):
            return actions
        decision = self.get_object(request, str(object_id))  # type: ignore[attr-defined]
        if coming_steps(decision=decision, on=timezone.localdate()):
            return actions
        return [each for each in actions if each.path != "record_legal_step"]

    @admin.display(description=_("what may come next"))
    def legal_coming(self, decision: Any) -> Any:
        # The page asks for a field several times; what it takes to answer is read once.
        if not hasattr(decision, "coming_kept"):
            today = timezone.localdate()
            decision.coming_kept = coming_words(steps=coming_steps(decision=decision, on=today), on=today)
        return lines(decision.coming_kept)

    @admin.display(description=_("documents for the court"))
    def legal_papers(self, decision: Decision) -> Any:
        """Lead to the bundles of this decision; a floor above has their list, so it is found by its name."""
        try:
            address = reverse("admin:reports_legalbundle_changelist")
        except NoReverseMatch:
            return EMPTY
        return format_html(
            '<a href="{}?decision__id__exact={}" class="text-link">{}</a>',
            address,
            decision.pk,
            _("Bundles for legal recovery"),
        )

    @button(
        label=_("Record a legal step"),
        permission=legal_steps.PERMISSION,
        form=LegalStepForm,
        states=_AFTER_APPROVAL,
        icon="gavel",
        text=format_lazy(
            _(
                "Mediation comes first. The borrower has {days} days to answer an offer; no answer counts as failed. Nothing is filed while an agreement stands."
            ),
            days=ANSWER_DAYS,
        ),
        done=_("The step is recorded."),
    )
    def record_legal_step(self, press: Press) -> None:
        legal_steps.record_legal_step(decision=press.record, actor=press.actor, at=press.at, **press.values)
