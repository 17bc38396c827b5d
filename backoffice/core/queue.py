"""The doorbell. A message only shortens the wait; whatever it announces stands in the database already."""

import logging
from typing import Any

from django.db import transaction

logger = logging.getLogger(__name__)


def enqueue(task: str, **kwargs: Any) -> None:
    """
    Send a task's name and ids to the queue once the current transaction has committed.

    Only ids and dates may travel. A broker that is down is logged and otherwise ignored: the
    sweepers find the work.
    """

    def send() -> None:
        from celery import current_app  # noqa: PLC0415 - keeps Celery out of processes that never ring

        try:
            current_app.send_task(task, kwargs=kwargs, retry=False, ignore_result=True)
        except Exception as error:  # any broker trouble means the same: the sweeper will find it
            logger.warning(
                "queue unreachable, the sweeper will find the work", extra={"task": task, "error": type(error).__name__}
            )

    transaction.on_commit(send)
