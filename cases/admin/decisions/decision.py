"""Decisions: what is proposed and why, with the buttons of the person who approves."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from backoffice.access.filters import territory_filter
from backoffice.core.pages.buttons import DANGER, SUCCESS, WARNING, ButtonForm, Press, ReasonForm, button, to_page
from backoffice.core.pages.cells import EMPTY, chip, lines, linked, named, tones
from cases.admin.account_term import MeasureInline, TermsChangeInline
from cases.admin.base import CasesAdmin
from cases.admin.decisions.bulk import BulkApproval
from cases.admin.decisions.filters import WaitingFilter
from cases.admin.decisions.legal_steps import LegalSteps
from cases.admin.decisions.letter import DecisionLetterInline, DecisionLetters
from cases.admin.decisions.opt_in import OptInAnswers, answer_words
from cases.admin.decisions.queue import DecisionQueue
from cases.admin.decisions.text import effect_sentences, explanation_sentences, terms_sentences
from cases.enums import ADVERSE_KINDS, APPROVAL_GROUNDS, REJECTION_GROUNDS, DecisionKind, DecisionState
from cases.models import Decision
from cases.rules.lifecycle import DECISION
from cases.rules.plans.means import means_of
from cases.selectors.casework.approvals import judge_decisions
from cases.selectors.casework.decisions import explain_decision, reason_texts
from cases.selectors.casework.effects import effects_of
from cases.services.decisions import lifecycle as decisions
from cases.services.decisions.reversal import reverse_decision

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
    info=["GRACE", "PLAN", "RATE_RELIEF", "SPECIAL_CARE", "WAIVER"],
)


class ApproveForm(ButtonForm):
    """The ground of an approval, and a note where one is needed."""

    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[("", "–"), *((ground.value, ground.label) for ground in APPROVAL_GROUNDS)],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("Kept sealed. Needed for a decision against the borrower: say why you approve it."),
    )


class RejectForm(ReasonForm):
    """The ground of a rejection, and the reason."""

    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[("", "–"), *((ground.value, ground.label) for ground in REJECTION_GROUNDS)],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


@admin.register(Decision)
class DecisionAdmin(DecisionQueue, BulkApproval, DecisionLetters, OptInAnswers, LegalSteps, CasesAdmin):
    """One decision on one account: help, restrict or reward."""

    lifecycle = DECISION
    reference_path = "account__external_ref"
    number_prefix = "D"
    list_select_related = ("borrower", "account", "proposed_by", "plan")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("origin", ChoicesDropdownFilter),
        WaitingFilter,
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
                )
            },
        ),
        (_("Why, and what would change"), {"fields": ("why", ("what", "effect"), "against")}),
        (
            _("Proposal and approval"),
            {
                "fields": (
                    ("approvals", "decide_by", "second"),
                    ("proposed", "approved", "approved_away"),
                    ("origin", "business_date"),
                    ("version", "under"),
                    ("approved_at", "ground"),
                    "note",
                    ("second_approved_at", "second_away", "second_note_text"),
                    "answer",
                    ("effective_on", "expires_on"),
                )
            },
        ),
        (_("What the borrower may be told"), {"fields": ("explained",)}),
        (_("Letter to the borrower"), {"fields": (("letter_papers", "letter_arrival"), "letter_said")}),
    )
    proposed = named("proposed_by", _("proposed by"))
    approved = named("approved_by", _("approved by"))
    second = named("second_approved_by", _("approved second by"))
    approved_away = named("approved_for", _("approved as stand-in of"))
    second_away = named("second_approved_for", _("approved second as stand-in of"))
    version = named("policy_version", _("policy version"))
    under = named("approved_under", _("approved under policy"))
    inlines = (MeasureInline, DecisionLetterInline, TermsChangeInline)
    actions = ("approve_selected",)
    actions_detail = ("approve", "reject", "reverse", "answer_offer", "record_legal_step")

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
        terms = {**decision.terms, **means_of(text=decision.means)}
        return lines(terms_sentences(terms=terms, currency=decision.account.currency))

    @admin.display(description=_("effect on the terms"))
    def effect(self, decision: Any) -> Any:
        # The page asks for a field several times; what it takes to answer is read once.
        if not hasattr(decision, "effects"):
            decision.effects = effects_of(decision=decision)
        return lines(effect_sentences(effects=decision.effects, currency=decision.account.currency))

    @admin.display(description=_("stands against approval"))
    def against(self, decision: Any) -> Any:
        if decision.state != DecisionState.PROPOSED:
            return EMPTY
        if not hasattr(decision, "judged"):
            decision.judged = judge_decisions(decisions=[decision], on=timezone.localdate())[decision.pk]
        return lines(refusal.text for refusal in decision.judged.refusals)

    @admin.display(description=_("approver's note"))
    def note(self, decision: Decision) -> str:
        return decision.approval_note or EMPTY

    @admin.display(description=_("second approver's note"))
    def second_note_text(self, decision: Decision) -> str:
        return decision.second_note or EMPTY

    @admin.display(description=_("borrower's answer"))
    def answer(self, decision: Decision) -> str:
        return answer_words(decision)

    @admin.display(description=_("explanation"))
    def explained(self, decision: Decision) -> Any:
        explanation = explain_decision(decision=decision)
        return lines(explanation_sentences(explanation=explanation, currency=decision.account.currency))

    @button(
        label=_("Approve"),
        permission="cases.approve_decision",
        form=ApproveForm,
        icon="check",
        variant=SUCCESS,
        text=_("Nobody approves a decision of their own. The core system is instructed once it is approved."),
        done=_("The decision is approved."),
    )
    def approve(self, press: Press) -> HttpResponse | None:
        decision = decisions.approve_decision(decision=press.record, actor=press.actor, at=press.at, **press.values)
        if decision.state != DecisionState.PROPOSED:
            return None
        messages.success(press.request, str(_("1 of 2 approved. The decision waits for a second person.")))
        return to_page(press.request, self.page_of(decision))

    @button(
        label=pgettext_lazy("to refuse a proposal", "Reject"),
        permission="cases.reject_decision",
        form=RejectForm,
        icon="block",
        variant=DANGER,
        done=_("The decision is rejected."),
    )
    def reject(self, press: Press) -> None:
        decisions.reject_decision(decision=press.record, actor=press.actor, at=press.at, **press.values)

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
        reverse_decision(decision=press.record, reason=press.values["reason"], actor=press.actor, at=press.at)
