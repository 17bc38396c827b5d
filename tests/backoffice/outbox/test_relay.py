"""Events that are handed over: signed, again until taken, and once."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from backoffice.audit.models import AuditEntry
from backoffice.outbox.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from backoffice.outbox.relay import LEASE, MAX_ATTEMPTS, deliver_due, fan_out, wait_before
from tests.factories.outbox import SECRET, leave_one, make_endpoint, now


@pytest.mark.django_db
def test_delivery_is_signed_as_standard_webhooks_says(receiver):
    make_endpoint(receiver)
    leave_one()

    fan_out(at=now())
    deliver_due(at=now())

    ((path, headers, body),) = receiver.got
    assert path == "/hooks"
    message = Webhook(SECRET).verify(body, headers)
    assert (message["type"], message["data"]["after"]) == ("terms.changed", "66000.00")
    assert {k.lower(): v for k, v in headers.items()}["webhook-id"] == "1-2-LIMIT"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"66000", b"99000"), headers)


@pytest.mark.django_db
def test_delivery_is_signed_by_both_secrets_while_one_is_renewed(receiver):
    newer = "whsec_" + "A" * 32
    endpoint = make_endpoint(receiver)
    endpoint.secret = f"{newer} {SECRET}"
    endpoint.save()
    leave_one()

    fan_out(at=now())
    deliver_due(at=now())

    _path, headers, body = receiver.got[0]
    assert Webhook(SECRET).verify(body, headers) == Webhook(newer).verify(body, headers)


@pytest.mark.django_db
def test_event_leaves_once_for_each_endpoint_of_its_topic(receiver):
    make_endpoint(receiver)
    make_endpoint(receiver, ref="all", topics=["*"])
    make_endpoint(receiver, ref="other", topics=["case.closed"])
    make_endpoint(receiver, ref="off", is_active=False)
    leave_one()
    leave_one()

    for _again in range(3):
        fan_out(at=now())
        deliver_due(at=now())

    assert len(receiver.got) == 2
    assert list(WebhookDelivery.objects.order_by("pk").values_list("endpoint__external_ref", "state")) == [
        ("core", "DELIVERED"),
        ("all", "DELIVERED"),
    ]


@pytest.mark.django_db
def test_event_is_handed_over_also_when_nobody_wants_it():
    leave_one()

    assert fan_out(at=now()) == 1
    assert OutboxEvent.objects.get().fanned_out_at is not None


@pytest.mark.django_db
def test_failed_delivery_waits_and_is_then_delivered_once(receiver):
    receiver.answers = [503, 200]
    make_endpoint(receiver)
    leave_one()
    at = now()
    fan_out(at=at)

    deliver_due(at=at)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("PENDING", 1, 503)
    assert at < delivery.due_at <= at + timedelta(seconds=15)
    assert deliver_due(at=at) == 0

    later = delivery.due_at
    assert [deliver_due(at=later), deliver_due(at=later + timedelta(days=1))] == [1, 0]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(receiver.got)) == ("DELIVERED", 2, 2)


@pytest.mark.django_db
def test_unreachable_receiver_is_tried_again_and_given_up_in_the_end(receiver):
    make_endpoint(receiver)
    WebhookEndpoint.objects.update(url="http://127.0.0.1:1/hooks")
    leave_one()
    fan_out(at=now())
    WebhookDelivery.objects.update(attempts=MAX_ATTEMPTS - 2)

    deliver_due(at=now())
    assert WebhookDelivery.objects.get().state == "PENDING"
    deliver_due(at=now() + timedelta(hours=2))

    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.last_status, delivery.last_error) == ("DEAD", None, "ConnectionRefusedError")


@pytest.mark.django_db
def test_gone_receiver_is_not_asked_again(receiver):
    receiver.answers = [410]
    make_endpoint(receiver)
    for key in ("1", "2"):
        leave_one(key)
        fan_out(at=now())
        deliver_due(at=now())

    assert len(receiver.got) == 1
    assert not WebhookEndpoint.objects.get().is_active
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["webhookendpoint.disabled"]


@pytest.mark.django_db
def test_redirect_is_not_followed(receiver):
    receiver.answers = [302]
    make_endpoint(receiver)
    leave_one()
    fan_out(at=now())

    deliver_due(at=now())

    assert [path for path, _headers, _body in receiver.got] == ["/hooks"]
    assert WebhookDelivery.objects.get().last_status == 302


@pytest.mark.django_db
def test_claimed_delivery_is_leased(receiver):
    make_endpoint(receiver)
    leave_one()
    at = now()
    fan_out(at=at)
    from backoffice.outbox.relay import _claim

    assert len(_claim(at=at)) == 1
    assert _claim(at=at + LEASE - timedelta(seconds=1)) == []
    assert [parcel.attempts for parcel in _claim(at=at + LEASE)] == [2]


@pytest.mark.django_db
def test_result_of_a_lost_lease_is_not_written(receiver):
    from backoffice.outbox.relay import _claim, _settle
    from backoffice.outbox.sending import Answer

    make_endpoint(receiver)
    leave_one()
    at = now()
    fan_out(at=at)
    (first,), (_second,) = _claim(at=at), _claim(at=at + LEASE)

    _settle(first, Answer(status=503), at=at + LEASE)

    delivery = WebhookDelivery.objects.get()
    assert (delivery.last_status, delivery.due_at) == (None, at + 2 * LEASE)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_fan_out_costs_the_same_for_one_and_three(receiver, django_assert_num_queries, count):
    make_endpoint(receiver)
    for number in range(count):
        leave_one(str(number))

    # savepoint and release, waiting, endpoints, deliveries, handed over
    with django_assert_num_queries(6):
        assert fan_out(at=now()) == count


@pytest.mark.django_db
def test_payload_on_the_wire_is_what_was_left(receiver):
    make_endpoint(receiver)
    leave_one("9-9-RATE")
    fan_out(at=now())
    deliver_due(at=now())

    assert json.loads(receiver.got[0][2])["data"] == {"effect_key": "9-9-RATE", "after": "66000.00"}
    assert not connection.needs_rollback


def test_wait_before_doubles_to_an_hour_and_spreads():
    assert wait_before(attempts=1, chance=1) == timedelta(seconds=15)
    assert wait_before(attempts=1, chance=0) == timedelta(seconds=7.5)
    assert wait_before(attempts=4, chance=1) == timedelta(seconds=120)
    assert wait_before(attempts=MAX_ATTEMPTS, chance=1) == timedelta(hours=1)
    total = sum((wait_before(attempts=n, chance=0.5) for n in range(1, MAX_ATTEMPTS)), timedelta())
    assert timedelta(days=2) < total < timedelta(days=4)


def leave_in_order(*keys):
    with transaction.atomic():
        OutboxEvent.objects.bulk_create(
            OutboxEvent(topic="terms.changed", key=key, payload={"key": key}, order_key="terms:9", created_at=now())
            for key in keys
        )


@pytest.mark.django_db
def test_events_of_one_order_key_arrive_in_order_while_one_is_refused(receiver):
    make_endpoint(receiver)
    leave_in_order("9-LIMIT-1", "9-LIMIT-2", "9-STATUS-1")
    leave_one("8-LIMIT-1")
    at = now()
    fan_out(at=at)
    receiver.answers[:] = [503, 503, 200]
    # The second waits for the first; an event of another account does not.
    assert deliver_due(at=at) == 2
    assert deliver_due(at=at) == 0

    later = at + timedelta(seconds=60)
    while deliver_due(at=later):
        pass

    keys = [json.loads(body)["data"].get("key") for _path, _headers, body in receiver.got]
    assert [key for key in keys if key][-3:] == ["9-LIMIT-1", "9-LIMIT-2", "9-STATUS-1"]
    assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"DELIVERED"}
