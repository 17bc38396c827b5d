"""
Handing events over: one delivery for each endpoint that wants the topic, tried until taken.

At least once: receivers tell repeats by the webhook id, which is the event's key. Events of one order key reach an endpoint
in the order in which they were added, a later one once the earlier one is taken or given up; others in no promised order. No
database transaction is open while a request is under way; a claimed delivery is leased by moving its due time ahead.
"""

import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from backoffice.audit.services import record
from backoffice.outbox.models import DeliveryState, OutboxEvent, WebhookDelivery, WebhookEndpoint
from backoffice.outbox.sending import Answer, message_of, post, signed_headers

logger = logging.getLogger(__name__)

EVERY_TOPIC = "*"
# Longer than a claimed batch can take: 40 requests, 8 at a time, 10 seconds each.
LEASE = timedelta(seconds=120)
BATCH = 40
SENDERS = 8
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
# Eight doublings to an hour, then hourly: about three days.
MAX_ATTEMPTS = 80


def fan_out(*, at: datetime, batch: int = 500) -> int:
    """
    Make deliveries of the oldest waiting events, one for each active endpoint of the topic; return how many events.

    An event that no endpoint wants gets the state "No receiver" (`receivers` is 0). It waits no longer: the core may
    read terms changes by itself, and `replay_event` hands it over once an endpoint has been added.
    """
    with transaction.atomic():
        waiting = OutboxEvent.objects.filter(fanned_out_at__isnull=True).select_for_update(
            no_key=True, skip_locked=True
        )
        events = list(waiting.order_by("pk").only("pk", "topic")[:batch])
        if not events:
            return 0
        endpoints = WebhookEndpoint.objects.filter(is_active=True).order_by("pk").values_list("pk", "topics")
        wanted = [
            WebhookDelivery(event_id=event.pk, endpoint_id=pk, due_at=at)
            for pk, topics in endpoints
            for event in events
            if event.topic in topics or EVERY_TOPIC in topics
        ]
        WebhookDelivery.objects.bulk_create(wanted, ignore_conflicts=True, batch_size=2000)
        rows = OutboxEvent.objects.filter(pk__in=[event.pk for event in events])
        # Counted from the table: an event that is handed over again keeps its earlier deliveries.
        made = WebhookDelivery.objects.filter(event=OuterRef("pk")).order_by().values("event")
        total = Coalesce(Subquery(made.annotate(total=Count("pk")).values("total")), 0)
        rows.update(fanned_out_at=at, receivers=total)
        return len(events)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """A claimed delivery with all that its request needs. `attempts` is the claim's number and fences its result."""

    delivery_id: int
    endpoint_id: int
    attempts: int
    url: str
    body: bytes
    headers: dict[str, str]


def deliver_due(*, at: datetime) -> int:
    """Try the deliveries that are due, a batch of them; return how many were tried."""
    attempts_due = _claim(at=at)
    if not attempts_due:
        return 0
    with ThreadPoolExecutor(max_workers=SENDERS) as senders:
        answers = list(senders.map(_send, attempts_due))
    for attempt, answer in zip(attempts_due, answers, strict=True):
        _settle(attempt, answer, at=at)
    return len(attempts_due)


def wait_before(*, attempts: int, chance: float) -> timedelta:
    """
    Return how long to wait after the attempt of that number (from 1): doubling from 15 seconds to an hour.

    `chance`, from 0 to 1, spreads it between half and the whole, so that receivers do not see waves.
    """
    doubled: timedelta = FIRST_WAIT * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_WAIT) * (0.5 + chance / 2)


def _claim(*, at: datetime) -> list[_Attempt]:
    with transaction.atomic():
        due = WebhookDelivery.objects.filter(state=DeliveryState.PENDING, due_at__lte=at, endpoint__is_active=True)
        claimed = list(
            due.exclude(Exists(_earlier_events()))
            .select_for_update(no_key=True, skip_locked=True, of=("self",))
            .select_related("event", "endpoint")
            .order_by("due_at", "pk")[:BATCH]
        )
        WebhookDelivery.objects.filter(pk__in=[d.pk for d in claimed]).update(
            due_at=at + LEASE, attempts=F("attempts") + 1
        )
    return [_attempt(delivery, at=at) for delivery in claimed]


def _earlier_events() -> "QuerySet[OutboxEvent]":
    """Return the earlier events of the same order key that this endpoint has still to be sent, or that are not handed over."""
    waiting = WebhookDelivery.objects.filter(
        event=OuterRef("pk"), endpoint=OuterRef(OuterRef("endpoint")), state=DeliveryState.PENDING
    )
    return OutboxEvent.objects.filter(
        Q(fanned_out_at__isnull=True) | Exists(waiting),
        ~Q(order_key=""),
        order_key=OuterRef("event__order_key"),
        pk__lt=OuterRef("event_id"),
    )


def _attempt(delivery: WebhookDelivery, *, at: datetime) -> _Attempt:
    event, endpoint = delivery.event, delivery.endpoint
    body = message_of(topic=event.topic, payload=event.payload, created_at=event.created_at)
    return _Attempt(
        delivery_id=delivery.pk,
        endpoint_id=endpoint.pk,
        attempts=delivery.attempts + 1,
        url=endpoint.url,
        body=body,
        headers=signed_headers(secrets=endpoint.secret, message_id=event.key, body=body, at=at),
    )


def _send(attempt: _Attempt) -> Answer:
    return post(
        url=attempt.url, body=attempt.body, headers=attempt.headers, private_hosts=tuple(settings.OUTBOX_PRIVATE_HOSTS)
    )


@transaction.atomic
def _settle(attempt: _Attempt, answer: Answer, *, at: datetime) -> None:
    """Write what became of one attempt, unless the delivery has been claimed again meanwhile."""
    mine = WebhookDelivery.objects.filter(
        pk=attempt.delivery_id, state=DeliveryState.PENDING, attempts=attempt.attempts
    )
    seen = {"last_status": answer.status, "last_error": answer.error[:200]}
    if answer.is_taken:
        mine.update(state=DeliveryState.DELIVERED, delivered_at=at, **seen)
    elif answer.is_gone or attempt.attempts >= MAX_ATTEMPTS:
        if mine.update(state=DeliveryState.DEAD, **seen):
            logger.warning("delivery given up", extra={"delivery": attempt.delivery_id, "status": answer.status})
        if answer.is_gone:
            _disable(attempt.endpoint_id, at=at)
    else:
        wait = wait_before(attempts=attempt.attempts, chance=secrets.randbelow(1001) / 1000)
        mine.update(due_at=at + wait, **seen)


def _disable(endpoint_id: int, *, at: datetime) -> None:
    if WebhookEndpoint.objects.filter(pk=endpoint_id, is_active=True).update(is_active=False):
        subject = (WebhookEndpoint._meta.label_lower, endpoint_id)
        record(actor=None, action="webhookendpoint.disabled", subject=subject, at=at, body={"status": 410})
