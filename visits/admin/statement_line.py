"""Lines of agencies' statements: disputed by the agency, answered by the lender."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import SUCCESS, WARNING, ButtonForm, Press, ReasonForm, button
from backoffice.core.pages.cells import EMPTY, chip, linked, money, named
from visits.admin.statement import LINE_TONES
from visits.models import StatementLine, VisitOrder
from visits.rules.statement_lifecycle import ANSWER, PREPARE, STATEMENT_LINE
from visits.services.agencies import statement_disputes


class CorrectionForm(ButtonForm):
    """The amount that is owed, and a word to the agency."""

    amount = forms.DecimalField(
        label=_("Amount"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("0 if nothing is owed for it."),
    )
    answer = forms.CharField(
        label=_("Answer"), max_length=300, required=False, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )


@admin.register(StatementLine)
class StatementLineAdmin(ScopedAdmin):
    """One part of what one visit is paid for."""

    lifecycle = STATEMENT_LINE
    list_display = ("line_shown", "agency", "month", "done_on", "basis", "owed", "state_chip")
    list_select_related = ("statement__agency",)
    list_filter = (("state", ChoicesDropdownFilter), ("basis", ChoicesDropdownFilter))
    empty_hint = _("Lines come with the statements of agencies.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("statement_link", "agency"),
                    ("order_link", "done_on"),
                    ("basis", "state_chip"),
                    ("owed", "computed"),
                    ("disputed", "disputed_at"),
                    "reason_text",
                    ("answered", "answered_at"),
                    "answer_text",
                )
            },
        ),
    )
    disputed = named("disputed_by", _("disputed by"))
    answered = named("answered_by", _("answered by"))
    actions_detail = ("dispute", "uphold", "reject")

    @admin.display(description=_("visit order"))
    def line_shown(self, line: StatementLine) -> str:
        return str(VisitOrder(pk=line.order_id))

    @admin.display(description=_("agency"))
    def agency(self, line: StatementLine) -> str:
        return str(line.statement.agency)

    @admin.display(description=_("month"))
    def month(self, line: StatementLine) -> str:
        return f"{line.statement.month:%Y-%m}"

    @admin.display(description=_("amount"))
    def owed(self, line: StatementLine) -> str:
        return money(line.amount, line.currency)

    @admin.display(description=_("by the price card"))
    def computed(self, line: StatementLine) -> str:
        return money(line.computed_amount, line.currency)

    @admin.display(description=_("state"))
    def state_chip(self, line: StatementLine) -> Any:
        return chip(line, "state", LINE_TONES)

    @admin.display(description=_("statement"))
    def statement_link(self, line: StatementLine) -> Any:
        return linked(line.statement, f"{line.statement} · {line.statement.month:%Y-%m}")

    @admin.display(description=_("visit order"))
    def order_link(self, line: StatementLine) -> Any:
        # An agency sees its ended visits no more, and an approver only those of their territories: no dead link.
        return str(VisitOrder(pk=line.order_id))

    @admin.display(description=_("why it is disputed"))
    def reason_text(self, line: StatementLine) -> str:
        return line.reason or EMPTY

    @admin.display(description=_("the lender's answer"))
    def answer_text(self, line: StatementLine) -> str:
        return line.answer or EMPTY

    @button(
        label=_("Dispute"),
        permission=ANSWER,
        form=ReasonForm,
        icon="feedback",
        variant=WARNING,
        text=_("The lender answers before anything is paid. A line is disputed once."),
        done=_("The line is disputed."),
    )
    def dispute(self, press: Press) -> None:
        statement_disputes.dispute_line(
            line=press.record, reason=press.values["reason"], actor=press.actor, at=press.at
        )

    @button(
        label=_("Correct the amount"),
        permission=PREPARE,
        form=CorrectionForm,
        icon="edit",
        variant=SUCCESS,
        everywhere=True,
        text=_("The agency is right. Whoever answers does not approve the statement."),
        done=_("The line is corrected."),
    )
    def uphold(self, press: Press) -> None:
        statement_disputes.uphold_dispute(line=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Leave as it is"),
        permission=PREPARE,
        form=ReasonForm,
        icon="block",
        everywhere=True,
        text=_("The agency reads your reason. Whoever answers does not approve the statement."),
        done=_("The line stays as it is."),
    )
    def reject(self, press: Press) -> None:
        statement_disputes.reject_dispute(
            line=press.record, answer=press.values["reason"], actor=press.actor, at=press.at
        )
