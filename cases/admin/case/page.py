"""The panels of a case's page: each is one selector or one scoped query."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import money, share
from cases.admin.case.first_screen import first_screen
from cases.admin.decisions.decision import KIND_TONES, STATE_TONES
from cases.admin.suspicion import source_words, state_chip
from cases.enums import Channel, DecisionState
from cases.models import (
    Account,
    Application,
    BorrowerFlag,
    Case,
    ContactAttempt,
    Decision,
    PromiseToPay,
    SuspicionSignal,
    Verification,
)
from cases.selectors.casework.decisions import reason_texts
from cases.selectors.casework.explanations import why
from cases.selectors.casework.people import hidden_from, others_of_case
from cases.selectors.casework.suspicion import signals_of
from cases.selectors.casework.timeline import timeline
from cases.selectors.contacts.breaches import breaches_of_person

# Rows that a panel shows; the lists show the others.
NEWEST = 5


def case_page(*, case: Case, user: Any, on: date) -> dict[str, Any]:
    """Return the panels of one case on a day, limited to what `user` may see; a panel that their role lacks is absent."""
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
        panels["most_days"] = max((account.days_past_due for account in panels["accounts"]), default=0)
    if user.has_perm("cases.view_borrowerflag"):
        flags = BorrowerFlag.objects.visible_to(user).filter(borrower__in=borrowers, cleared_at__isnull=True)
        panels["flags"] = list(flags.order_by("set_at", "pk"))
    if user.has_perm("cases.view_application"):
        panels["stated"] = Application.objects.visible_to(user).filter(borrower=case.borrower_id).first()
    if user.has_perm("cases.view_suspicionsignal"):
        panels["signals"] = [_signal(each) for each in signals_of(user=user, borrowers=borrowers)]
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
        panels["decided"] = _decided(case, user)
    panels |= first_screen(case=case, user=user, accounts=panels.get("accounts", []), on=on)
    panels["timeline"] = timeline(case=case)
    # Notes may name people: in clear only for those who work or decide the case.
    panels["reads_notes"] = user.has_perm("cases.work_case") or user.has_perm("cases.approve_decision")
    return panels


def _signal(signal: SuspicionSignal) -> dict[str, Any]:
    words = {"sure": share(signal.confidence), "source": source_words(signal), "state": state_chip(signal)}
    return {"record": signal, **words}


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
    """Return the newest verifications; what counts of them now stands in the first screen."""
    rows = Verification.objects.visible_to(user).filter(borrower_id=case.borrower_id)
    return list(rows.order_by("-verified_on", "-pk")[:NEWEST])


def _decided(case: Case, user: Any) -> list[Any]:
    """Return the newest decisions that are no proposals any more; those stand in the first screen."""
    rows = Decision.objects.visible_to(user).filter(borrower_id=case.borrower_id).exclude(state=DecisionState.PROPOSED)
    newest: list[Any] = list(rows.select_related("account").prefetch_related("policy_version").order_by("-pk")[:NEWEST])
    for decision in newest:
        decision.sentences = reason_texts(decision=decision)
        decision.kind_tone, decision.state_tone = KIND_TONES[decision.kind], STATE_TONES[decision.state]
    return newest


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
