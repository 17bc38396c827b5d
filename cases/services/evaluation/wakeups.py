"""Waking workers for runs. A lost message only delays a run: the sweep enqueues every run that has work again."""

from datetime import datetime
from typing import Final

from django.db.models import Q

from backoffice.core.queue import enqueue
from cases.enums import ChunkState, RunPhase, RunState
from cases.models import EvaluationRun

# Messages for a run that begins or goes on. With more workers than these, the sweep wakes the others.
WORKERS_WOKEN: Final = 4


def wake_workers(*, run_id: int, count: int = 1) -> None:
    """Enqueue `count` messages for a run, once the current transaction has committed."""
    for _message in range(count):
        enqueue("cases.tasks.work_evaluation", run_id=run_id)


def wake_for_unfinished(*, at: datetime) -> int:
    """Enqueue every running run that has a chunk to claim or only waits to be settled; return how many runs."""
    woken = 0
    for run in EvaluationRun.objects.filter(state=RunState.RUNNING).order_by("pk"):
        is_leased = run.chunks.filter(state=ChunkState.LEASED, leased_until__gte=at).exists()
        in_phase = Q(is_previewed=run.phase == RunPhase.APPLYING)
        if not is_leased or run.chunks.filter(claimable(at=at), in_phase).exists():
            wake_workers(run_id=run.pk)
            woken += 1
    return woken


def claimable(*, at: datetime) -> Q:
    """Return the condition on chunks that a worker may claim: ready, or with a lease that has ended before `at`."""
    return Q(state=ChunkState.READY) | Q(state=ChunkState.LEASED, leased_until__lt=at)
