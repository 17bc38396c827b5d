"""An evaluation run by a real Celery worker that is killed before it has finished."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from backoffice.audit.models import AuditEntry
from cases.models import BreakerLimit, Case, EvaluationChunk, EvaluationRun, TriggerHit
from cases.services.evaluation import borrower_ranges, runs
from cases.services.evaluation.triggers import evaluate_range
from cases.services.policies.policy_book import book_of
from tests.factories.policy import make_version
from tests.factories.portfolio import TODAY, make_overdue

PEOPLE = 150
# A broker database of its own: workers of other test databases would take the messages and not find the run.
BROKER = (
    settings.BROKER_URL.rstrip("/").rsplit("/", 1)[0] + "/9"
    if settings.BROKER_URL.count("/") > 2
    else settings.BROKER_URL + "/9"
)


def start_worker(log: Path) -> subprocess.Popen[bytes]:
    at = connection.settings_dict
    secret = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    environment = {name: value for name, value in os.environ.items() if name != "DOORSTEP_TEST_DB"} | {
        "DATABASE_URL": f"postgres://{at['USER']}{secret}@{at['HOST']}:{at['PORT']}/{at['NAME']}",
        "BROKER_URL": BROKER,
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
    }
    with log.open("ab") as file:
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "backoffice",
                "worker",
                "--concurrency",
                "2",
                "--without-gossip",
                "--without-mingle",
                "--loglevel",
                "WARNING",
            ],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def kill(worker: subprocess.Popen[bytes]) -> None:
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def wait_for(condition: Callable[[], bool], *, seconds: float, log: Path) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, log.read_text(errors="replace")[-2000:]
        time.sleep(0.005)


def outcome() -> tuple[list[Any], list[Any]]:
    hits = TriggerHit.objects.order_by("account_id", "rule").values_list(
        "account_id", "rule", "facts", "entered_on", "left_on"
    )
    cases = Case.objects.order_by("borrower_id").values_list(
        "borrower_id", "stage", "grade", "priority", "needs_visit_by"
    )
    return list(hits), list(cases)


@pytest.mark.real_worker
@pytest.mark.django_db(transaction=True)
def test_a_night_survives_the_death_of_its_workers(
    shanghai: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 1)
    monkeypatch.setattr(borrower_ranges, "CHUNKS_WANTED", PEOPLE)
    for number in range(PEOPLE):
        make_overdue(territory=shanghai, outstanding_principal=60000, arrears=str(15000 + 100 * number))
    version = make_version()
    # Without it the circuit breaker would hold the run, because every borrower here gets a case.
    BreakerLimit.objects.create(measure="OPENED", max_share="1", updated_at=timezone.now())
    with transaction.atomic():
        evaluate_range(book=book_of({"": version}), business_date=TODAY, lower=0, upper=2**60, at=timezone.now())
        calm = outcome()
        transaction.set_rollback(True)
    run = runs.start_run(job="TRIGGERS", business_date=TODAY, at=timezone.now())
    queue, log = Celery(broker=BROKER), tmp_path / "worker.log"
    done = run.chunks.filter(state="DONE")

    worker = start_worker(log)
    try:
        for _ in range(2):
            queue.send_task("cases.tasks.work_evaluation", kwargs={"run_id": run.pk}, ignore_result=True)
        wait_for(lambda: done.count() >= 10, seconds=60, log=log)
    finally:
        kill(worker)
    done_before_the_kill = done.count()
    # The leases of the killed worker expire.
    EvaluationChunk.objects.filter(state="LEASED").update(leased_until=timezone.now() - timedelta(seconds=1))
    worker = start_worker(log)
    try:
        queue.send_task("cases.tasks.work_evaluation", kwargs={"run_id": run.pk}, ignore_result=True)
        wait_for(lambda: EvaluationRun.objects.get().state == "FINISHED", seconds=90, log=log)
    finally:
        kill(worker)
        with queue.connection() as channel:
            channel.default_channel.queue_purge("celery")

    assert done_before_the_kill < PEOPLE
    assert outcome() == calm
    assert EvaluationRun.objects.get().account_count == PEOPLE
    # Each chunk was committed once, although a killed worker had begun some of them.
    assert AuditEntry.objects.filter(action="evaluation.chunk_done").count() == PEOPLE
