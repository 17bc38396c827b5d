"""Doors that the queue opens. Each takes no more than ids and dates, and may be called any number of times."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from visits.services.agencies import prices
from visits.services.dispatch import sweeping


@shared_task(name="visits.tasks.sweep_visits_needed")
def sweep_visits_needed(**_more: Any) -> None:
    """Call off visits that are no longer due and draft those that cases left word for."""
    now = timezone.now()
    sweeping.sweep_visits(at=now, business_date=timezone.localdate(now))


@shared_task(name="visits.tasks.sweep_placements")
def sweep_placements(**_more: Any) -> None:
    """End placements and orders whose time is over; the business date is the local day."""
    now = timezone.now()
    sweeping.sweep_endings(at=now, business_date=timezone.localdate(now))


@shared_task(name="visits.tasks.push_visit_prices")
def push_visit_prices(**_more: Any) -> None:
    """Tell the ground floor what a visit costs today: price cards begin and end by the day."""
    now = timezone.now()
    prices.push_visit_prices(business_date=timezone.localdate(now), at=now)
