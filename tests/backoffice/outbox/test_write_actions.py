"""Writing through REST: one effect for each key, and nothing kept of a refusal."""

import threading
from typing import Any

import pytest
from django.db import connection

from cases.models import ContactAttempt
from tests.factories.outbox import call, sent
from tests.factories.portfolio import make_borrower


def test_same_key_and_body_is_answered_from_store(officer: Any, shanghai: Any) -> None:
    body = call(make_borrower(territory=shanghai))

    first, second = sent(officer, body), sent(officer, dict(reversed(body.items())))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert ("Idempotency-Replayed" in first.headers, second.headers["Idempotency-Replayed"]) == (False, "true")
    assert ContactAttempt.objects.count() == 1


def test_refused_request_keeps_no_answer(officer: Any, shanghai: Any) -> None:
    borrower = make_borrower(territory=shanghai)

    refused = sent(officer, call(borrower, outcome="NOWHERE"))
    mended = sent(officer, call(borrower))

    assert (refused.status_code, mended.status_code) == (400, 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "a\tb"])
def test_key_that_cannot_be_kept_is_400(officer: Any, shanghai: Any, key: str) -> None:
    answer = sent(officer, call(make_borrower(territory=shanghai)), key=key)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "Idempotency-Key"


@pytest.mark.django_db(transaction=True)
def test_forty_requests_at_once_have_one_effect(officer: Any, shanghai: Any) -> None:
    body = call(make_borrower(territory=shanghai))
    statuses: list[int] = []

    def send() -> None:
        try:
            statuses.append(sent(officer, body).status_code)
        finally:
            connection.close()

    for _round in range(5):
        threads = [threading.Thread(target=send) for _one in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(statuses) == 40
    assert set(statuses) <= {201, 409}
    assert ContactAttempt.objects.count() == 1


def test_replay_is_404_once_the_record_is_out_of_sight(officer: Any, shanghai: Any, chengdu: Any) -> None:
    body = call(make_borrower(territory=shanghai))
    assert sent(officer, body).status_code == 201
    officer.territories.set([chengdu])

    again = sent(officer, body)

    assert again.status_code == 404
    assert str(body["borrower"]) not in again.content.decode()
    assert ContactAttempt.objects.count() == 1
