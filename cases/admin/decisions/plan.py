"""Repayment plans with their instalments, and the button that puts one in force."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.access.filters import territory_filter
from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.buttons import SUCCESS, ButtonForm, Press, button, day_input
from backoffice.core.pages.cells import chip, linked, money, rate, tones
from cases.admin.base import CasesAdmin
from cases.enums import PlanState
from cases.models import PlanInstalment, RepaymentPlan
from cases.rules.lifecycle import PLAN
from cases.services.decisions import plans

PLAN_TONES = tones(PlanState, success=["ACTIVE", "FULFILLED"], danger=["BROKEN"])


class AgreeForm(ButtonForm):
    """The recording or paper of the agreement, and the day on which the plan starts."""

    agreement_ref = forms.CharField(
        label=_("Recording or signed paper"), max_length=80, widget=UnfoldAdminTextInputWidget
    )
    starts_on = forms.DateField(label=_("Starts on"), required=False, widget=day_input())


class InstalmentInline(ScopedInline):
    model = PlanInstalment
    per_page = 60
    ordering = ("number", "pk")
    fields = ("number", "due_on", "amount_shown", "interest_shown", "paid_on")

    @admin.display(description=_("amount"))
    def amount_shown(self, instalment: PlanInstalment) -> str:
        return money(instalment.amount, instalment.plan.account.currency)

    @admin.display(description=_("of which interest"))
    def interest_shown(self, instalment: PlanInstalment) -> str:
        return money(instalment.interest, instalment.plan.account.currency)


@admin.register(RepaymentPlan)
class RepaymentPlanAdmin(CasesAdmin):
    """An individual plan of at most 60 instalments."""

    borrower_path = "account__borrower"
    reference_path = "account__external_ref"
    number_prefix = "P"
    list_display = ("__str__", "account", "state_chip", "total", "annual", "starts_on")
    list_select_related = ("account", "decision")
    list_filter = (("state", ChoicesDropdownFilter), territory_filter("account__territory"))
    empty_hint = _("Plans follow from approved decisions and are agreed with the borrower.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("account_link", "decision_link"),
                    ("state_chip", "starts_on"),
                    ("total", "annual"),
                    "agreement_ref",
                )
            },
        ),
    )
    inlines = (InstalmentInline,)
    lifecycle = PLAN
    actions_detail = ("agree",)

    @button(
        label=_("Agree"),
        permission="cases.work_case",
        form=AgreeForm,
        icon="handshake",
        variant=SUCCESS,
        text=_("Collection stops while the plan is honoured."),
        done=_("The plan is in force."),
    )
    def agree(self, press: Press) -> None:
        plans.agree_plan(plan=press.record, actor=press.actor, at=press.at, **press.values)

    @admin.display(description=_("state"))
    def state_chip(self, plan: RepaymentPlan) -> Any:
        return chip(plan, "state", PLAN_TONES)

    @admin.display(description=_("total"))
    def total(self, plan: RepaymentPlan) -> str:
        return money(plan.total_amount, plan.account.currency)

    @admin.display(description=_("annual rate"))
    def annual(self, plan: RepaymentPlan) -> str:
        return rate(plan.annual_rate)

    @admin.display(description=_("account"))
    def account_link(self, plan: RepaymentPlan) -> Any:
        return linked(plan.account)

    @admin.display(description=_("decision"))
    def decision_link(self, plan: RepaymentPlan) -> Any:
        return linked(plan.decision)
