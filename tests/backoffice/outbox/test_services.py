"""Adding events: one statement for a set, once for each key, never outside a transaction."""

from datetime import UTC, datetime

import pytest

from backoffice.access.models import Territory
from backoffice.outbox.models import OutboxEvent
from backoffice.outbox.services import add_event, add_events, add_events_from

AT = datetime(2026, 3, 2, 2, 0, 0, 123456, tzinfo=UTC)
MADE = """made AS (
    INSERT INTO access_territory (code, name, name_en, time_zone)
    SELECT code, code, code, 'Asia/Shanghai' FROM unnest(%s::text[]) code
    ON CONFLICT (code) DO NOTHING RETURNING code
)"""
EVENTS = "SELECT code AS key, jsonb_build_object('code', code) AS payload, '' AS order_key FROM made ORDER BY code"


def make(*codes):
    return add_events_from(topic="territory.made", changes=MADE, events=EVENTS, params=[list(codes)], at=AT)


@pytest.mark.django_db
def test_add_events_from_adds_an_event_for_each_row_that_the_change_wrote(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert make("110000", "120000") == 2

    rows = OutboxEvent.objects.order_by("key").values_list("topic", "key", "payload", "created_at")
    assert list(rows) == [
        ("territory.made", "110000", {"code": "110000"}, AT),
        ("territory.made", "120000", {"code": "120000"}, AT),
    ]
    assert Territory.objects.count() == 2


@pytest.mark.django_db
def test_add_events_from_again_adds_only_what_is_new():
    make("110000")

    assert make("110000", "130000") == 1
    assert list(OutboxEvent.objects.order_by("key").values_list("key", flat=True)) == ["110000", "130000"]


@pytest.mark.django_db
def test_add_events_gives_those_events_an_order_key_that_have_one():
    add_events(topic="a", events=[("1", {}), ("2", {})], order_keys={"2": "terms:7"}, at=AT)

    assert list(OutboxEvent.objects.order_by("key").values_list("key", "order_key")) == [("1", ""), ("2", "terms:7")]


@pytest.mark.django_db
def test_add_events_passes_over_a_key_that_is_there():
    add_event(topic="a", key="1", payload={"n": 1}, at=AT)

    add_events(topic="a", events=[("1", {"n": 2}), ("2", {"n": 3})], at=AT)

    assert list(OutboxEvent.objects.order_by("key").values_list("key", "payload")) == [("1", {"n": 1}), ("2", {"n": 3})]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "add",
    [
        lambda: make("110000"),
        lambda: add_events(topic="a", events=[("1", {})], at=AT),
        lambda: add_event(topic="a", key="1", payload={}, at=AT),
    ],
)
def test_events_are_never_added_outside_a_transaction(add):
    with pytest.raises(RuntimeError):
        add()

    assert (OutboxEvent.objects.count(), Territory.objects.count()) == (0, 0)
