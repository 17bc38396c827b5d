"""Adding events for delivery to other programs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from django.db import connection, transaction

from backoffice.core.queue import enqueue
from backoffice.outbox.models import OutboxEvent


def add_event(*, topic: str, key: str, payload: Mapping[str, Any], at: datetime) -> None:
    """
    Add one event for delivery, in the caller's transaction. The same key again changes nothing.

    :raises RuntimeError: if there is no transaction.
    """
    add_events(topic=topic, events=[(key, payload)], at=at)


def add_events(
    *,
    topic: str,
    events: Iterable[tuple[str, Mapping[str, Any]]],
    at: datetime,
    order_keys: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """
    Add several events of one topic with one statement; a key that is already there is passed over.

    `order_keys` names order keys by the events' keys: events of one order key are delivered in the order in which they were added.

    :raises RuntimeError: if there is no transaction.
    """
    _needs_transaction()
    OutboxEvent.objects.bulk_create(
        [
            OutboxEvent(topic=topic, key=key, payload=dict(payload), order_key=order_keys.get(key, ""), created_at=at)
            for key, payload in events
        ],
        ignore_conflicts=True,
        batch_size=2000,
    )
    enqueue("backoffice.outbox.tasks.relay")


# The rows of `added` are read twice, so PostgreSQL computes them once.
_ADD_FROM: Final = """
    WITH {changes}, added AS ({events}), written AS (
        INSERT INTO {table} (topic, key, payload, order_key, created_at)
        SELECT %s, added.key, added.payload, added.order_key, %s FROM added
        ON CONFLICT (key) DO NOTHING
    )
    SELECT count(*) FROM added"""


def add_events_from(*, topic: str, changes: str, events: str, params: Sequence[Any], at: datetime) -> int:
    """
    Run a set-based change and add the event of each row that it wrote, with one statement; return how many events.

    `changes` is SQL of ours, never of a user: the list of a WITH, "name AS (INSERT ... RETURNING ...)", with `params`
    for its placeholders. `events` is a SELECT over those names with the columns `key`, `payload` (jsonb) and `order_key`, and
    takes no parameters. Events of one order key that is not empty are delivered in the order in which they were added. A key
    that is already there adds nothing, but counts.

    :raises RuntimeError: if there is no transaction.
    """
    _needs_transaction()
    table = connection.ops.quote_name(OutboxEvent._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(_ADD_FROM.format(changes=changes, events=events, table=table), [*params, topic, at])
        added = int(cursor.fetchone()[0])
    if added:
        enqueue("backoffice.outbox.tasks.relay")
    return added


def _needs_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is added in the transaction of the change that causes it.")
