"""The first screen of a case's page: what is established, what is proposed, what stands, which letters went out."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.admin.case.exposure import drawable_sentence, offered_chart, running_chart
from cases.admin.decisions.decision import KIND_TONES
from cases.admin.decisions.letter import STATE_TONES as LETTER_TONES
from cases.admin.decisions.plan import PLAN_TONES
from cases.admin.decisions.text import approvals_text, change_sentences, effect_sentences, more_sentences, value_words
from cases.admin.verification import VERDICT_TONES
from cases.enums import AccountStatus, Certainty, DecisionKind, DecisionState, TermsField
from cases.models import Account, Case, Decision
from cases.rules.lifecycle import CASE, DECISION
from cases.rules.policy.proposal_table import read_table
from cases.selectors.casework.alternatives import Alternative, alternatives_for
from cases.selectors.casework.approvals import decided_by, judge_decisions
from cases.selectors.casework.decisions import reason_texts
from cases.selectors.casework.effects import Effect, effects_of_each
from cases.selectors.casework.established import established_facts
from cases.selectors.casework.letters import letters_of_borrower
from cases.selectors.casework.plan_schedules import plan_schedule
from cases.selectors.casework.standing_terms import StandingTerm, running_plans, standing_terms
from cases.selectors.policies.holidays import calendars_in_use

CERTAINTY_TONES = {Certainty.FIRM: "text-important", Certainty.LIKELY: "", Certainty.WEAK: "text-base-500"}
# Letters that the first screen shows; those that did not arrive come first.
LETTERS = 4


def first_screen(*, case: Case, user: Any, accounts: list[Account], on: date) -> dict[str, Any]:
    """Return the panels of the first screen on a day, limited to what `user` may see."""
    panels: dict[str, Any] = {}
    if user.has_perm("cases.view_verification"):
        panels["established"] = _established(case, user, on)
    if user.has_perm("cases.view_decision"):
        panels["proposals"] = _proposals(case, user, on)
        panels["alternatives"] = _alternatives(case, user, accounts, panels["proposals"], on)
    if user.has_perm("cases.view_accountterm"):
        panels["standing"] = _standing(standing_terms(borrower_id=case.borrower_id, user=user))
    if user.has_perm("cases.view_repaymentplan"):
        panels["plans"] = running_plans(borrower_id=case.borrower_id, user=user)
        for running in panels["plans"]:
            running.plan.tone = PLAN_TONES[running.plan.state]
            running.plan.chart = running_chart(instalments=running.plan.in_order)
    if user.has_perm("cases.view_decisionletter"):
        panels["letters"] = letters_of_borrower(borrower_id=case.borrower_id, user=user, business_date=on, most=LETTERS)
        for letter in panels["letters"]:
            letter.tone = LETTER_TONES[letter.state]
    return panels


def _established(case: Case, user: Any, on: date) -> list[dict[str, Any]]:
    firm = read_table(case.policy_version.body).firm_confidence
    facts = established_facts(borrower=case.borrower, user=user, on=on, firm=firm)
    return [
        {
            "section": each.fact.get_section_display(),
            "verdict": each.fact.get_verdict_display(),
            "tone": VERDICT_TONES[each.fact.verdict],
            "certainty": each.certainty.label if each.certainty else "",
            "certainty_class": CERTAINTY_TONES[each.certainty] if each.certainty else "",
            "verification": each.fact.verification,
            "expires_on": each.fact.expires_on,
            "counts": each.counts,
        }
        for each in facts
    ]


def _proposals(case: Case, user: Any, on: date) -> list[Any]:
    """Return the decisions that wait for approval: what each changes, why, what stands against it, who approves until when."""
    rows: list[Any] = list(
        Decision.objects.visible_to(user)
        .filter(borrower_id=case.borrower_id, state=DecisionState.PROPOSED)
        .select_related("account__territory", "plan", "proposed_by", "approved_by")
        .prefetch_related("policy_version")
        .order_by("pk")
    )
    judged = judge_decisions(decisions=rows, on=on)
    for row, effects in zip(rows, effects_of_each(decisions=rows), strict=True):
        row.changes = change_sentences(decision=row, effects=effects)
        row.drawable = drawable_sentence(account=row.account, effects=effects)
        row.sentences = reason_texts(decision=row)
        row.kind_tone = KIND_TONES[row.kind]
        row.refusals = [refusal.text for refusal in judged[row.pk].refusals]
        row.approvals = approvals_text(given=row.approvals_given, needed=judged[row.pk].approvals_needed)
        row.decide_by = decided_by(decision=row)
        row.is_late = row.decide_by < on
        row.whose_turn = _whose_turn(row, user)
        row.buttons = _buttons(row, user)
    _draw_plans(rows, on)
    return rows


def _draw_plans(rows: Iterable[Any], on: date) -> None:
    """Give each proposed plan the chart of its payments, as if it began today. One query where there is one, else none."""
    plans = [row for row in rows if row.kind == DecisionKind.PLAN]
    calendars = calendars_in_use() if plans else None
    for row in plans:
        try:
            schedule = plan_schedule(account=row.account, terms=row.terms, starts_on=on, calendars=calendars)
        except InvalidInput:
            # A first step that no longer pays the interest of its days; the approval says so.
            continue
        row.chart = offered_chart(schedule=schedule)


def _whose_turn(decision: Decision, user: Any) -> Any:
    if decision.proposed_by_id == user.pk:
        return _("another person approves it, because you proposed it")
    if decision.approved_by_id == user.pk:
        return _("a second person approves it; you gave the first approval")
    if decision.approved_by_id is not None:
        return _("a second approver decides")
    return _("an approver decides, not who proposed it")


def _buttons(decision: Decision, user: Any) -> list[dict[str, Any]]:
    """Return the buttons to approve and to reject, which open the dialogs of the decision's own page."""
    if user.pk in (decision.proposed_by_id, decision.approved_by_id):
        return []
    shown = []
    for action, variant in (("approve", "primary"), ("reject", "default")):
        step = DECISION.step(action)
        if user.has_perm(step.permission):
            attrs = _dialog(reverse(f"admin:cases_decision_{action}", args=[decision.pk]))
            shown.append({"label": step.label, "variant": variant, "attrs": attrs})
    return shown


