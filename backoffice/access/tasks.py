"""Tasks of the access app."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from backoffice.access import limits

# Longer than the longest window of a limit.
ATTEMPTS_KEPT = timedelta(hours=1)


@shared_task(name="backoffice.access.tasks.forget_attempts")
def forget_attempts(**_more: Any) -> None:
    """Delete the counters of attempts whose window is over."""
    limits.forget_attempts(before=timezone.now() - ATTEMPTS_KEPT)


@shared_task(name="backoffice.access.tasks.forget_sessions")
def forget_sessions(**_more: Any) -> None:
    """Delete the sessions that have ended."""
    call_command("clearsessions")
