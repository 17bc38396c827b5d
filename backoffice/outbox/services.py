"""Writing events into the outbox."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from backoffice.core.queue import enqueue
from backoffice.outbox.models import OutboxEvent


def add_event(*, topic: str, key: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Write one event for delivery, in the caller's transaction. The same key again changes nothing."""
    add_events(topic=topic, events=[(key, payload)], at=at)


def add_events(*, topic: str, events: Iterable[tuple[str, Mapping[str, Any]]], at: datetime) -> None:
    """
    Write several events of one topic with one statement; keys that exist already are passed over.

    :raises RuntimeError: if there is no transaction, since an event must stand or fall with its cause.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is written in the transaction of the change that caused it.")
    OutboxEvent.objects.bulk_create(
        [OutboxEvent(topic=topic, key=key, payload=dict(payload), created_at=at) for key, payload in events],
        ignore_conflicts=True,
        batch_size=2000,
    )
    enqueue("backoffice.outbox.tasks.relay")
