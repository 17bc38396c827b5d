"""The relay's door: rung when an event is left, and every thirty seconds by the schedule."""

import time
from typing import Any, Final

from celery import shared_task
from django.utils import timezone

from backoffice.outbox.relay import deliver_due, fan_out

# Far below the queue's limits; what is left waits for the next ring.
SECONDS_A_TASK: Final = 25


@shared_task(name="backoffice.outbox.tasks.relay")
def relay(**_more: Any) -> None:
    """Hand over and deliver until nothing is due or the time is up."""
    ends = time.monotonic() + SECONDS_A_TASK
    while time.monotonic() < ends:
        handed_over = fan_out(at=timezone.now())
        if not deliver_due(at=timezone.now()) and not handed_over:
            return
