"""A repayment plan: seen beside two others, then proposed."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.core.pages.buttons import ButtonForm, Press
from backoffice.core.pages.cells import money, rate
from backoffice.core.pages.charts import chart
from backoffice.core.pages.pages import form_page
from cases.enums import AccountStatus, DecisionKind, PlanMethod
from cases.models import Account
from cases.rules.plans.affordability import Means
from cases.rules.plans.amounts import HOUSE_STEP, Step
from cases.rules.plans.comparison import Comparison, PlanOption
from cases.rules.plans.limits import MAX_INSTALMENTS
from cases.rules.proposals import PlanWish
from cases.selectors.casework.plan_comparison import compared_plans
from cases.services.decisions import proposing

PAGE = "admin/cases/propose_plan.html"
LINES = ("new", "more", "old")


def _whole(**others: Any) -> forms.IntegerField:
    return forms.IntegerField(required=False, widget=UnfoldAdminTextInputWidget, **others)


def _amount(**others: Any) -> forms.DecimalField:
    return forms.DecimalField(
        required=False, min_value=0, max_digits=14, decimal_places=2, widget=UnfoldAdminTextInputWidget, **others
    )


class PlanForm(ButtonForm):
    """What a plan shall be, and what the borrower says of income and expenses."""

    columns = 3

    account = forms.ModelChoiceField(
        label=_("Account"), queryset=Account.objects.none(), widget=UnfoldAdminSelectWidget
    )
    method = forms.ChoiceField(label=_("Method"), choices=PlanMethod.choices, widget=UnfoldAdminSelectWidget)
    instalments = _whole(label=_("Instalments"), min_value=1, max_value=MAX_INSTALMENTS, help_text=_("1 to 60"))
    step_every = _whole(
        label=_("Step after instalments"),
        min_value=1,
        max_value=MAX_INSTALMENTS,
        help_text=_("For payments that rise in steps; 6 unless given"),
    )
    step_percent = _whole(
        label=_("Rise of a step in percent"),
        min_value=1,
        max_value=50,
        help_text=_("For payments that rise in steps; 5 unless given"),
    )
    first_percent = _whole(
        label=_("First payment in percent"),
        min_value=0,
        max_value=10,
        help_text=_("Of what is owed, paid at once; 5 unless given"),
    )
    monthly_income = _amount(label=_("Income a month"), help_text=_("As the borrower says; in the account's currency"))
    monthly_expenses = _amount(
        label=_("Expenses a month"), help_text=_("As the borrower says; in the account's currency")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = Account.objects.visible_to(self.request.user).filter(borrower_id=self.record.borrower_id)
        accounts = accounts.exclude(status=AccountStatus.CLOSED).select_related("territory")
        self.fields["account"].queryset = accounts.order_by("pk")


def plan_asked(*, model_admin: Any, press: Press) -> HttpResponse | None:
    """Return the page that shows the plan beside two others; propose the one that was chosen there and return None."""
    account, wish = press.values["account"], _wish(press.values)
    found = compared_plans(account=account, wish=wish, business_date=press.business_date)
    chosen = press.request.POST.get("chosen")
    for option in found.options:
        if _name(option) == chosen:
            proposing.propose_decision(
                case=press.record,
                account=account,
                kind=DecisionKind.PLAN,
                reason=press.values["reason"],
                plan=PlanWish(
                    instalments=option.terms.instalments,
                    method=option.terms.method,
                    step=option.terms.step,
                    first_share=option.terms.first_share,
                    means=wish.means,
                ),
                actor=press.actor,
                at=press.at,
            )
            return None
    form = PlanForm(request=press.request, data=press.request.POST, record=press.record)
    return form_page(
        model_admin=model_admin,
        request=press.request,
        title=f"{_('Propose a repayment plan')} · {press.record}",
        form=form,
        submit=_("Show the plans"),
        back=model_admin.page_of(press.record),
        template=PAGE,
        plans=[_shown(option, account.currency) for option in found.options],
        chart=_chart(found),
        affordable=_affordable(found, account.currency),
    )


def _wish(values: dict[str, Any]) -> PlanWish:
    percent = values["first_percent"]
    return PlanWish(
        instalments=values["instalments"],
        method=values["method"],
        step=Step(every=values["step_every"] or HOUSE_STEP.every, percent=values["step_percent"] or HOUSE_STEP.percent),
        first_share=None if percent is None else Decimal(percent) / 100,
        means=Means(monthly_income=values["monthly_income"], monthly_expenses=values["monthly_expenses"]),
    )


def _name(option: PlanOption) -> str:
    return f"{option.terms.method}:{option.terms.instalments}"


def _title(option: PlanOption) -> str:
    return f"{PlanMethod(option.terms.method).label} · {option.terms.instalments}"


def _shown(option: PlanOption, currency: str) -> dict[str, Any]:
    schedule = option.schedule
    fits = {True: _("yes, not verified"), False: _("no, not verified"), None: _("unknown")}
    return {
        "name": _name(option),
        "title": _title(option),
        "facts": [
            (_("Largest monthly payment"), money(schedule.largest, currency)),
            (_("Interest altogether"), money(schedule.interest, currency)),
            (_("Annual rate"), rate(schedule.annual_rate)),
            (_("All-in rate on the days of payment"), rate(option.all_in_rate)),
            (_("Last instalment"), schedule.instalments[-1].due_on),
            (_("Affordable"), fits[option.fits]),
        ],
        "rows": [
            (i.number, i.due_on, *(_plain(each, currency) for each in (i.amount, i.amount - i.interest, i.interest)))
            for i in schedule.instalments
        ],
    }


def _plain(amount: Decimal, currency: str) -> str:
    """Return an amount with the decimals of its currency, without the currency's name."""
    return money(amount, currency).removeprefix(f"{currency} ")


def _chart(found: Comparison) -> dict[str, Any]:
    most = max(len(option.schedule.instalments) for option in found.options)
    series = {}
    for colour, option in zip(LINES, found.options, strict=False):
        amounts: list[float | None] = [float(i.amount) for i in option.schedule.instalments]
        series[colour, _title(option)] = amounts + [None] * (most - len(amounts))
    return chart(title=_("Payment by instalment"), labels=range(1, most + 1), series=series, kind="line")


def _affordable(found: Comparison, currency: str) -> Any:
    """Return what the means allow, in a sentence; empty where they are unknown."""
    if found.affordable is None:
        return ""
    amount = money(found.affordable, currency)
    if found.advised is None:
        return _(
            "By the figures given, which nobody has verified, %(amount)s a month is affordable; no plan of up to 60 instalments"
            " keeps to it."
        ) % {"amount": amount}
    return _(
        "By the figures given, which nobody has verified, %(amount)s a month is affordable: %(count)s instalments."
    ) % {"amount": amount, "count": found.advised}
