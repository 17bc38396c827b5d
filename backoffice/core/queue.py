"""Sending messages to workers. A message only shortens the wait: the work itself is a row in the database."""

import logging
from typing import Any

from django.db import transaction

logger = logging.getLogger(__name__)


def enqueue(task: str, **kwargs: Any) -> None:
    """
    Send a task's name and ids to the queue once the current transaction has committed.

    `kwargs` may hold ids and dates only. A broker that is down is logged and otherwise ignored: the scheduled sweeps find
    the work.
    """

    def send() -> None:
        from celery import current_app  # noqa: PLC0415 - keeps Celery out of processes that send nothing

        try:
            current_app.send_task(task, kwargs=kwargs, retry=False, ignore_result=True)
        except Exception as error:  # any error of the broker means the same: the sweep finds the work
            logger.warning(
                "queue unreachable, the sweeper will find the work", extra={"task": task, "error": type(error).__name__}
            )

    transaction.on_commit(send)
