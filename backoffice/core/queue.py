"""
Announcing work to the queue. A message only shortens the wait; the work itself is a row that the sweepers find.

A request never waits for the broker: messages go into a bounded buffer of the process, and one thread sends them.
"""

import atexit
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import transaction

logger = logging.getLogger(__name__)

# Far more than a process announces in the seconds that a broker may hang.
MOST_WAITING: Final = 1000
# How long a process that ends (a command, a worker) waits for its last messages.
SECONDS_AT_EXIT: Final = 1.0

Send = Callable[[str, Mapping[str, Any]], None]


def enqueue(task: str, **kwargs: Any) -> None:
    """
    Announce a task with ids and dates to the queue once the current transaction has committed.

    Returns at once, whatever the broker does. A message that cannot be sent is dropped and logged: the sweepers find
    the work.
    """
    transaction.on_commit(lambda: _announcer.put(task, kwargs))


class Announcer:
    """A bounded buffer of messages and the thread that sends them. After a failure it drops what waits."""

    def __init__(self, *, send: Send, most: int = MOST_WAITING) -> None:
        self._send = send
        self._most = most
        self._reset()

    def put(self, task: str, kwargs: Mapping[str, Any]) -> bool:
        """Take one message to send and return whether there was room for it. Never blocks."""
        if self._process != os.getpid():
            # Threads do not survive a fork; the parent's messages are the parent's to send.
            self._reset()
        try:
            self._waiting.put_nowait((task, kwargs))
        except queue.Full:
            logger.warning("queue buffer full, the sweeper will find the work", extra={"task": task})
            return False
        self._start()
        return True

    def drain(self, *, seconds: float) -> bool:
        """Wait at most `seconds` until every message is sent or dropped; return whether none is left."""
        ends = time.monotonic() + seconds
        while self._process == os.getpid() and self._waiting.unfinished_tasks and time.monotonic() < ends:
            time.sleep(0.01)
        return not self._waiting.unfinished_tasks

    def _reset(self) -> None:
        self._process = os.getpid()
        self._waiting: queue.Queue[tuple[str, Mapping[str, Any]]] = queue.Queue(self._most)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="queue-announcer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            task, kwargs = self._waiting.get()
            try:
                self._send(task, kwargs)
            except Exception as error:  # any broker trouble means the same: the sweeper will find it
                dropped = self._drop_waiting()
                logger.warning(
                    "queue unreachable, the sweeper will find the work",
                    extra={"task": task, "error": type(error).__name__, "dropped": dropped + 1},
                )
            finally:
                self._waiting.task_done()

    def _drop_waiting(self) -> int:
        """Drop the messages that wait: each would cost the same timeout once more. Return how many."""
        dropped = 0
        while True:
            try:
                self._waiting.get_nowait()
            except queue.Empty:
                return dropped
            self._waiting.task_done()
            dropped += 1


def _send_to_broker(task: str, kwargs: Mapping[str, Any]) -> None:
    from celery import current_app  # noqa: PLC0415 - keeps Celery out of processes that announce nothing

    current_app.send_task(task, kwargs=dict(kwargs), retry=False, ignore_result=True)


_announcer = Announcer(send=_send_to_broker)
atexit.register(_announcer.drain, seconds=SECONDS_AT_EXIT)
