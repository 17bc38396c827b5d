"""The queue's door of the wiring: the task that shows that a worker runs tasks."""

from typing import Any

from celery import shared_task

from backoffice.wiring.signs import WORKER, give_sign


@shared_task(name="backoffice.wiring.tasks.give_worker_sign")
def give_worker_sign(**_more: Any) -> None:
    """Write the worker's sign of life; see `backoffice.wiring.signs`."""
    give_sign(process=WORKER)
