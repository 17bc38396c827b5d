"""The panels of a case's page: each is one selector or one scoped query."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import money
from cases.admin.decisions.decision import KIND_TONES, STATE_TONES
from cases.admin.verification import VERDICT_TONES
from cases.enums import Channel, DecisionState, Section
from cases.models import (
    Account,
    BorrowerFlag,
    Case,
    ContactAttempt,
    Decision,
    PromiseToPay,
    Verification,
    VerifiedFact,
)
from cases.rules.lifecycle import DECISION
from cases.selectors.casework.decisions import reason_texts
from cases.selectors.casework.explanations import why
from cases.selectors.casework.people import hidden_from, others_of_case
from cases.selectors.casework.timeline import timeline
from cases.selectors.contacts.breaches import breaches_of_person

# Rows that a panel shows; the lists show the others.
NEWEST = 5
SECTIONS = list(Section.values)


def case_page(*, case: Case, user: Any) -> dict[str, Any]:
    """Return the panels of one case, limited to what `user` may see; a panel that their role lacks is absent."""
    panels: dict[str, Any] = {"hint": hint(case=case, user=user)}
    linked = others_of_case(case=case, user=user)
    panels["linked"], panels["hidden"] = linked, hidden_from(case=case, shown=linked)
    # What counts for the person: of all their borrowers.
    borrowers = [case.borrower_id, *(borrower.pk for borrower in linked)]
    if user.has_perm("cases.view_triggerhit"):
        panels["why"] = why(case=case, user=user)
    if user.has_perm("cases.view_account"):
        panels["accounts"] = _accounts(case, borrowers, user)
        panels["total_arrears"] = _total(panels["accounts"])
    if user.has_perm("cases.view_borrowerflag"):
        flags = BorrowerFlag.objects.visible_to(user).filter(borrower__in=borrowers, cleared_at__isnull=True)
        panels["flags"] = list(flags.order_by("set_at", "pk"))
    if user.has_perm("cases.view_contactattempt"):
        panels["attempts"] = _attempts(borrowers, user)
    if user.has_perm("cases.view_contactbreach"):
        panels["breaches"] = breaches_of_person(borrower=case.borrower, user=user, newest=NEWEST)
    if user.has_perm("cases.view_promisetopay"):
        promises = PromiseToPay.objects.visible_to(user).filter(borrower_id=case.borrower_id)
        panels["promises"] = list(promises.select_related("account").order_by("-due_on", "-pk")[:NEWEST])
    if user.has_perm("cases.view_verification"):
        panels["verifications"] = _verifications(case, user)
    if user.has_perm("cases.view_decision"):
        panels["decisions"] = _decisions(case, user)
    panels["timeline"] = timeline(case=case)
    # Notes may name people: in clear only for those who work or decide the case.
    panels["reads_notes"] = user.has_perm("cases.work_case") or user.has_perm("cases.approve_decision")
    return panels


def _accounts(case: Case, borrowers: list[int], user: Any) -> list[Any]:
    """Return the accounts of these borrowers, the case's own first; `linked` is the borrower of one of the others."""
    rows = Account.objects.visible_to(user).filter(borrower__in=borrowers).select_related("borrower")
    accounts: list[Any] = sorted(
        rows.order_by("-days_past_due", "pk"), key=lambda account: account.borrower_id != case.borrower_id
    )
    for account in accounts:
        account.linked = account.borrower if account.borrower_id != case.borrower_id else None
    return accounts


def _total(accounts: list[Account]) -> str:
    """Return the sums of arrears by currency; amounts of different currencies are never added."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for account in accounts:
        if account.arrears_amount:
            sums[account.currency] += account.arrears_amount
    return " + ".join(money(amount, currency) for currency, amount in sorted(sums.items()))


def _attempts(borrowers: list[int], user: Any) -> list[dict[str, Any]]:
    rows = (
        ContactAttempt.objects.visible_to(user)
        .filter(borrower__in=borrowers)
        .values("channel")
        .annotate(
            number=Count("pk"),
            reached=Count("pk", filter=Q(right_party=True)),
            with_receipt=Count("pk", filter=Q(receipt=True)),
            last_at=Max("attempted_at"),
        )
        .order_by("channel")
    )
    return [{**row, "channel": Channel(row["channel"]).label} for row in rows]


def _verifications(case: Case, user: Any) -> list[Verification]:
    facts = Prefetch("facts", VerifiedFact.objects.order_by("section", "pk"), to_attr="sections")
    rows = Verification.objects.visible_to(user).filter(borrower_id=case.borrower_id).prefetch_related(facts)
    newest = list(rows.order_by("-verified_on", "-pk")[:NEWEST])
    for verification in newest:
        verification.sections.sort(key=lambda fact: SECTIONS.index(fact.section))
        for fact in verification.sections:
            fact.tone = VERDICT_TONES[fact.verdict]
    return newest


def _decisions(case: Case, user: Any) -> list[Any]:
    rows = Decision.objects.visible_to(user).filter(borrower_id=case.borrower_id)
    newest: list[Any] = list(rows.select_related("account").prefetch_related("policy_version").order_by("-pk")[:NEWEST])
    for decision in newest:
        decision.sentences = reason_texts(decision=decision)
        decision.kind_tone, decision.state_tone = KIND_TONES[decision.kind], STATE_TONES[decision.state]
        decision.buttons = _buttons(decision, user)
    return newest


def _buttons(decision: Decision, user: Any) -> list[dict[str, Any]]:
    """Return the buttons to approve and to reject, which open the dialogs of the decision's own page."""
    if decision.state != DecisionState.PROPOSED or decision.proposed_by_id == user.pk:
        return []
    steps = (("approve", "primary"), ("reject", "default"))
    shown = []
    for action, variant in steps:
        step = DECISION.step(action)
        if user.has_perm(step.permission):
            address = reverse(f"admin:cases_decision_{action}", args=[decision.pk])
            attrs = {
                "hx-get": address,
                "hx-target": "#modal-content",
                "hx-select": "#dialog",
                "x-on:htmx:after-on-load": "openModal = true",
            }
            shown.append({"label": step.label, "variant": variant, "attrs": attrs})
    return shown


def hint(*, case: Case, user: Any) -> Any:
    """Return the next step for this role at this stage, or an empty text where there is none."""
    steps = {
        "cases.work_case": {
            "OPEN": _("Take the case, then try to reach the borrower from afar before you ask for a visit."),
            "IN_WORK": _("Check facts at the desk, or ask for a visit if nothing else establishes them."),
            "VISITING": _("A visit is under way. Its report comes back here once it is accepted."),
            "VERIFIED": _("Facts are established. Propose a decision, or close the case."),
            "DECIDED": _("A decision waits for another person's approval."),
            "MONITORED": _("A decision is in force. Watch whether it is kept."),
            "ON_HOLD": _("The case rests until the day given, unless you resume it."),
        },
        "cases.approve_decision": {"DECIDED": _("Read the reasons, then approve or reject the proposed decision.")},
        "visits.dispatch_visitorder": {
            "VISITING": _("Plan the visit: window, crew, letter."),
            "OPEN": _("Nothing to dispatch until a visit is asked for."),
        },
        "visits.review_visitorder": {"VISITING": _("Review the report when the crew has sent it.")},
    }
    for permission, by_stage in steps.items():
        if user.has_perm(permission) and case.stage in by_stage:
            return by_stage[case.stage]
    return ""
