"""Announcing work costs a request nothing, whatever the broker does."""

import socket
import threading
import time
from typing import Any

import pytest
from celery import Celery
from django.db import transaction

from backoffice.core import queue
from backoffice.core.queue import Announcer, enqueue

# A call that waited for the broker would take 2 seconds (10 with a full buffer), twenty of them 40. Less than that is the machine's
# own business: on a busy one the threads of a test stand still for seconds.
MOST_SECONDS = 5


def announcer_to(port: int, **fields: Any) -> Announcer:
    app = Celery("lone", broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
    app.conf.broker_transport_options = {"socket_timeout": 2, "socket_connect_timeout": 2}
    return Announcer(send=lambda task, kwargs: app.send_task(task, kwargs=dict(kwargs), retry=False), **fields)


def seconds_of_twenty(announcer: Announcer) -> float:
    begun = time.monotonic()
    for number in range(20):
        announcer.put("some.task", {"number": number})
    return time.monotonic() - begun


def test_a_broker_that_never_answers_costs_the_caller_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        announcer = announcer_to(silent.getsockname()[1])

        assert seconds_of_twenty(announcer) < MOST_SECONDS
        assert announcer.drain(seconds=30)


def test_a_broker_that_refuses_costs_the_caller_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    announcer = announcer_to(port)

    assert seconds_of_twenty(announcer) < MOST_SECONDS
    assert announcer.drain(seconds=30)


def test_messages_are_sent_in_order_off_the_callers_thread() -> None:
    sent: list[tuple[str, Any, bool]] = []
    announcer = Announcer(
        send=lambda task, kwargs: sent.append((task, kwargs["id"], threading.current_thread().daemon))
    )

    for number in range(3):
        announcer.put("some.task", {"id": number})

    assert announcer.drain(seconds=5)
    assert sent == [("some.task", 0, True), ("some.task", 1, True), ("some.task", 2, True)]


def test_a_full_buffer_drops_the_message_and_does_not_wait() -> None:
    go_on = threading.Event()
    announcer = Announcer(send=lambda task, kwargs: go_on.wait(10) and None, most=2)

    begun = time.monotonic()
    taken = [announcer.put("some.task", {}) for _one in range(10)]

    assert time.monotonic() - begun < MOST_SECONDS
    # Two in the buffer, and one more if the thread has taken the first by then.
    assert taken.count(True) in (2, 3)
    go_on.set()
    assert announcer.drain(seconds=5)


def test_after_a_failure_what_waits_is_dropped_and_later_messages_are_sent() -> None:
    failing, sent = threading.Event(), []

    def send(task: str, kwargs: Any) -> None:
        if task == "fails":
            failing.wait(10)
            raise OSError
        sent.append(task)

    announcer = Announcer(send=send)
    for task in ("fails", "waits", "waits"):
        announcer.put(task, {})
    failing.set()
    assert announcer.drain(seconds=5)
    announcer.put("later", {})

    assert announcer.drain(seconds=5)
    assert sent == ["later"]


@pytest.mark.django_db(transaction=True)
def test_enqueue_announces_after_the_commit_and_not_after_a_rollback(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, Any]] = []
    announcer = Announcer(send=lambda task, kwargs: sent.append((task, dict(kwargs))))
    monkeypatch.setattr(queue, "_announcer", announcer)

    with transaction.atomic():
        enqueue("some.task", id=1)
        assert announcer.drain(seconds=0.1)
        assert sent == []
    with transaction.atomic():
        enqueue("some.task", id=2)
        transaction.set_rollback(True)

    assert announcer.drain(seconds=5)
    assert sent == [("some.task", {"id": 1})]
