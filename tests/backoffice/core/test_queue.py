"""Messages to workers: sent after the commit only, and never a reason to fail."""

from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from backoffice.core.queue import enqueue


class Broker:
    """Stands for the broker's client: keeps what is sent, or refuses everything."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses, self.sent = refuses, []

    def send_task(self, name: str, **options: Any) -> None:
        if self.refuses:
            raise ConnectionError("refused")
        self.sent.append((name, options["kwargs"]))


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    found = Broker()
    monkeypatch.setattr(current_app, "send_task", found.send_task)
    return found


@pytest.mark.django_db(transaction=True)
def test_message_is_sent_after_the_commit_and_not_after_a_rollback(broker: Broker) -> None:
    with transaction.atomic():
        enqueue("cases.tasks.work_evaluation", run_id=7)
        before = list(broker.sent)
    with transaction.atomic():
        enqueue("cases.tasks.work_evaluation", run_id=8)
        transaction.set_rollback(True)

    assert (before, broker.sent) == ([], [("cases.tasks.work_evaluation", {"run_id": 7})])


@pytest.mark.django_db(transaction=True)
def test_unreachable_broker_is_logged_and_the_work_is_committed(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    broker.refuses = True

    with transaction.atomic():
        enqueue("cases.tasks.work_evaluation", run_id=7)

    assert [(record.levelname, record.error) for record in caplog.records] == [("WARNING", "ConnectionError")]
