"""Sending again by hand: deliveries that were given up, and events that had no receiver."""

from datetime import datetime
from typing import Any

from django.db import transaction

from backoffice.audit.services import record
from backoffice.core.errors import StateConflict
from backoffice.core.queue import enqueue
from backoffice.core.transitions import may
from backoffice.outbox.models import DeliveryState, OutboxEvent, ReplayReason, WebhookDelivery

PERMISSION = "outbox.replay_webhookdelivery"
RELAY = "backoffice.outbox.tasks.relay"


@transaction.atomic
def replay_delivery(*, delivery: WebhookDelivery, reason: ReplayReason, actor: Any, at: datetime) -> None:
    """
    Send a delivery again that was given up: it is due at once and has all its attempts before it.

    :raises NotAllowed: if the actor may not send again.
    :raises StateConflict: if the delivery is not given up (any more).
    """
    may(actor=actor, permission=PERMISSION)
    dead = WebhookDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.DEAD)
    if dead.update(state=DeliveryState.PENDING, attempts=0, due_at=at) != 1:
        raise StateConflict
    enqueue(RELAY)
    record(actor=actor, action="webhookdelivery.replayed", subject=delivery, at=at, body={"reason": str(reason)})


@transaction.atomic
def replay_event(*, event: OutboxEvent, reason: ReplayReason, actor: Any, at: datetime) -> None:
    """
    Hand an event over again that had no receiver; the endpoints that want its topic now get it.

    :raises NotAllowed: if the actor may not send again.
    :raises StateConflict: if the event still waits, or has receivers.
    """
    may(actor=actor, permission=PERMISSION)
    unreceived = OutboxEvent.objects.filter(pk=event.pk, fanned_out_at__isnull=False, receivers=0)
    if unreceived.update(fanned_out_at=None, receivers=None) != 1:
        raise StateConflict
    enqueue(RELAY)
    record(actor=actor, action="outboxevent.replayed", subject=event, at=at, body={"reason": str(reason)})
