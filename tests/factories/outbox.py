"""Endpoints and events for tests of the outbox, and requests with an Idempotency-Key."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.test import Client

from backoffice.outbox.models import WebhookEndpoint
from backoffice.outbox.services import add_event

DOOR = "/api/v1/contacts/"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def make_endpoint(receiver=None, *, ref="core", topics=("terms.changed",), **fields):
    url = f"http://127.0.0.1:{receiver.server_port if receiver else 9}/hooks"
    return WebhookEndpoint.objects.create(external_ref=ref, url=url, secret=SECRET, topics=list(topics), **fields)


def leave_one(key="1-2-LIMIT", topic="terms.changed"):
    with transaction.atomic():
        add_event(topic=topic, key=key, payload={"effect_key": key, "after": "66000.00"}, at=now())


def now():
    # The signature's time is checked against the real clock by the receiver's library.
    return datetime.now(UTC)


def sent(user: Any, body: dict[str, Any], *, key: str = "K1", door: str = DOOR) -> Any:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(door, body, content_type="application/json", headers={"idempotency-key": key})


def call(borrower: Any, **fields: Any) -> dict[str, Any]:
    return {"borrower": borrower.pk, "channel": "VOICE", "outcome": "NO_ANSWER"} | fields
