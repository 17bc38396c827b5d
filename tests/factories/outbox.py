"""Endpoints and events for tests of the outbox."""

from datetime import UTC, datetime

from django.db import transaction

from backoffice.outbox.models import WebhookEndpoint
from backoffice.outbox.services import add_event

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def make_endpoint(receiver, *, ref="core", topics=("terms.changed",), **fields):
    url = f"http://127.0.0.1:{receiver.server_port}/hooks"
    return WebhookEndpoint.objects.create(external_ref=ref, url=url, secret=SECRET, topics=list(topics), **fields)


def leave_one(key="1-2-LIMIT", topic="terms.changed"):
    with transaction.atomic():
        add_event(topic=topic, key=key, payload={"effect_key": key, "after": "66000.00"}, at=now())


def now():
    # The signature's time is checked against the real clock by the receiver's library.
    return datetime.now(UTC)
