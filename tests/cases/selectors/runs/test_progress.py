"""The progress of a run: steps of both phases, counts so far, and what it waits for."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import EvaluationRun
from cases.selectors.runs.progress import get_progress, runs_with_chunks, waiting_run
from cases.services.evaluation import borrower_ranges, chunks
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY
from tests.factories.runs import make_portfolio, start, work


@pytest.fixture
def run(shanghai: Any, monkeypatch: pytest.MonkeyPatch) -> EvaluationRun:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 2)
    make_version()
    make_portfolio(territory=shanghai, size=4)
    return start()


def test_progress_counts_both_phases_of_each_chunk(run: EvaluationRun) -> None:
    seen = []
    while True:
        found = get_progress(run_id=run.pk)
        seen.append((found.steps_done, found.chunks_to_preview, found.chunks_open, found.accounts, found.opened))
        if not chunks.work_chunk(run_id=run.pk, at=AT):
            break

    # Two previews, the comparison with the limits, two applications.
    assert seen == [
        (0, 2, 2, 0, 0),
        (1, 1, 2, 2, 0),
        (2, 0, 2, 4, 0),
        (2, 0, 2, 4, 0),
        (3, 0, 1, 4, 2),
        (4, 0, 0, 4, 4),
    ]
    assert get_progress(run_id=run.pk).steps == 4


def test_split_chunk_is_counted_by_its_halves(run: EvaluationRun) -> None:
    chunk = run.chunks.order_by("pk").first()
    assert chunk is not None
    run.chunks.filter(pk=chunk.pk).update(state="LEASED", attempts=3, leased_until=AT)
    chunks.work_chunk(run_id=run.pk, at=AT + chunks.LEASE)

    assert (get_progress(run_id=run.pk).chunks, run.chunks.count()) == (3, 4)


@pytest.mark.parametrize(
    ("state", "is_waiting", "is_finished"),
    [
        ("RUNNING", False, False),
        ("PAUSED", True, False),
        ("HELD", True, False),
        ("FINISHED", False, True),
        ("CANCELLED", False, True),
    ],
)
def test_paused_and_held_runs_wait_for_a_person(
    run: EvaluationRun, state: str, is_waiting: bool, is_finished: bool
) -> None:
    EvaluationRun.objects.update(state=state, held_because=[{"measure": "OPENED"}])

    found = get_progress(run_id=run.pk)

    assert (found.is_waiting, found.is_finished) == (is_waiting, is_finished)
    assert waiting_run(job="TRIGGERS", business_date=TODAY) == (run if is_waiting else None)
    assert list(found.held_because) == ([{"measure": "OPENED"}] if state == "HELD" else [])


def test_progress_takes_two_queries_and_the_list_one(run: EvaluationRun) -> None:
    work(run)

    with CaptureQueriesContext(connection) as spent:
        get_progress(run_id=run.pk)
        listed = [(each.chunk_total, each.chunk_open) for each in runs_with_chunks()]  # type: ignore[attr-defined]

    assert (len(spent), listed) == (3, [(2, 0)])
