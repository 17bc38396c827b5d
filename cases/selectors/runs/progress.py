"""The progress of runs: phases, counts and chunks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from cases.enums import ChunkState, RunState
from cases.models import EvaluationRun

# A split chunk is counted by its halves.
LIVING = ~Q(chunks__state=ChunkState.SPLIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """
    A run's chunks and counts so far. A split chunk is counted by its halves.

    `chunks_open` are still to be applied; `chunks_to_preview` of them are still to be previewed. `held_because` names the
    limits that were exceeded, as services/evaluation/breaker.py wrote them.
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
    def is_waiting(self) -> bool:
        """Return whether the run goes on only after a person acts: it is paused or held."""
        return self.state in (RunState.PAUSED, RunState.HELD)

    @property
    def steps(self) -> int:
        """Return how many steps the run has: each chunk is previewed and applied."""
        return 2 * self.chunks

    @property
    def steps_done(self) -> int:
        """Return how many of the steps are done."""
        return self.steps - self.chunks_open - self.chunks_to_preview


def with_chunk_counts(rows: QuerySet[EvaluationRun]) -> QuerySet[EvaluationRun]:
    """
    Return runs with `chunk_total`, `chunk_open` (not yet applied) and `chunk_to_preview` (not yet previewed).

    A chunk that was given up is neither open nor to be previewed; a split one is counted by its halves.
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
    """Return the progress of a run, in two queries.

    :raises EvaluationRun.DoesNotExist: if there is no such run.
    """
    # Typed Any: the annotations are attributes of the instance.
    run: Any = runs_with_chunks().select_related("policy_version").get(pk=run_id)
    # A chunk that was split while it was applied keeps the counts of its preview; its halves have none.
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


def waiting_run(*, job: str, business_date: date) -> EvaluationRun | None:
    """Return the paused or held run of a job and business date; None if there is none."""
    return EvaluationRun.objects.filter(
        job=job, business_date=business_date, state__in=[RunState.PAUSED, RunState.HELD]
    ).first()
