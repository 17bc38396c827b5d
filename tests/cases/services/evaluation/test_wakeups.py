"""Which runs the sweep wakes workers for."""

from datetime import timedelta
from typing import Any

import pytest

from cases.models import EvaluationRun
from cases.services.evaluation import chunks, runs, wakeups
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_overdue


@pytest.fixture
def run(shanghai: Any) -> EvaluationRun:
    make_version()
    make_overdue(territory=shanghai, outstanding_principal=60000)
    return runs.start_run(job="TRIGGERS", business_date=TODAY, at=AT)


@pytest.mark.parametrize(
    ("fields", "woken"),
    [
        ({"state": "READY"}, 1),
        ({"state": "LEASED", "leased_until": AT + timedelta(seconds=1)}, 0),
        ({"state": "LEASED", "leased_until": AT - timedelta(seconds=1)}, 1),
        ({"state": "DONE"}, 1),  # only to be settled
    ],
)
def test_running_run_is_woken_for_unless_a_worker_holds_its_last_chunk(
    run: EvaluationRun, fields: dict[str, Any], woken: int
) -> None:
    run.chunks.update(**fields)

    assert wakeups.wake_for_unfinished(at=AT) == woken


@pytest.mark.parametrize("state", ["PAUSED", "HELD", "FINISHED", "CANCELLED", "FAILED"])
def test_run_that_is_not_running_wakes_nobody(run: EvaluationRun, state: str) -> None:
    EvaluationRun.objects.update(state=state)

    assert wakeups.wake_for_unfinished(at=AT) == 0


def test_beginning_run_sends_a_message_for_each_chunk_up_to_four(
    run: EvaluationRun, django_capture_on_commit_callbacks: Any
) -> None:
    while chunks.work_chunk(run_id=run.pk, at=AT):
        pass
    runs.settle_run(run_id=run.pk, at=AT)

    with django_capture_on_commit_callbacks() as sent:
        runs.start_run(job="TRIGGERS", business_date=TODAY, at=AT)
    with django_capture_on_commit_callbacks() as four:
        wakeups.wake_workers(run_id=run.pk, count=wakeups.WORKERS_WOKEN)

    assert (len(sent), len(four)) == (1, 4)
