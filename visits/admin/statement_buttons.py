"""The steps of an agency's statement as buttons: each opens a dialog and calls one service."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.core.pages.buttons import PRIMARY, SUCCESS, WARNING, ButtonForm, Press, ReasonForm, button, day_input
from visits.enums import StatementState
from visits.rules.statement_lifecycle import ANSWER, APPROVE, PREPARE
from visits.services.agencies import statement_building, statements


class PaymentForm(ButtonForm):
    """The day of the payment, and its reference."""

    paid_on = forms.DateField(label=_("Paid on"), widget=day_input())
    payment_ref = forms.CharField(label=_("Reference of the payment"), max_length=80, widget=UnfoldAdminTextInputWidget)


class StatementButtons:
    """Every step that a person takes with one statement on its page."""

    @button(
        label=_("Build anew"),
        permission=PREPARE,
        icon="calculate",
        states=frozenset({StatementState.DRAFT}),
        everywhere=True,
        text=_("The lines are computed anew from visits and price cards; answered disputes stay."),
        done=_("The draft is built anew."),
    )
    def rebuild(self, press: Press) -> None:
        statement_building.build_statements(
            month=press.record.month,
            agency=press.record.agency,
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("Send to the agency"),
        permission=PREPARE,
        icon="send",
        variant=PRIMARY,
        everywhere=True,
        text=_("The agency has ten days to dispute lines or to accept. Another person than you approves the payment."),
        done=_("The agency sees the statement."),
    )
    def send(self, press: Press) -> None:
        statements.send_statement(
            statement=press.record, actor=press.actor, at=press.at, business_date=press.business_date
        )

    @button(
        label=_("Accept"),
        permission=ANSWER,
        icon="thumb_up",
        variant=SUCCESS,
        text=_("No line can be disputed afterwards. To dispute a line, open it first."),
        done=_("The statement is accepted."),
    )
    def accept(self, press: Press) -> None:
        statements.accept_statement(statement=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Approve"),
        permission=APPROVE,
        icon="check",
        variant=SUCCESS,
        everywhere=True,
        text=_("Nobody approves a statement that they sent, or whose disputes they answered."),
        done=_("The statement is approved for payment."),
    )
    def approve(self, press: Press) -> None:
        statements.approve_statement(
            statement=press.record, actor=press.actor, at=press.at, business_date=press.business_date
        )

    @button(
        label=_("Mark as paid"),
        permission=PREPARE,
        form=PaymentForm,
        icon="payments",
        everywhere=True,
        done=_("The payment is noted."),
    )
    def mark_paid(self, press: Press) -> None:
        statements.mark_statement_paid(
            statement=press.record, actor=press.actor, at=press.at, business_date=press.business_date, **press.values
        )

    @button(
        label=_("Take back"),
        permission=PREPARE,
        form=ReasonForm,
        icon="undo",
        variant=WARNING,
        everywhere=True,
        text=_("It becomes a draft again, which the agency does not see. Your reason is kept sealed."),
        done=_("The statement is a draft again."),
    )
    def take_back(self, press: Press) -> None:
        statements.take_back_statement(
            statement=press.record, reason=press.values["reason"], actor=press.actor, at=press.at
        )
