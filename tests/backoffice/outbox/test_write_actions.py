"""Writing through REST: one effect for each key, and nothing kept of a refusal."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from backoffice.audit.models import AuditEntry
from backoffice.outbox.models import IdempotencyKey
from backoffice.outbox.write_actions import WriteRequest, _bound_request
from cases.models import ContactAttempt
from tests.factories.casework import make_case
from tests.factories.outbox import DOOR, call, sent
from tests.factories.portfolio import make_account, make_borrower
from tests.factories.requests import post, signed_in


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


@pytest.mark.parametrize("key", ["x", "x" * 255, "~ !"])
def test_a_key_of_printable_signs_is_kept(officer: Any, shanghai: Any, key: str) -> None:
    body = call(make_borrower(territory=shanghai))

    answers = [sent(officer, body, key=key) for _each in range(2)]

    assert [(a.status_code, a.headers.get("Idempotency-Replayed")) for a in answers] == [(201, None), (201, "true")]
    assert ContactAttempt.objects.count() == 1


def test_without_a_key_each_request_has_its_own_effect(officer: Any, shanghai: Any) -> None:
    body = call(make_borrower(territory=shanghai))

    answers = [post(officer, DOOR, body).status_code for _each in range(2)]

    assert answers == [201, 201]
    assert ContactAttempt.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


def test_a_refusal_by_the_service_leaves_neither_effect_nor_key(officer: Any, shanghai: Any) -> None:
    case = make_case(account=make_account(borrower=make_borrower(territory=shanghai)))
    entries = AuditEntry.objects.count()

    # The case is not on hold.
    refused = sent(officer, {}, door=f"/api/v1/cases/{case.pk}/resume/")

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "state_conflict")
    assert not IdempotencyKey.objects.exists()
    assert AuditEntry.objects.count() == entries


def test_an_upload_sent_again_is_the_same_request_whatever_its_boundary(person: Any, at: Any) -> None:
    actor = person("RISK_MANAGER")

    def asked(content: bytes, *, boundary: str, note: str = "a") -> bytes:
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\n{note}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{boundary}.csv"\r\n\r\n'
        ).encode()
        wsgi = RequestFactory().post(
            "/api/v1/intake/",
            body + content + f"\r\n--{boundary}--\r\n".encode(),
            content_type=f"multipart/form-data; boundary={boundary}",
            headers={"idempotency-key": "K1"},
        )
        request = Request(wsgi, parsers=[MultiPartParser()])
        request.user = actor
        bound = _bound_request(request)
        # The service reads the file from its beginning.
        assert request.data["file"].read() == content
        return bound.body_hash

    first = asked(b"ref;amount", boundary="one")

    assert asked(b"ref;amount", boundary="two") == first
    assert asked(b"ref;amounts", boundary="one") != first
    assert asked(b"ref;amount", boundary="one", note="b") != first


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 3, 2, 15, 59, 59, 999_999, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 2, 16, 0, 0, 0, tzinfo=UTC), date(2026, 3, 3)),
    ],
)
def test_the_business_day_of_a_request_is_the_one_in_the_office(at: datetime, day: date) -> None:
    assert WriteRequest(request=None, record=None, given={}, actor=None, at=at).business_date == day


def test_a_door_takes_an_empty_body_as_nothing_given(officer: Any, shanghai: Any) -> None:
    answer = signed_in(officer).post(DOOR, content_type="application/json")

    assert answer.status_code == 400
    assert {error["attr"] for error in answer.json()["errors"]} >= {"borrower", "channel", "outcome"}
