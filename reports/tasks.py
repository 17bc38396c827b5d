"""Scheduled work of the reports floor."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from reports.services import exports, facts, legal_bundles


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


@shared_task(name="reports.tasks.produce_bundle")
def produce_bundle(*, bundle_id: int, **_more: Any) -> None:
    """Make the file of an approved bundle for legal recovery."""
    legal_bundles.produce_bundle(bundle_id=bundle_id, at=timezone.now())


@shared_task(name="reports.tasks.sweep_bundles")
def sweep_bundles(**_more: Any) -> None:
    """Delete the files of expired bundles, and enqueue approved bundles without a file again."""
    legal_bundles.expire_bundles(at=timezone.now())
    legal_bundles.enqueue_waiting_bundles()
