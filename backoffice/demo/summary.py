"""The demo's closing figures: counts that a person can check in the admin."""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Count

from backoffice.access.models import User
from cases.enums import DecisionState
from cases.models import Account, Case, Decision, TriggerHit
from reports.selectors.effectiveness import channel_effect
from visits.enums import VisitState
from visits.models import VisitReport


def summary(*, start_on: date, end_on: date, seconds: float) -> dict[str, Any]:
    """Return the counts of the loop as one JSON-ready mapping; money as text in CNY."""
    risk = User.objects.get(username="risk")
    findings: Counter[str] = Counter()
    for found in VisitReport.objects.exclude(order__state=VisitState.RETURNED).values_list("findings", flat=True):
        findings.update(found)
    effect = channel_effect(user=risk, start_on=start_on, end_on=end_on, currency="CNY")
    return {
        "accounts": Account.objects.count(),
        "overdue": Account.objects.filter(days_past_due__gt=0).count(),
        "hits": _counted(TriggerHit.objects.values_list("rule")),
        "cases": Case.objects.count(),
        "visits": dict(sorted(findings.items())),
        "decisions": _counted(Decision.objects.exclude(state=DecisionState.REJECTED).values_list("kind")),
        "recovered": {each.channel: str(each.recovered) for each in effect},
        "seconds": round(seconds, 1),
    }


def _counted(rows: Any) -> dict[str, int]:
    return {name: count for name, count in rows.annotate(n=Count("pk")).order_by("-n")}
