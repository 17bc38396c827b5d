"""The numbers of one day at each step from the portfolio to the terms."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from cases.models import Account, Case, Decision, TermsChange, TriggerHit, Verification
from reports.selectors.counting import capped_counts
from visits.models import VisitOrder

CAP = 10_000


def along_the_loop(*, user: Any, business_date: date) -> dict[str, int]:
    """
    Return the count of `business_date` for each step, at most CAP each, in one statement.

    Accounts past due (as of now), hits that began, cases opened, visits planned, verifications, decisions proposed and
    terms changes acknowledged; only what `user` may see. Steps that the person's role may not view are absent.
    """
    steps: dict[str, tuple[str, QuerySet[Any]]] = {
        "portfolio": ("cases.view_account", Account.objects.visible_to(user).filter(days_past_due__gt=0)),
        "triggers": ("cases.view_triggerhit", TriggerHit.objects.visible_to(user).filter(entered_on=business_date)),
        "cases": ("cases.view_case", Case.objects.visible_to(user).filter(opened_on=business_date)),
        "visits": (
            "visits.view_visitorder",
            VisitOrder.objects.visible_to(user).filter(window_start__date=business_date),
        ),
        "verifications": (
            "cases.view_verification",
            Verification.objects.visible_to(user).filter(verified_on=business_date),
        ),
        "decisions": ("cases.view_decision", Decision.objects.visible_to(user).filter(created_at__date=business_date)),
        "terms": (
            "cases.view_termschange",
            TermsChange.objects.visible_to(user).filter(acknowledged_at__date=business_date),
        ),
    }
    rows = {name: queryset for name, (permission, queryset) in steps.items() if user.has_perm(permission)}
    return capped_counts(rows=rows, cap=CAP)
