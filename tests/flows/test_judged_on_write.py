"""After a write a real Celery worker evaluates its borrower again within seconds."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from backoffice.celery import app
from cases.models import Borrower, Case, CaseEvent, ContactAttempt, DueEvaluation
from cases.services.evaluation import chunks, runs
from tests.backoffice.core.rest.test_api import machine
from tests.factories.policy import make_version
from tests.factories.portfolio import make_overdue
from tests.factories.requests import post
from tests.flows.test_evaluation_worker import BROKER, kill, start_worker, wait_for

SECONDS = 10
CHANNELS = ("APP", "SMS", "VOICE", "VOICE", "VOICE", "LETTER")


def make_unreachable(territory: Any) -> Borrower:
    """Make a borrower 45 days past due who counts as unreachable: three channels, three parts of the day, failed calls."""
    now = timezone.now()
    account = make_overdue(
        territory=territory, days=45, arrears="8000", outstanding_principal=30000, as_of=timezone.localdate(now)
    )
    for number, channel in enumerate(CHANNELS):
        day = now - timedelta(days=3 * number + 3)
        ContactAttempt.objects.create(
            borrower=account.borrower,
            external_ref=f"{account.external_ref}-{number}",
            channel=channel,
            outcome="NO_ANSWER" if channel == "VOICE" else "DELIVERED",
            created_at=now,
            attempted_at=day.replace(hour=(1, 6, 12)[number % 3], minute=0),
        )
    return account.borrower


def night() -> None:
    now = timezone.now()
    run = runs.start_run(job="TRIGGERS", business_date=timezone.localdate(now), at=now)
    while chunks.work_chunk(run_id=run.pk, at=timezone.now()):
        pass
    assert runs.settle_run(run_id=run.pk, at=timezone.now())


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    log = tmp_path / "worker.log"
    monkeypatch.setattr(app, "send_task", Celery(broker=BROKER).send_task)
    process = start_worker(log)
    yield log
    kill(process)
    with Celery(broker=BROKER).connection() as channel:
        channel.default_channel.queue_purge("celery")


def judged(borrower: Borrower, *, stage: str, log: Path) -> float:
    """Return the seconds until the borrower's last case is at `stage` and no re-evaluation is due."""
    begun = time.monotonic()

    def is_judged() -> bool:
        case = Case.objects.filter(borrower=borrower).order_by("-pk").first()
        is_due = DueEvaluation.objects.filter(borrower=borrower).exists()
        return case is not None and case.stage == stage and not is_due

    wait_for(is_judged, seconds=40, log=log)
    return time.monotonic() - begun


@pytest.mark.real_worker
@pytest.mark.django_db(transaction=True)
def test_a_payment_a_contact_and_a_circumstance_are_judged_within_seconds(
    shanghai: Any, officer: Any, worker: Path
) -> None:
    make_version()
    payer, spoken, hard, other = (make_unreachable(shanghai) for _ in range(4))
    night()
    assert Case.objects.filter(stage="OPEN").count() == 4
    # The worker has started when it has processed a first message.
    with_worker = post(officer, "/api/v1/contacts/", {"borrower": other.pk, "channel": "SMS", "outcome": "DELIVERED"})
    assert with_worker.status_code == 201
    wait_for(lambda: not DueEvaluation.objects.exists(), seconds=60, log=worker)

    account = payer.accounts.get().external_ref
    paid = f"流水号,借据号,金额,入账日期,方式\nPAY-1,{account},500.00,{timezone.localdate():%Y-%m-%d},app\n"
    upload = SimpleUploadedFile("paid.csv", paid.encode())
    answer = Client().post(
        "/api/v1/intake/",
        {"file": upload, "profile": "demo-repayments"},
        headers=machine("portfolio:write") | {"idempotency-key": "paid-1"},
    )
    assert answer.status_code == 201, answer.content
    took = [judged(payer, stage="CLOSED", log=worker)]
    post(officer, "/api/v1/contacts/", {"borrower": spoken.pk, "channel": "VOICE", "outcome": "RIGHT_PARTY"})
    took.append(judged(spoken, stage="CLOSED", log=worker))
    body = {"borrower": hard.pk, "kind": "DISPUTE", "subject": "not my debt"}
    assert post(officer, "/api/v1/complaints/", body).status_code == 201
    took.append(judged(hard, stage="CLOSED", log=worker))

    assert max(took) < SECONDS
    assert Case.objects.get(borrower=other).stage == "OPEN"
    assert CaseEvent.objects.filter(kind="TRIGGER_LEFT").count() == 3
