"""Runs through the REST doors."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cases.models import BreakerLimit, EvaluationChunk, EvaluationRun, Quarantine
from cases.services.evaluation import chunks, runs
from tests.backoffice.core.rest.test_api import machine
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_overdue
from tests.factories.requests import post

RUNS = "/api/v1/evaluation-runs/"


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture(autouse=True)
def accounts(shanghai: Any) -> None:
    make_version()
    for _one in range(3):
        make_overdue(territory=shanghai, outstanding_principal=60000)


def start(user: Any, day: int = 0) -> Any:
    return post(user, RUNS, {"job": "TRIGGERS", "business_date": (TODAY + timedelta(days=day)).isoformat()})


def work() -> EvaluationRun:
    run = EvaluationRun.objects.latest("business_date")
    while chunks.work_chunk(run_id=run.pk, at=AT):
        pass
    runs.settle_run(run_id=run.pk, at=AT)
    run.refresh_from_db()
    return run


def read(user: Any, address: str) -> Any:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(address)


def test_run_is_started_halted_resumed_and_cancelled(risk_manager: Any) -> None:
    begun = start(risk_manager)
    at = f"{RUNS}{begun.json()['id']}/"

    states = [post(risk_manager, f"{at}{action}/", {}).json()["state"] for action in ("pause", "resume", "cancel")]

    assert (begun.status_code, begun.json()["state"], begun.json()["phase"]) == (201, "RUNNING", "PREVIEWING")
    assert states == ["PAUSED", "RUNNING", "CANCELLED"]
    again = post(risk_manager, f"{at}pause/", {})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "state_conflict")


def test_held_run_says_why_and_is_released_by_another_person(risk_manager: Any, general_approver: Any) -> None:
    BreakerLimit.objects.create(measure="OPENED", max_share="0.1", max_multiple=5, at_least=1, updated_at=AT)
    start(risk_manager)
    run = work()
    at = f"{RUNS}{run.pk}/"

    shown = read(general_approver, at).json()
    silent = post(general_approver, f"{at}release/", {"note": ""})
    done = post(general_approver, f"{at}release/", {"note": "fits"})

    assert (shown["state"], shown["held_because"][0]["measure"], shown["held_because"][0]["count"]) == (
        "HELD",
        "OPENED",
        3,
    )
    assert (silent.status_code, silent.json()["errors"][0]["attr"]) == (400, "note")
    assert (done.status_code, done.json()["state"], done.json()["release_note"]) == (200, "RUNNING", "fits")
    assert work().opened_count == 3


def test_nobody_releases_their_own(person: Any) -> None:
    both = person("APPROVER", name="both", all_territories=True)
    start(person("RISK_MANAGER"))
    EvaluationRun.objects.update(state="HELD", started_by=both)

    answer = post(both, f"{RUNS}{EvaluationRun.objects.get().pk}/release/", {"note": "fits"})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "self_approval")
    assert EvaluationRun.objects.get().state == "HELD"


def test_missed_days_are_caught_up(risk_manager: Any) -> None:
    start(risk_manager)
    work()
    body = {"job": "TRIGGERS", "until": (TODAY + timedelta(days=2)).isoformat()}

    begun = post(risk_manager, f"{RUNS}catch-up/", body)
    nothing = post(risk_manager, f"{RUNS}catch-up/", body | {"job": "STANDING", "until": TODAY.isoformat()})

    assert (begun.status_code, begun.json()["business_date"], begun.json()["catch_up_until"]) == (
        201,
        "2026-03-03",
        "2026-03-04",
    )
    assert nothing.status_code == 201


def test_nothing_missed_is_404(risk_manager: Any) -> None:
    start(risk_manager)
    work()

    answer = post(risk_manager, f"{RUNS}catch-up/", {"job": "TRIGGERS", "until": TODAY.isoformat()})

    assert answer.status_code == 404
    assert EvaluationRun.objects.count() == 1


def test_set_aside_are_listed_and_tried_again(risk_manager: Any) -> None:
    start(risk_manager)
    run = work()
    Quarantine.objects.create(run=run, borrower_id=5, error="DataError 22003", created_at=AT)

    listed = read(risk_manager, f"{RUNS}{run.pk}/quarantine/?resolved=false").json()["results"]
    refused = [
        post(risk_manager, f"{RUNS}{run.pk}/retry/", body).status_code
        for body in ({"borrowers": []}, {"borrowers": [0]}, {"borrowers": ["x"]}, {"borrowers": [6]})
    ]
    done = post(risk_manager, f"{RUNS}{run.pk}/retry/", {"borrowers": [5]})

    assert [(row["borrower"], row["error"]) for row in listed] == [(5, "DataError 22003")]
    assert refused == [400, 400, 400, 404]
    assert (done.status_code, done.json()["state"]) == (200, "RUNNING")


def test_chunks_are_read_by_state(auditor: Any, risk_manager: Any) -> None:
    start(risk_manager)
    run = work()

    at = f"{RUNS}{run.pk}/chunks/"
    done, dead = (read(auditor, f"{at}?state={state}").json()["results"] for state in ("DONE", "DEAD"))

    assert ([row["accounts"] for row in done], dead) == ([3], [])
    assert EvaluationChunk.objects.count() == 1


def test_same_key_starts_one_run(risk_manager: Any) -> None:
    client = Client()
    client.force_login(risk_manager, backend="django.contrib.auth.backends.ModelBackend")
    body = {"job": "TRIGGERS", "business_date": TODAY.isoformat()}

    answers = [
        client.post(RUNS, body, content_type="application/json", headers={"Idempotency-Key": "night-1"})
        for _twice in range(2)
    ]

    assert [answer.json()["id"] for answer in answers] == [EvaluationRun.objects.get().pk] * 2
    assert answers[1]["Idempotency-Replayed"] == "true"


def test_machines_read_and_start_nothing(risk_manager: Any) -> None:
    start(risk_manager)
    headers = machine("cases:read")

    assert Client().get(RUNS, headers=headers).status_code == 200
    body = {"job": "TRIGGERS", "business_date": "2026-03-03"}
    assert Client().post(RUNS, body, content_type="application/json", headers=headers).status_code == 403
    assert EvaluationRun.objects.count() == 1
