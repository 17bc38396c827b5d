"""What waits for somebody: visits to approve, to plan and to make, reports to review, placements that end."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from visits.enums import VisitState
from visits.models import CrewMember, Placement, VisitOrder, VisitReport
from visits.models.order import LIVE_PLACEMENTS
from visits.selectors.conduct import OFFICIAL_ZONE

ON_THE_DAY = (VisitState.SCHEDULED, VisitState.ACCEPTED, VisitState.EN_ROUTE, VisitState.CHECKED_IN)


def day_bounds(*, day: date) -> tuple[datetime, datetime]:
    """Return the first instant of `day` and of the next one by the clock at the addresses."""
    start = datetime.combine(day, time(0), tzinfo=OFFICIAL_ZONE)
    return start, start + timedelta(days=1)


def orders_to_approve(*, user: Any) -> QuerySet[VisitOrder]:
    """Return the drafts that `user` may see and did not request themselves, the most urgent case first."""
    return (
        _orders(user=user)
        .filter(state=VisitState.DRAFT)
        .exclude(requested_by=user)
        .order_by("case__priority", "case__needs_visit_by", "pk")
    )


def orders_to_schedule(*, user: Any) -> QuerySet[VisitOrder]:
    """Return the approved orders with a live placement, the soonest to lapse first."""
    return (
        _orders(user=user)
        .filter(state=VisitState.APPROVED, placement__state__in=LIVE_PLACEMENTS)
        .order_by("valid_until", "pk")
    )


def orders_of_day(*, member: CrewMember, day: date) -> QuerySet[VisitOrder]:
    """Return a crew member's visits of a local day in the order of the route; none once a placement has ended."""
    start, end = day_bounds(day=day)
    return (
        VisitOrder.objects.filter(Q(lead=member) | Q(second=member), state__in=ON_THE_DAY)
        .filter(placement__state__in=LIVE_PLACEMENTS, planned_arrival_at__gte=start, planned_arrival_at__lt=end)
        .select_related("case__borrower", "address", "lead", "second", "placement__agency")
        .order_by("planned_arrival_at", "pk")
    )


def reports_to_review(*, user: Any) -> QuerySet[VisitReport]:
    """Return the newest reports that wait for a reviewer other than who handed them in, oldest first."""
    return (
        VisitReport.objects.visible_to(user)
        .filter(order__state__in=(VisitState.REPORTED, VisitState.UNDER_REVIEW), review__isnull=True)
        .exclude(submitted_by=user)
        .select_related("order__case__borrower", "order__placement__agency", "submitted_by")
        .prefetch_related("sections", "evidence")
        .order_by("submitted_at", "pk")
    )


def placements_ending(*, user: Any, until: date) -> QuerySet[Placement]:
    """Return the live placements whose term ends on or before `until`."""
    return (
        Placement.objects.visible_to(user)
        .filter(state__in=LIVE_PLACEMENTS, term_ends_on__lte=until)
        .select_related("case__borrower", "agency")
        .order_by("term_ends_on", "pk")
    )


def _orders(*, user: Any) -> QuerySet[VisitOrder]:
    return VisitOrder.objects.visible_to(user).select_related(
        "case__borrower", "case__territory", "address", "placement__agency", "requested_by"
    )
