"""Sending again by hand: dead deliveries and events without a receiver."""

import pytest
from django.urls import reverse

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import NotAllowed, StateConflict
from backoffice.outbox.models import EventState, OutboxEvent, ReplayReason, WebhookDelivery
from backoffice.outbox.relay import MAX_ATTEMPTS, deliver_due, fan_out
from backoffice.outbox.replay import replay_delivery, replay_event
from tests.factories.outbox import leave_one, make_endpoint, now


@pytest.mark.django_db
def test_event_without_a_receiver_says_so_and_is_handed_over_again(receiver, administrator, officer):
    leave_one()
    fan_out(at=now())
    event = OutboxEvent.objects.get()
    assert (event.state, event.receivers) == (EventState.NO_RECEIVER, 0)
    make_endpoint(receiver)

    with pytest.raises(NotAllowed):
        replay_event(event=event, reason=ReplayReason.ENDPOINT_ADDED, actor=officer, at=now())
    replay_event(event=event, reason=ReplayReason.ENDPOINT_ADDED, actor=administrator, at=now())
    fan_out(at=now())

    event.refresh_from_db()
    assert (event.state, event.receivers) == (EventState.HANDED_OVER, 1)
    with pytest.raises(StateConflict):
        replay_event(event=event, reason=ReplayReason.ENDPOINT_ADDED, actor=administrator, at=now())


@pytest.mark.django_db
def test_dead_delivery_is_sent_again_by_a_button(receiver, administrator, client):
    make_endpoint(receiver)
    leave_one()
    fan_out(at=now())
    WebhookDelivery.objects.update(state="DEAD", attempts=MAX_ATTEMPTS)
    delivery = WebhookDelivery.objects.get()
    client.force_login(administrator)

    answer = client.post(
        reverse("admin:outbox_webhookdelivery_send_again", args=[delivery.pk]),
        {"reason": "RECEIVER_MENDED", "_form_submitted": "1"},
    )
    deliver_due(at=now())

    assert answer.status_code == 302
    assert (WebhookDelivery.objects.get().state, len(receiver.got)) == ("DELIVERED", 1)
    assert AuditEntry.objects.get().action == "webhookdelivery.replayed"
    with pytest.raises(StateConflict):
        replay_delivery(delivery=delivery, reason=ReplayReason.RECEIVER_MENDED, actor=administrator, at=now())
