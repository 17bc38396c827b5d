"""Call-backs: which borrowers are to be asked whether a visit took place, by when, and what they said."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.access.filters import territory_filter
from backoffice.core.pages.buttons import DANGER, PRIMARY, SUCCESS, ButtonForm, Press, button
from backoffice.core.pages.cells import chip, linked, named, tones
from cases.services.casework.wording import REASON_MAX
from visits.admin.base import VisitsAdmin
from visits.models import CallBack
from visits.rules.report.call_back import ANSWER, CALL_BACK, SETTLE
from visits.services.review import call_backs
from visits.trust_enums import CallBackAnswer, CallBackCause, CallBackState, FeeState

CALL_BACK_TONES = tones(CallBackState, warning=[CallBackState.OPEN], success=[CallBackState.ANSWERED])
CAUSE_TONES = tones(CallBackCause, warning=[CallBackCause.LOW_TRUST])
ANSWER_TONES = tones(CallBackAnswer, success=[CallBackAnswer.VISITED], danger=[CallBackAnswer.NOT_VISITED])
FEE_TONES = tones(FeeState, warning=[FeeState.WAITS], success=[FeeState.EARNED], danger=[FeeState.WITHHELD])


class AnswerForm(ButtonForm):
    """What the borrower said, and the permit that they were called with."""

    answer = forms.ChoiceField(label=_("The borrower"), choices=CallBackAnswer.choices, widget=UnfoldAdminSelectWidget)
    permit_ref = forms.CharField(
        label=_("Reference of the permit"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget
    )


class SettleForm(ButtonForm):
    """Why the fee is settled so."""

    reason = forms.CharField(label=_("Reason"), max_length=REASON_MAX, widget=UnfoldAdminTextareaWidget({"rows": 3}))


@admin.register(CallBack)
class CallBackAdmin(VisitsAdmin):
    """One borrower to be asked. The fee of the visit waits for it."""

    order_path = "order"
    borrower_path = "order__case__borrower"
    lifecycle = CALL_BACK
    list_display = (
        "__str__",
        "state_chip",
        "cause_chip",
        "order_link",
        "case_link",
        "borrower_link",
        "territory",
        "due_on",
        "answer_chip",
        "fee_chip",
    )
    list_select_related = ("order__case__borrower", "order__case__territory")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("cause", ChoicesDropdownFilter),
        ("answer", ChoicesDropdownFilter),
        ("fee", ChoicesDropdownFilter),
        territory_filter("order__case__territory"),
    )
    ordering = ("due_on", "pk")
    empty_hint = _("Nobody is to be asked. Call-backs follow from reports with reasons to check, and by chance.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("state_chip", "cause_chip"),
                    ("case_link", "borrower_link"),
                    ("order_link", "report_link"),
                    ("due_on", "opened_at"),
                )
            },
        ),
        (
            _("Answer"),
            {
                "fields": (
                    ("answer_chip", "permit_ref"),
                    ("answered", "answered_at"),
                    ("fee_chip", "settled"),
                    "fee_reason",
                )
            },
        ),
    )
    answered = named("answered_by", _("answered by"))
    settled = named("settled_by", _("settled by"))
    actions_detail = ("record_answer", "pay", "withhold")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def order_of(self, record: Any) -> Any:
        return record.order

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Return the buttons that fit: the answer while it is open, the fee where the borrower denied the visit."""
        actions = super().get_actions_detail(request, object_id)
        call_back = self.get_object(request, str(object_id))
        if call_back is None:
            return []
        waits = call_back.state == CallBackState.ANSWERED and call_back.fee == FeeState.WAITS
        allowed = (
            {"record_answer"} if call_back.state == CallBackState.OPEN else {"pay", "withhold"} if waits else set()
        )
        return [each for each in actions if each.path in allowed]

    @admin.display(description=_("state"), ordering="state")
    def state_chip(self, call_back: CallBack) -> Any:
        return chip(call_back, "state", CALL_BACK_TONES)

    @admin.display(description=_("why"))
    def cause_chip(self, call_back: CallBack) -> Any:
        return chip(call_back, "cause", CAUSE_TONES)

    @admin.display(description=_("answer"))
    def answer_chip(self, call_back: CallBack) -> Any:
        return chip(call_back, "answer", ANSWER_TONES)

    @admin.display(description=_("fee"))
    def fee_chip(self, call_back: CallBack) -> Any:
        return chip(call_back, "fee", FEE_TONES)

    @admin.display(description=_("visit order"))
    def order_link(self, call_back: CallBack) -> Any:
        return linked(call_back.order)

    @admin.display(description=_("report"))
    def report_link(self, call_back: CallBack) -> Any:
        return linked(call_back.report)

    @button(
        label=_("Record the answer"),
        permission=ANSWER,
        form=AnswerForm,
        icon="phone_callback",
        variant=PRIMARY,
        states=frozenset({CallBackState.OPEN}),
        text=_(
            "Ask first on the case whether the borrower may be called now; the answer names a permit. Ask openly whether "
            "somebody came, and say nothing of a doubt. Without a call: could not be reached, from the due day on."
        ),
        done=_("The answer is recorded."),
    )
    def record_answer(self, press: Press) -> None:
        call_backs.answer_call_back(call_back=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Pay the fee"),
        permission=SETTLE,
        form=SettleForm,
        icon="payments",
        variant=SUCCESS,
        states=frozenset({CallBackState.ANSWERED}),
        text=_("The borrower says that nobody came; one word against another decides nothing. Say what you found."),
        done=_("The fee counts for the agency's next statement."),
    )
    def pay(self, press: Press) -> None:
        call_backs.settle_fee(call_back=press.record, is_paid=True, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Do not pay the fee"),
        permission=SETTLE,
        form=SettleForm,
        icon="money_off",
        variant=DANGER,
        states=frozenset({CallBackState.ANSWERED}),
        text=_("The borrower says that nobody came; one word against another decides nothing. Say what you found."),
        done=_("The fee is not paid."),
    )
    def withhold(self, press: Press) -> None:
        call_backs.settle_fee(call_back=press.record, is_paid=False, actor=press.actor, at=press.at, **press.values)
