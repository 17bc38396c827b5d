"""Who entered and who left, by business date."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from cases.models import TriggerHit


def open_hits(*, borrower_id: int) -> QuerySet[TriggerHit]:
    """Return the reasons that hold now for a borrower, longest standing first."""
    return TriggerHit.objects.filter(borrower_id=borrower_id, left_on__isnull=True).order_by("entered_on", "pk")


def hits_on(*, business_date: date) -> QuerySet[TriggerHit]:
    """Return the hits that held at the end of a business date, whatever happened since."""
    return TriggerHit.objects.filter(
        Q(left_on__isnull=True) | Q(left_on__gt=business_date), entered_on__lte=business_date
    ).order_by("pk")


def entered_by_rule(*, business_date: date) -> dict[str, int]:
    """Return how many hits began on a business date, by rule."""
    rows = TriggerHit.objects.filter(entered_on=business_date).values("rule").annotate(n=Count("pk")).order_by("rule")
    return {row["rule"]: row["n"] for row in rows}


def left_by_rule(*, business_date: date) -> dict[str, int]:
    """Return how many hits ended on a business date, by rule."""
    rows = TriggerHit.objects.filter(left_on=business_date).values("rule").annotate(n=Count("pk")).order_by("rule")
    return {row["rule"]: row["n"] for row in rows}
