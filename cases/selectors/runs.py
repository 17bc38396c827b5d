"""How far a run has come."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from cases.enums import ChunkState, RunState
from cases.models import EvaluationRun


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """A run's chunks and counts so far. A chunk that was split counts through its halves."""

    run_id: int
    business_date: date
    policy_number: int
    is_finished: bool
    chunks: int
    chunks_done: int
    chunks_open: int
    accounts: int
    hits: int
    opened: int
    closed: int
    proposed: int
    uncompared: int
    quarantined: int


def runs_with_chunks() -> QuerySet[EvaluationRun]:
    """Return runs with `chunk_total` and `chunk_open`, newest business date first."""
    return EvaluationRun.objects.annotate(
        chunk_total=Count("chunks", filter=~Q(chunks__state=ChunkState.SPLIT)),
        chunk_open=Count("chunks", filter=Q(chunks__state__in=[ChunkState.READY, ChunkState.LEASED])),
    ).order_by("-business_date", "-pk")


def get_progress(*, run_id: int) -> RunProgress:
    """Return how far a run has come, in two queries."""
    # The annotations stand on the instance.
    run: Any = runs_with_chunks().select_related("policy_version").get(pk=run_id)
    done = run.chunks.filter(state=ChunkState.DONE).aggregate(
        accounts=Sum("account_count", default=0),
        hits=Sum("hit_count", default=0),
        opened=Sum("opened_count", default=0),
        closed=Sum("closed_count", default=0),
        proposed=Sum("proposed_count", default=0),
        uncompared=Sum("uncompared_count", default=0),
    )
    return RunProgress(
        run_id=run.pk,
        business_date=run.business_date,
        policy_number=run.policy_version.number,
        is_finished=run.state in (RunState.FINISHED, RunState.CANCELLED),
        chunks=run.chunk_total,
        chunks_done=run.chunk_total - run.chunk_open,
        chunks_open=run.chunk_open,
        quarantined=run.quarantined_count,
        **done,
    )
