"""Scheduled work of the roof."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from reports.services import exports, facts


@shared_task
def write_daily_position(**kwargs: Any) -> None:
    """Write the position of the day that has ended; the schedule runs early in the morning."""
    at = timezone.now()
    facts.write_daily_position(business_date=timezone.localdate(at) - timedelta(days=1), at=at)


@shared_task(name="reports.tasks.produce_export")
def produce_export(*, export_id: int, **_more: Any) -> None:
    """Make the file of an approved export."""
    exports.produce_export(export_id=export_id, at=timezone.now())


@shared_task(name="reports.tasks.sweep_exports")
def sweep_exports(**_more: Any) -> None:
    """Delete files whose time is over, and ring for those that nobody has made."""
    exports.expire_exports(at=timezone.now())
    exports.enqueue_waiting()
