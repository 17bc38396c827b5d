"""Tasks of the access app."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from backoffice.access import limits

# Longer than the longest window of a limit.
ATTEMPTS_KEPT = timedelta(hours=1)


@shared_task(name="backoffice.access.tasks.forget_attempts")
def forget_attempts(**_more: Any) -> None:
    """Delete the counters of attempts whose window is over."""
    limits.forget_attempts(before=timezone.now() - ATTEMPTS_KEPT)
