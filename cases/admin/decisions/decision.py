"""Decisions: what is proposed and why, with the buttons of the person who approves; plans that follow."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.access.filters import territory_filter
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.buttons import DANGER, SUCCESS, WARNING, ButtonForm, Press, ReasonForm, button, day_input
from backoffice.core.pages.cells import chip, lines, linked, money, named, rate, tones
from cases.admin.account import TermsChangeInline
from cases.admin.base import CasesAdmin
from cases.admin.decisions.text import terms_sentences
from cases.enums import ADVERSE_KINDS, DecisionKind, DecisionState, PlanState
from cases.models import Decision, PlanInstalment, RepaymentPlan
from cases.rules.lifecycle import DECISION, PLAN
from cases.selectors.casework.decisions import reason_texts
from cases.services.decisions import lifecycle as decisions
from cases.services.decisions import plans

STATE_TONES = tones(
    DecisionState,
    primary=["PROPOSED"],
    info=["APPROVED", "SENT"],
    success=["ACKNOWLEDGED"],
    danger=["REJECTED"],
    warning=["REVERSED"],
)
KIND_TONES = tones(
    DecisionKind,
    danger=ADVERSE_KINDS,
    success=["LIMIT_INCREASE", "RATE_REDUCTION"],
    info=["GRACE", "PLAN", "SPECIAL_CARE"],
)
PLAN_TONES = tones(PlanState, success=["ACTIVE", "FULFILLED"], danger=["BROKEN"])
# A page of the list; more are not read by anybody before they agree.
MOST_AT_ONCE = 200


class ApproveForm(ButtonForm):
    """A word on the approval, if one is needed."""

    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("Needed for a decision against the borrower: say why you approve it."),
    )


class AgreeForm(ButtonForm):
    """What the borrower agreed to, and from when."""

    agreement_ref = forms.CharField(
        label=_("Recording or signed paper"), max_length=80, widget=UnfoldAdminTextInputWidget
    )
    starts_on = forms.DateField(label=_("Starts on"), required=False, widget=day_input())


@admin.register(Decision)
class DecisionAdmin(CasesAdmin):
    """One decision on one account: help, restrict or reward."""

    lifecycle = DECISION
    reference_path = "account__external_ref"
    number_prefix = "D"
    list_display = (
        "__str__",
        "kind_chip",
        "borrower_masked",
        "account",
        "origin",
        "state_chip",
        "why",
        "proposed_by",
        "business_date",
        "expires_on",
    )
    list_select_related = ("borrower", "account", "proposed_by")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("origin", ChoicesDropdownFilter),
        territory_filter("account__territory"),
    )
    empty_hint = _("Decisions are proposed from verified facts, by the nightly standing job, or by a case officer.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("kind_chip", "state_chip"),
                    ("borrower_masked", "account_link"),
                    ("case_link", "verification_link"),
                    ("origin", "business_date"),
                    ("version", "under"),
                    ("proposed", "approved"),
                    ("approved_at", "approval_note"),
                    ("effective_on", "expires_on"),
                )
            },
        ),
        (_("Why, and what would change"), {"fields": ("why", "what")}),
    )
    proposed = named("proposed_by", _("proposed by"))
    approved = named("approved_by", _("approved by"))
    version = named("policy_version", _("policy version"))
    under = named("approved_under", _("approved under policy"))
    inlines = (TermsChangeInline,)
    actions = ("approve_selected",)
    actions_detail = ("approve", "reject", "reverse")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Reasons of the standing job are titles of the version's rules; one version serves a whole page.
        return super().get_queryset(request).prefetch_related("policy_version")

    def has_approve_permission(self, request: HttpRequest) -> bool:
        """Who may approve; Django asks by this name for the list's action."""
        return request.user.has_perm("cases.approve_decision")

    @admin.display(description=_("kind"), ordering="kind")
    def kind_chip(self, decision: Decision) -> Any:
        return chip(decision, "kind", KIND_TONES)

    @admin.display(description=_("state"), ordering="state")
    def state_chip(self, decision: Decision) -> Any:
        return chip(decision, "state", STATE_TONES)

    @admin.display(description=_("account"))
    def account_link(self, decision: Decision) -> Any:
        return linked(decision.account)

    @admin.display(description=_("case"))
    def case_link(self, decision: Decision) -> Any:
        return linked(decision.case)

    @admin.display(description=_("verification"))
    def verification_link(self, decision: Decision) -> Any:
        return linked(decision.verification)

    @admin.display(description=_("reasons"))
    def why(self, decision: Decision) -> Any:
        return lines(reason_texts(decision=decision))

    @admin.display(description=_("would change"))
    def what(self, decision: Decision) -> Any:
        return lines(terms_sentences(terms=decision.terms, currency=decision.account.currency))

    @button(
        label=_("Approve"),
        permission="cases.approve_decision",
        form=ApproveForm,
        icon="check",
        variant=SUCCESS,
        text=_("Nobody approves a decision of their own. The core system is instructed once it is approved."),
        done=_("The decision is approved."),
    )
    def approve(self, press: Press) -> None:
        decisions.approve_decision(decision=press.record, note=press.values["note"], actor=press.actor, at=press.at)

    @button(
        label=pgettext_lazy("to refuse a proposal", "Reject"),
        permission="cases.reject_decision",
        form=ReasonForm,
        icon="block",
        variant=DANGER,
        done=_("The decision is rejected."),
    )
    def reject(self, press: Press) -> None:
        decisions.reject_decision(decision=press.record, reason=press.values["reason"], actor=press.actor, at=press.at)

    @button(
        label=_("Reverse"),
        permission="cases.reverse_decision",
        form=ReasonForm,
        icon="undo",
        variant=WARNING,
        text=_("What the decision changed is set back."),
        done=_("The decision is reversed."),
    )
    def reverse(self, press: Press) -> None:
        decisions.reverse_decision(decision=press.record, reason=press.values["reason"], actor=press.actor, at=press.at)

    @admin.action(description=_("Approve the selected decisions"), permissions=["approve"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Show what is about to be approved; after the confirmation, call the bulk service once."""
        rewards = queryset.filter(state=DecisionState.PROPOSED, kind__in=decisions.REWARD_KINDS)
        chosen = rewards.exclude(proposed_by=request.user).order_by("pk")
        rows = list(chosen.select_related("borrower", "account")[:MOST_AT_ONCE])
        if request.POST.get("confirmed") != "yes" or not rows:
            context = self.admin_site.each_context(request) | {
                "title": _("Approve decisions"),
                "opts": self.model._meta,
                "rows": rows,
                "left_out": queryset.count() - len(rows),
                "checkbox_name": ACTION_CHECKBOX_NAME,
            }
            return TemplateResponse(request, "admin/cases/approve_decisions.html", context)
        if not request.user.has_perm("cases.approve_decision"):
            raise PermissionDenied
        try:
            number = decisions.approve_decisions(
                decisions=chosen, note=request.POST.get("note", "")[:300], actor=request.user, at=timezone.now()
            )
        except DoorstepError as error:
            messages.error(request, str(error))
        else:
            text = ngettext("{number} decision is approved.", "{number} decisions are approved.", number)
            messages.success(request, text.format(number=number))
        return HttpResponseRedirect(request.get_full_path())


class InstalmentInline(ScopedInline):
    model = PlanInstalment
    per_page = 60
    ordering = ("number", "pk")
    fields = ("number", "due_on", "amount", "interest", "paid_on")


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