def _dialog(address: str) -> dict[str, str]:
    """Return the attributes of a button that opens the dialog at an address."""
    return {
        "hx-get": address,
        "hx-target": "#modal-content",
        "hx-select": "#dialog",
        "x-on:htmx:after-on-load": "openModal = true",
    }


def _alternatives(
    case: Case, user: Any, accounts: list[Account], proposals: Iterable[Any], on: date
) -> list[dict[str, Any]]:
    """Return what else could be proposed on the borrower's account that is overdue longest, each with its button."""
    own = [a for a in accounts if a.borrower_id == case.borrower_id and a.status != AccountStatus.CLOSED]
    if not own or case.stage not in CASE.step("decide").sources:
        return []
    besides = {proposal.kind for proposal in proposals if proposal.account_id == own[0].pk}
    found = alternatives_for(account=own[0], body=case.policy_version.body, besides=besides, on=on)
    return [
        {
            "kind": alternative.kind.label,
            "tone": KIND_TONES[alternative.kind],
            "account": alternative.account,
            "changes": [
                *effect_sentences(effects=_changed(alternative), currency=alternative.account.currency),
                *more_sentences(alternative.terms, alternative.account.currency),
            ],
            "approvals_needed": alternative.approvals_needed,
            **_way_to_propose(case, user, alternative),
        }
        for alternative in found
    ]


def _changed(alternative: Alternative) -> list[Effect]:
    return [effect for effect in alternative.effects if effect.without != effect.with_it]


def _way_to_propose(case: Case, user: Any, alternative: Alternative) -> dict[str, Any]:
    """Return the page of a plan, or the dialog of another kind; nothing for people who may not propose."""
    if not user.has_perm("cases.propose_decision"):
        return {}
    chosen = urlencode({"account": alternative.account.pk, "kind": alternative.kind})
    if alternative.kind == DecisionKind.PLAN:
        return {"page": reverse("admin:cases_case_propose_plan", args=[case.pk])}
    return {"attrs": _dialog(f"{reverse('admin:cases_case_propose', args=[case.pk])}?{chosen}")}


def _standing(terms: list[StandingTerm]) -> list[dict[str, Any]]:
    """Return each decision in force with what holds by it, in words."""
    found = []
    for decision, group in groupby(terms, key=lambda term: term.decision):
        lines = []
        for term in group:
            currency = decision.account.currency
            base, holds = (value_words(field=term.field, value=v, currency=currency) for v in (term.base, term.holds))
            words = holds if base == holds else f"{base} → {holds}"
            lines.append(
                {"term": TermsField(term.field).label, "words": words, "rests": term.rests, "trouble": term.trouble}
            )
        found.append({"decision": decision, "tone": KIND_TONES[decision.kind], "lines": lines})
    return found
