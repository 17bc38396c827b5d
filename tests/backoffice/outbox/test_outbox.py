"""Events that leave: signed, to checked addresses, again until taken, and once."""

import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Thread

import pytest
from django.db import connection, transaction
from django.urls import reverse
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.outbox.addresses import AddressRefused, is_public, resolve
from backoffice.outbox.endpoints import add_endpoint
from backoffice.outbox.models import EventState, OutboxEvent, ReplayReason, WebhookDelivery, WebhookEndpoint
from backoffice.outbox.relay import LEASE, MAX_ATTEMPTS, deliver_due, fan_out, wait_before
from backoffice.outbox.replay import replay_delivery, replay_event
from backoffice.outbox.sending import post
from backoffice.outbox.services import add_event

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def receiver():
    """A real receiver on this machine: answers `answers` in turn (the last one for ever) and keeps what came."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            self.server.got.append((self.path, dict(self.headers), body))
            answers = self.server.answers
            status = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            if status == 302:
                self.send_header("location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.got, server.answers = [], [200]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def make_endpoint(receiver, *, ref="core", topics=("terms.changed",), **fields):
    url = f"http://127.0.0.1:{receiver.server_port}/hooks"
    return WebhookEndpoint.objects.create(external_ref=ref, url=url, secret=SECRET, topics=list(topics), **fields)


def leave_one(key="1-2-LIMIT", topic="terms.changed"):
    with transaction.atomic():
        add_event(topic=topic, key=key, payload={"effect_key": key, "after": "66000.00"}, at=now())


def now():
    # The signature's time is checked against the real clock by the receiver's library.
    return datetime.now(UTC)


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


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1::1",
        "2001:db8::1",
        "::7f00:1",
        "fec0::1",
        "192.88.99.1",
        "64:ff9b:1::a00:1",
        "100::1",
        "3fff::1",
        "5f00::1",
        "240.0.0.1",
    ],
)
def test_is_public_refuses_private_networks_in_every_dress(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_is_public_takes_the_public_internet(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://0/",
        "https://169.254.169.254/latest/meta-data",
        "http://8.8.8.8/",
        "ftp://8.8.8.8/",
        "https:///x",
        "https://",
        "https://user:word@8.8.8.8/",
        "file:///etc/passwd",
        "https://8.8.8.8:99999/",
        "https://[::1",
        "gopher://1.1.1.1/",
    ],
)
def test_resolve_refuses_what_is_not_public(url):
    with pytest.raises(AddressRefused):
        resolve(url=url, private_hosts=())


def test_resolve_exempts_only_the_host_that_the_installation_names():
    assert resolve(url="http://127.0.0.1:8080/x?y=1", private_hosts=("127.0.0.1",)).host_line == "127.0.0.1:8080"
    with pytest.raises(AddressRefused):
        resolve(url="http://127.0.0.2:8080/", private_hosts=("127.0.0.1",))


def test_post_never_connects_to_a_refused_address(receiver):
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"):
        answer = post(url=f"https://{host}:{receiver.server_port}/", body=b"{}", headers={}, private_hosts=())
        assert answer.status is None

    assert receiver.got == []


def test_post_gives_up_on_a_receiver_that_drips():
    import socket
    import time

    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        peer, _address = listener.accept()
        try:
            for letter in b"HTTP/1.1 200 OK\r\n" + b"x-slow: " + b"a" * 200:
                peer.sendall(bytes([letter]))
                time.sleep(0.05)
        except OSError:
            pass
        finally:
            peer.close()

    thread = Thread(target=drip, daemon=True)
    thread.start()
    begun = time.monotonic()

    answer = post(
        url=f"http://127.0.0.1:{listener.getsockname()[1]}/",
        body=b"{}",
        headers={},
        private_hosts=("127.0.0.1",),
        seconds=0.5,
    )

    assert answer.status is None
    assert time.monotonic() - begun < 3
    thread.join(timeout=3)
    listener.close()


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["https://10.1.2.3/", "https://[fec0::1]/", "http://8.8.8.8/", "https://127.0.0.2/"])
def test_add_endpoint_refuses_private_addresses(administrator, client, url, settings):
    settings.OUTBOX_PRIVATE_HOSTS = ["core.internal"]
    endpoint = WebhookEndpoint.objects.create(external_ref="kept", url="https://8.8.8.8/", secret=SECRET)

    with pytest.raises(InvalidInput):
        add_endpoint(external_ref="new", url=url, topics=[], actor=administrator, at=now())
    client.force_login(administrator)
    client.post(
        reverse("admin:outbox_webhookendpoint_change", args=[endpoint.pk]),
        {"url": url, "topics": "[]", "is_active": "on"},
    )

    assert list(WebhookEndpoint.objects.values_list("url", flat=True)) == ["https://8.8.8.8/"]


@pytest.mark.django_db
def test_add_endpoint_takes_named_private_hosts_and_names_without_an_address_yet(administrator, settings):
    settings.OUTBOX_PRIVATE_HOSTS = ["10.1.2.3"]

    add_endpoint(external_ref="core", url="http://10.1.2.3/hooks", topics=[], actor=administrator, at=now())
    add_endpoint(external_ref="later", url="https://core.invalid/", topics=[], actor=administrator, at=now())

    assert WebhookEndpoint.objects.count() == 2


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
