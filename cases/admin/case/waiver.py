"""What the dialog of a waiver asks for: what is waived, and what the borrower pays by which day."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.core.pages.buttons import ButtonForm, Press, day_input
from backoffice.core.pages.cells import money
from cases.enums import AccountStatus, DecisionKind, WaiverPart
from cases.models import Account
from cases.rules.waivers import VALID_DAYS, WaiverWish
from cases.selectors.casework.concessions import budget_for
from cases.services.decisions import proposing


def _amount(**others: Any) -> forms.DecimalField:
    return forms.DecimalField(min_value=0, max_digits=14, decimal_places=2, widget=UnfoldAdminTextInputWidget, **others)


class WaiverForm(ButtonForm):
    """A waiver on one of the borrower's accounts, with what is left of the budget that bears it."""

    columns = 2

    account = forms.ModelChoiceField(
        label=_("Account"), queryset=Account.objects.none(), widget=UnfoldAdminSelectWidget
    )
    part = forms.ChoiceField(
        label=_("What is waived"),
        choices=WaiverPart.choices,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Principal is waived by the committee only, outside of this program."),
    )
    due = _amount(label=_("Due of this part"), help_text=_("By the core's own statement; at most the arrears."))
    evidence_ref = forms.CharField(
        label=_("The core's statement"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Its number or reference: the portfolio has the arrears as one sum."),
    )
    amount = _amount(
        label=_("Waived"), required=False, help_text=_("All of penalty interest, half of interest unless given.")
    )
    pay = _amount(label=_("To pay"), required=False, help_text=_("All the rest of the arrears unless given."))
    settle_by = forms.DateField(
        label=_("Pay by"), widget=day_input(), help_text=_("At most 31 days ahead; the waiver is void after that day.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = Account.objects.visible_to(self.request.user).filter(borrower_id=self.record.borrower_id)
        accounts = accounts.exclude(status=AccountStatus.CLOSED).filter(arrears_amount__gt=0)
        self.fields["account"].queryset = accounts.order_by("-days_past_due", "pk")
        self.fields["account"].help_text = " ".join(_left(account) for account in self.fields["account"].queryset)
        self.initial.setdefault("settle_by", timezone.localdate() + timedelta(days=VALID_DAYS))


def _left(account: Account) -> str:
    """Return what is in arrears on an account, and what is left of its budget, in a sentence."""
    arrears = money(account.arrears_amount, account.currency)
    budget = budget_for(account=account, on=timezone.localdate())
    if budget is None:
        return str(
            _("{account}: {arrears} in arrears; no concession budget counts today. The risk manager sets one.")
        ).format(account=account, arrears=arrears)
    return str(_("{account}: {arrears} in arrears; the concession budget has {left} left.")).format(
        account=account, arrears=arrears, left=money(budget.available, budget.currency)
    )


def propose_waiver(press: Press) -> None:
    """Propose what the form asks for."""
    given = dict(press.values)
    account, reason = given.pop("account"), given.pop("reason")
    proposing.propose_decision(
        case=press.record,
        account=account,
        kind=DecisionKind.WAIVER,
        reason=reason,
        waiver=WaiverWish(**given),
        actor=press.actor,
        at=press.at,
    )
