"""The same request sent again has no second effect."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from backoffice.core.sealed.sealing import SealBroken
from backoffice.outbox import idempotency
from backoffice.outbox.models import IdempotencyKey
from backoffice.outbox.tasks import forget_answers
from cases.models import ContactAttempt
from tests.factories.outbox import DOOR, call, sent
from tests.factories.portfolio import make_borrower


def test_same_key_for_another_body_or_door_is_422(officer: Any, shanghai: Any) -> None:
    borrower = make_borrower(territory=shanghai)
    sent(officer, call(borrower))

    other_body = sent(officer, call(borrower, outcome="BUSY"))
    other_door = sent(officer, call(borrower), door="/api/v1/complaints/")

    assert (other_body.status_code, other_door.status_code) == (422, 422)
    assert other_body.json()["errors"][0]["code"] == "key_reused"
    assert ContactAttempt.objects.count() == 1


def test_same_key_of_another_caller_is_another_request(person: Any, shanghai: Any) -> None:
    body = call(make_borrower(territory=shanghai))

    answers = [sent(person("CASE_OFFICER", name=name), body).status_code for name in ("one", "two")]

    assert answers == [201, 201]
    assert ContactAttempt.objects.count() == 2


def test_key_in_work_elsewhere_is_409(officer: Any, shanghai: Any) -> None:
    body = call(make_borrower(territory=shanghai))
    asked = idempotency.Request(caller=f"user:{officer.pk}", key="K1", route=DOOR, body_hash=b"")
    given = connection.get_connection_params()
    known = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}

    with psycopg.connect(**known) as elsewhere:
        elsewhere.execute("SELECT pg_advisory_xact_lock(%s)", [idempotency._lock_number(asked)])
        answer = sent(officer, body)

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "request_running"
    assert ContactAttempt.objects.count() == 0


def test_hold_of_work_in_parts_is_taken_over_after_a_crash(officer: Any, at: Any) -> None:
    asked = idempotency.Request(caller="user:1", key="K1", route=DOOR, body_hash=b"x")
    idempotency.hold(request=asked, at=at)

    with pytest.raises(idempotency.StillRunning):
        idempotency.hold(request=asked, at=at + idempotency.LONGEST_WORK)
    after = idempotency.hold(request=asked, at=at + 2 * idempotency.LONGEST_WORK)

    assert after is None
    assert IdempotencyKey.objects.count() == 1


def test_forget_deletes_only_what_is_older(at: Any, db: Any) -> None:
    for key, age in (("old", 2), ("new", 0)):
        asked = idempotency.Request(caller="user:1", key=key, route=DOOR, body_hash=b"x")
        idempotency.keep(
            request=asked, answer=idempotency.Answer(status=200, body={}), at=at - age * idempotency.LONGEST_WORK
        )

    assert idempotency.forget(before=at - idempotency.LONGEST_WORK) == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


def test_kept_answer_is_sealed_and_bound_to_its_key(officer: Any, shanghai: Any) -> None:
    sent(officer, call(make_borrower(territory=shanghai)))

    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM outbox_idempotencykey")
        (stored,) = cursor.fetchone()
    IdempotencyKey.objects.update(key="K2")

    assert b"NO_ANSWER" not in bytes(stored)
    with pytest.raises(SealBroken):
        assert IdempotencyKey.objects.get().answer


def test_task_forgets_answers_after_two_days(db: Any) -> None:
    for key, age in (("old", timedelta(hours=49)), ("new", timedelta(hours=25))):
        asked = idempotency.Request(caller="user:1", key=key, route=DOOR, body_hash=b"x")
        idempotency.keep(request=asked, answer=idempotency.Answer(status=200, body={}), at=timezone.now() - age)

    forget_answers()

    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


def test_forgetting_is_scheduled(settings: Any) -> None:
    tasks = {entry["task"] for entry in settings.CELERY["beat_schedule"].values()}

    assert {"backoffice.outbox.tasks.forget_answers", "backoffice.access.tasks.forget_attempts"} <= tasks
