"""Scheduled work of the roof."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from reports.services import facts


@shared_task
def write_daily_position(**kwargs: Any) -> None:
    """Write the position of the day that has ended; the schedule runs early in the morning."""
    at = timezone.now()
    facts.write_daily_position(business_date=timezone.localdate(at) - timedelta(days=1), at=at)
