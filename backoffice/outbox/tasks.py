"""Tasks of the outbox: the relay, queued for each new event and scheduled every thirty seconds, and pruning."""

import time
from typing import Any, Final

from celery import shared_task
from django.utils import timezone

from backoffice.outbox import idempotency
from backoffice.outbox.credentials import announce_credentials
from backoffice.outbox.relay import deliver_due, fan_out

# Far below the queue's limits; what is left waits for the next task.
SECONDS_A_TASK: Final = 25


@shared_task(name="backoffice.outbox.tasks.relay")
def relay(**_more: Any) -> None:
    """Hand over and deliver until nothing is due or the time is up."""
    ends = time.monotonic() + SECONDS_A_TASK
    announce_credentials(at=timezone.now())
    while time.monotonic() < ends:
        handed_over = fan_out(at=timezone.now())
        if not deliver_due(at=timezone.now()) and not handed_over:
            return


@shared_task(name="backoffice.outbox.tasks.forget_answers")
def forget_answers(**_more: Any) -> None:
    """Delete the kept answers of requests that are older than two days."""
    idempotency.forget(before=timezone.now() - idempotency.KEPT)
