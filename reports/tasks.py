"""Scheduled work of the reports floor."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from reports.services import exports, facts


@shared_task
def write_daily_position(**kwargs: Any) -> None:
    """Write the daily position of yesterday; the schedule runs early in the morning."""
    at = timezone.now()
    facts.write_daily_position(business_date=timezone.localdate(at) - timedelta(days=1), at=at)


@shared_task(name="reports.tasks.produce_export")
def produce_export(*, export_id: int, **_more: Any) -> None:
    """Produce the file of an approved export."""
    exports.produce_export(export_id=export_id, at=timezone.now())


@shared_task(name="reports.tasks.sweep_exports")
def sweep_exports(**_more: Any) -> None:
    """Delete the files of expired exports, and enqueue approved exports without a file again."""
    exports.expire_exports(at=timezone.now())
    exports.enqueue_waiting()
