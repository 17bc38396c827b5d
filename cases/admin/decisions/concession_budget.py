"""Concession budgets: set, confirmed by another person, and what is left of them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.access.models import Territory
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import DANGER, SUCCESS, Press, button, day_input
from backoffice.core.pages.cells import EMPTY, chip, linked, money, named, tones
from backoffice.core.pages.charts import chart
from backoffice.core.pages.pages import form_page
from backoffice.core.scoping import acts_everywhere
from cases.admin.decisions.waiver import STATE_TONES as WAIVER_TONES
from cases.enums import BudgetPeriod, BudgetState
from cases.models import ConcessionBudget, Waiver
from cases.rules.concession_lifecycle import CONCESSION_BUDGET
from cases.services.decisions import concession_budgets

STATE_TONES = tones(BudgetState, info=["DRAFT"], success=["CONFIRMED"])
SET = "cases.add_concessionbudget"
NEWEST = 20


class BudgetForm(forms.Form):
    """Place, period and amount of a budget."""

    columns = 2

    territory = forms.ModelChoiceField(
        label=_("Territory"),
        queryset=Territory.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Without one it counts wherever there is none of its own."),
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, initial="CNY", widget=UnfoldAdminTextInputWidget)
    starts_on = forms.DateField(label=_("Starts on"), widget=day_input(), help_text=_("The first of a month"))
    period = forms.ChoiceField(label=_("Period"), choices=BudgetPeriod.choices, widget=UnfoldAdminSelectWidget)
    amount = forms.DecimalField(
        label=_("Amount"), min_value=0, max_digits=14, decimal_places=2, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.visible_to(user).order_by("code")  # type: ignore[attr-defined]
        self.fields["territory"].required = not acts_everywhere(user=user)


@admin.register(ConcessionBudget)
class ConcessionBudgetAdmin(ScopedAdmin):
    """How much may be waived in a period, and how much of it is held and used."""

    lifecycle = CONCESSION_BUDGET
    list_display = (
        "__str__",
        "place",
        "starts_on",
        "ends_on",
        "total",
        "held_shown",
        "used_shown",
        "left",
        "state_chip",
    )
    list_select_related = ("territory",)
    list_filter = (("state", ChoicesDropdownFilter), "currency")
    ordering = ("-starts_on", "-pk")
    empty_hint = _("Without a budget no waiver can be proposed. The risk manager sets one with the button above.")
    change_form_outer_before_template = "admin/cases/concession_budget_page.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("place", "state_chip"),
                    ("starts_on", "ends_on"),
                    ("total", "left"),
                    ("held_shown", "used_shown"),
                    "amended",
                    ("by", "confirmed"),
                    ("created_at", "confirmed_at"),
                )
            },
        ),
    )
    by = named("set_by", _("set by"))
    confirmed = named("confirmed_by", _("confirmed by"))
    actions_list = ("set_budget",)
    actions_detail = ("confirm", "discard")

    @action(description=_("Set a budget"), permissions=[SET], icon="add", url_path="set")
    def set_budget(self, request: HttpRequest) -> HttpResponse:
        """Ask for place, period and amount."""
        start = {"starts_on": timezone.localdate().replace(day=1)}
        form = BudgetForm(request.POST if request.method == "POST" else None, user=request.user, initial=start)
        if form.is_valid():
            try:
                budget = concession_budgets.set_concession_budget(
                    **form.cleaned_data, actor=request.user, at=timezone.now()
                )
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                return HttpResponseRedirect(self.page_of(budget))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Save for confirmation"),
            title=_("Set a budget"),
            text=_(
                "Nothing changes until another person confirms it. For the place and period of a budget in use it gives that one another amount."
            ),
        )

    @button(
        label=_("Confirm"),
        permission="cases.confirm_concessionbudget",
        icon="check",
        variant=SUCCESS,
        text=_("Waivers may be proposed in it at once. Nobody confirms what they set themselves."),
        done=_("The budget is in use."),
    )
    def confirm(self, press: Press) -> None:
        concession_budgets.confirm_concession_budget(budget=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Discard"),
        permission=SET,
        icon="delete",
        variant=DANGER,
        text=_("It is kept and never counts."),
        done=_("The budget is discarded."),
    )
    def discard(self, press: Press) -> None:
        concession_budgets.discard_concession_budget(budget=press.record, actor=press.actor, at=press.at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add the chart of the budget and its newest waivers that the person may see."""
        record = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if record is not None and self.has_view_permission(request, record):
            context["page"] = _page(record, request.user)
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    @admin.display(description=_("state"), ordering="state")
    def state_chip(self, budget: ConcessionBudget) -> Any:
        return chip(budget, "state", STATE_TONES)

    @admin.display(description=_("territory"), ordering="territory")
    def place(self, budget: ConcessionBudget) -> str:
        return str(budget.territory or _("everywhere"))

    @admin.display(description=_("amount"), ordering="amount")
    def total(self, budget: ConcessionBudget) -> str:
        return money(budget.amount, budget.currency)

    @admin.display(description=_("held"), ordering="held")
    def held_shown(self, budget: ConcessionBudget) -> str:
        return money(budget.held, budget.currency)

    @admin.display(description=_("used"), ordering="used")
    def used_shown(self, budget: ConcessionBudget) -> str:
        return money(budget.used, budget.currency)

    @admin.display(description=_("available"))
    def left(self, budget: ConcessionBudget) -> str:
        return money(budget.available, budget.currency) if budget.state == BudgetState.CONFIRMED else EMPTY

    @admin.display(description=_("gives another amount to"))
    def amended(self, budget: ConcessionBudget) -> Any:
        return linked(budget.amends)


def _page(budget: ConcessionBudget, user: Any) -> dict[str, Any]:
    waivers = Waiver.objects.visible_to(user).filter(budget=budget).select_related("account", "decision")
    may_see = user.has_perm("cases.view_waiver") and budget.state == BudgetState.CONFIRMED
    return {
        "is_in_use": budget.state == BudgetState.CONFIRMED,
        "chart": _chart(budget),
        "waivers": [
            {
                "waiver": linked(each),
                "decision": linked(each.decision),
                "account": linked(each.account),
                "part": each.get_part_display(),
                "amount": money(each.amount, budget.currency),
                "settle_by": each.settle_by,
                "state": chip(each, "state", WAIVER_TONES),
            }
            for each in (waivers.order_by("-pk")[:NEWEST] if may_see else ())
        ],
        "all": f"{reverse('admin:cases_waiver_changelist')}?budget={budget.pk}" if may_see else "",
    }


def _chart(budget: ConcessionBudget) -> dict[str, Any]:
    return chart(
        title=_("The budget in {currency}").format(currency=budget.currency),
        labels=[_("available"), _("held"), _("used")],
        series={("new", _("Amount")): [float(each) for each in (budget.available, budget.held, budget.used)]},
        sideways=True,
    )
