"""How far a run has come: its phases, counts and chunks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from cases.enums import ChunkState, RunState
from cases.models import EvaluationRun

LIVING = ~Q(chunks__state=ChunkState.SPLIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """
    A run's chunks and counts so far. A chunk that was split counts through its halves.

    `chunks_open` are still to be applied; `chunks_to_preview` are still to be previewed before that. `held_because` is
    what a circuit breaker found, as services/breaker.py wrote it.
    """

    run_id: int
    job: str
    business_date: date
    policy_number: int
    state: str
    phase: str
    is_finished: bool
    chunks: int
    chunks_done: int
    chunks_open: int
    chunks_to_preview: int
    accounts: int
    hits: int
    opened: int
    closed: int
    proposed: int
    uncompared: int
    quarantined: int
    held_because: Sequence[Mapping[str, Any]]

    @property
    def is_standing(self) -> bool:
        """Whether the run goes on only after somebody acts: it is halted, or waits for an approver."""
        return self.state in (RunState.PAUSED, RunState.HELD)

    @property
    def steps(self) -> int:
        """How many steps the run has: each chunk is previewed and applied."""
        return 2 * self.chunks

    @property
    def steps_done(self) -> int:
        return self.steps - self.chunks_open - self.chunks_to_preview


def with_chunk_counts(rows: QuerySet[EvaluationRun]) -> QuerySet[EvaluationRun]:
    """
    Return runs with `chunk_total`, `chunk_open` (not yet applied) and `chunk_to_preview`.

    A chunk that was given up is neither open nor to be previewed; one that was split counts through its halves.
    """
    is_open = Q(chunks__state__in=[ChunkState.READY, ChunkState.LEASED])
    return rows.annotate(
        chunk_total=Count("chunks", filter=LIVING),
        chunk_open=Count("chunks", filter=is_open),
        chunk_to_preview=Count("chunks", filter=is_open & Q(chunks__is_previewed=False)),
    )


def runs_with_chunks() -> QuerySet[EvaluationRun]:
    """Return runs with the counts of their chunks, newest business date first."""
    return with_chunk_counts(EvaluationRun.objects.all()).order_by("-business_date", "-pk")


def get_progress(*, run_id: int) -> RunProgress:
    """Return how far a run has come, in two queries."""
    # The annotations stand on the instance.
    run: Any = runs_with_chunks().select_related("policy_version").get(pk=run_id)
    # What was previewed stands on the chunk that was previewed, even if it was split when it was applied.
    previewed = Q(is_previewed=True) & ~Q(state=ChunkState.DEAD)
    done = Q(state=ChunkState.DONE)
    found = run.chunks.aggregate(
        accounts=Sum("account_count", filter=previewed, default=0),
        uncompared=Sum("uncompared_count", filter=previewed, default=0),
        hits=Sum("hit_count", filter=done, default=0),
        opened=Sum("opened_count", filter=done, default=0),
        closed=Sum("closed_count", filter=done, default=0),
        proposed=Sum("proposed_count", filter=done, default=0),
    )
    return RunProgress(
        run_id=run.pk,
        job=run.job,
        business_date=run.business_date,
        policy_number=run.policy_version.number,
        state=run.state,
        phase=run.phase,
        is_finished=run.state in (RunState.FINISHED, RunState.CANCELLED),
        chunks=run.chunk_total,
        chunks_done=run.chunk_total - run.chunk_open,
        chunks_open=run.chunk_open,
        chunks_to_preview=run.chunk_to_preview,
        quarantined=run.quarantined_count,
        held_because=run.held_because if run.state == RunState.HELD else [],
        **found,
    )


def standing_run(*, job: str, business_date: date) -> EvaluationRun | None:
    """Return the run of a day that goes on only after somebody acts; None if there is none."""
    return EvaluationRun.objects.filter(
        job=job, business_date=business_date, state__in=[RunState.PAUSED, RunState.HELD]
    ).first()
