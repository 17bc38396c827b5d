"""Suspicion signals: what makes stated facts doubtful, what was found of each, and the way to answer one by hand."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget

from backoffice.access.filters import territory_filter
from backoffice.core.pages.buttons import PRIMARY, ButtonForm, Press, button
from backoffice.core.pages.cells import EMPTY, chip, named, share, tones
from cases.admin.base import CasesAdmin
from cases.models import SuspicionSignal
from cases.rules.doubts import SOURCE_OF_CONTRADICTIONS
from cases.services.casework import suspicion
from cases.services.casework.wording import REASON_MAX
from cases.signal_enums import SignalAnswer

ANSWER_TONES = tones(SignalAnswer, success=["CLEARED"], danger=["CONFIRMED"])


class AnswerForm(ButtonForm):
    """What was found of a signal, and how that is known."""

    answer = forms.ChoiceField(
        label=_("What was found"), choices=SignalAnswer.choices, widget=UnfoldAdminRadioSelectWidget
    )
    reason = forms.CharField(label=_("Reason"), max_length=REASON_MAX, widget=UnfoldAdminTextareaWidget({"rows": 3}))


def source_words(signal: SuspicionSignal) -> str:
    """Return where a signal comes from, in words for those of contradictions."""
    return str(_("Two sources differ")) if signal.source.startswith(SOURCE_OF_CONTRADICTIONS) else signal.source


def state_chip(signal: SuspicionSignal) -> Any:
    """Return a coloured word for where a signal stands: open, its answer, or ended by its source."""
    if signal.answer:
        return chip(signal, "answer", ANSWER_TONES)
    return _("Open") if signal.cleared_on is None else _("Ended by its source")


class SignalStateFilter(admin.SimpleListFilter):
    """Open signals, those with each answer, and those that their source ended."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return (("open", _("Open")), *SignalAnswer.choices, ("ended", _("Ended by its source")))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case None:
                return queryset
            case "open":
                return queryset.open()
            case "ended":
                return queryset.filter(cleared_on__isnull=False, answer="")
            case answer:
                return queryset.filter(answer=answer)


@admin.register(SuspicionSignal)
class SuspicionSignalAdmin(CasesAdmin):
    """A hint that stated facts do not fit. A reason to verify, never a finding about a person."""

    list_display = ("noticed_on", "borrower_masked", "kind_chip", "from_where", "how_sure", "state", "cleared_on")
    list_select_related = ("borrower",)
    list_filter = (
        territory_filter("borrower__territory"),
        ("kind", ChoicesDropdownFilter),
        SignalStateFilter,
    )
    empty_hint = _("Signals come in from the lender's models and checks.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("external_ref", "borrower_masked"),
                    ("kind_chip", "from_where"),
                    ("how_sure", "noticed_on"),
                )
            },
        ),
        (
            _("What was found"),
            {"fields": (("state", "cleared_on"), ("answered_in", "answered"), ("answer_reason", "counts_until"))},
        ),
    )
    answered = named("answered_by", _("answered by"))
    actions_detail = ("answer",)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Return the button while the signal is open; one of a contradiction is settled with it."""
        signal = self.get_object(request, str(object_id))
        is_open = signal is not None and signal.cleared_on is None
        if not is_open or signal.source.startswith(SOURCE_OF_CONTRADICTIONS):
            return []
        return super().get_actions_detail(request, object_id)

    @admin.display(description=_("kind"))
    def kind_chip(self, signal: SuspicionSignal) -> Any:
        return chip(signal, "kind", {})

    @admin.display(description=_("source"))
    def from_where(self, signal: SuspicionSignal) -> str:
        return source_words(signal) or EMPTY

    @admin.display(description=_("confidence"))
    def how_sure(self, signal: SuspicionSignal) -> str:
        return share(signal.confidence)

    @admin.display(description=_("state"))
    def state(self, signal: SuspicionSignal) -> Any:
        return state_chip(signal)

    @button(
        label=_("Answer"),
        permission=suspicion.ANSWER,
        form=AnswerForm,
        icon="fact_check",
        variant=PRIMARY,
        text=_(
            "The signal ends either way and asks for no visit any more. What is found false counts as a false statement for a "
            "year, which policies may act on; people approve what follows."
        ),
        done=_("The signal is answered."),
    )
    def answer(self, press: Press) -> None:
        suspicion.answer_signal(signal=press.record, actor=press.actor, at=press.at, **press.values)
