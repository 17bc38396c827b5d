"""Signs of life of the worker and of beat."""

import time

import pytest
from celery import current_app
from django.db import DatabaseError

from backoffice.wiring import scheduler
from backoffice.wiring.models import ProcessSign
from backoffice.wiring.scheduler import WatchedScheduler
from backoffice.wiring.signs import give_sign, state_of
from backoffice.wiring.tasks import give_worker_sign


@pytest.mark.parametrize(
    ("age", "state"),
    [(None, "no sign yet"), (0, "ok"), (90, "ok"), (90.5, "no sign for 90 s"), (95, "no sign for 95 s")],
)
def test_a_process_is_ok_until_three_signs_are_missing(age, state):
    assert state_of(age=age) == state


@pytest.mark.django_db
def test_a_sign_replaces_the_one_before_and_no_other(django_assert_num_queries):
    give_sign(process="beat")
    before = ProcessSign.objects.get(process="beat").seen_at
    with django_assert_num_queries(1):
        give_sign(process="worker")
    give_worker_sign()

    assert ProcessSign.objects.get(process="beat").seen_at == before
    assert ProcessSign.objects.count() == 2


def test_the_worker_gets_its_task_every_thirty_seconds_and_never_an_old_one(settings):
    entry = settings.CELERY["beat_schedule"]["worker-sign"]

    assert entry["task"] == give_worker_sign.name
    assert (entry["schedule"], entry["options"]) == (30.0, {"expire_seconds": 25})


@pytest.fixture
def beat(monkeypatch):
    """Return beat's scheduler with nothing to send, and without the connections that the library closes."""
    monkeypatch.setattr(scheduler, "close_old_connections", lambda: None)
    monkeypatch.setattr(scheduler.KeepingScheduler, "tick", lambda self: 30.0)
    return WatchedScheduler(app=current_app, lazy=True)


@pytest.mark.django_db
def test_beat_gives_a_sign_at_its_first_look_and_then_every_fifteen_seconds(beat, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [beat.tick(), beat.tick()] == [30.0, 30.0]
    assert list(ProcessSign.objects.values_list("process", flat=True)) == ["beat"]

    beat.last_sign = time.monotonic() - 16
    with django_assert_num_queries(1):
        beat.tick()


def test_beat_outlives_a_database_that_is_away(beat, monkeypatch):
    def refuse(*, process):
        raise DatabaseError

    monkeypatch.setattr(scheduler, "give_sign", refuse)

    assert beat.tick() == 30.0
