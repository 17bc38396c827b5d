"""What the page of a run shows: phases with pace, chunks by state, the slowest and failing chunks, the quarantine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum

from cases.enums import ChunkState, RunPhase, RunState
from cases.models import Borrower, EvaluationChunk, EvaluationRun, PolicyVersion, Quarantine, RunPolicy

# The pace is computed from the last chunks only: an earlier pause or slow start does not predict the rest.
PACE_CHUNKS: Final = 16
SHOWN: Final = 5
SHOWN_ASIDE: Final = 20
# The READY chunks that are previewed and wait to be applied, counted apart from those still to be previewed.
PREVIEWED: Final = "PREVIEWED"
# After this time without a change a running run has no worker: every lease has ended and the sweep has passed.
STILL_AFTER: Final = timedelta(minutes=4)
_OPEN = Q(state__in=[ChunkState.READY, ChunkState.LEASED])
_ENDED = Q(state__in=[ChunkState.DONE, ChunkState.DEAD])


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One of the two phases of a run, in chunks. `rate` is accounts a second, `eta` the time left of this phase."""

    phase: str
    total: int
    done: int
    is_current: bool
    rate: float | None = None
    eta: timedelta | None = None

    @property
    def percent(self) -> int:
        """Return how many percent of the chunks are done, rounded down."""
        return 100 * self.done // self.total if self.total else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """
    What the page of a run shows beside the record.

    `chunks` counts by ChunkState, and by PREVIEWED for chunks that wait to be applied; split ones are counted by their
    halves. `is_still`: nothing has changed for STILL_AFTER. `rate` is accounts a second of a finished run, `seconds` its
    duration. `aside` are the first SHOWN_ASIDE quarantined borrowers, `aside_count` how many there are.
    """

    run: EvaluationRun
    phases: tuple[Phase, ...]
    chunks: Mapping[str, int]
    accounts: int
    last_moved_at: datetime | None
    is_still: bool
    slowest: Sequence[EvaluationChunk]
    failing: Sequence[EvaluationChunk]
    aside: Sequence[Quarantine]
    aside_count: int
    policies: Sequence[tuple[str, PolicyVersion]]
    rate: float | None = None
    seconds: float | None = None
    totals: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Return whether workers may still change the run, so that the page must be reloaded."""
        return self.run.state == RunState.RUNNING or bool(self.chunks.get(ChunkState.LEASED))


def get_run_view(*, run: EvaluationRun, user: Any, at: datetime) -> RunView:
    """
    Return what the page of a run shows `user` as of `at`, in seven queries whatever its size.

    Counts are of the whole run; of the quarantined borrowers only those that the person may see are listed and counted.
    """
    states = _states(run)
    moments = _moments(run)
    aside = _quarantined(run, user)
    shown = list(aside[: SHOWN_ASIDE + 1])
    counts = {state: row["number"] for state, row in states.items()}
    counts[PREVIEWED] = counts.get(ChunkState.READY, 0) - states.get(ChunkState.READY, {}).get("to_preview", 0)
    counts[ChunkState.READY] = counts.get(ChunkState.READY, 0) - counts[PREVIEWED]
    last_moved_at = max((row["moved_at"] for row in states.values()), default=None)
    ended_at = run.finished_at
    seconds = (ended_at - run.started_at).total_seconds() if ended_at else None
    accounts = sum(row["judged"] for state, row in states.items() if state != ChunkState.DEAD)
    return RunView(
        run=run,
        phases=_phases(run=run, states=states, moments=moments),
        chunks=counts,
        accounts=accounts,
        last_moved_at=last_moved_at,
        is_still=run.state == RunState.RUNNING and at - (last_moved_at or run.started_at) > STILL_AFTER,
        slowest=list(run.chunks.filter(worked_ms__isnull=False).order_by("-worked_ms", "pk")[:SHOWN]),
        failing=list(_failing(run)[:SHOWN]),
        aside=shown[:SHOWN_ASIDE],
        aside_count=len(shown) if len(shown) <= SHOWN_ASIDE else aside.count(),
        policies=[
            (kept.segment, kept.version)
            for kept in RunPolicy.objects.filter(run=run).select_related("version__policy").order_by("segment", "pk")
        ],
        seconds=seconds,
        rate=accounts / seconds if seconds and run.state == RunState.FINISHED else None,
        totals=_totals(run, states),
    )


def with_visible_borrower(rows: QuerySet[Quarantine], *, user: Any) -> QuerySet[Quarantine]:
    """Return quarantined borrowers with `has_visible_borrower`: whether the person may open the borrower's page."""
    seen = Borrower.objects.visible_to(user).filter(pk=OuterRef("borrower_id"))
    return rows.annotate(has_visible_borrower=Exists(seen))


def pace(*, moments: Sequence[tuple[datetime, int, int | None]]) -> float | None:
    """
    Return accounts a second from chunks, each as (its end, its accounts, its milliseconds of work); None if unknown.

    The time is counted from the end of the first chunk, whose accounts are left out. With one chunk, or several that
    ended at the same instant, the milliseconds of work are used instead.
    """
    ordered = sorted(moments, key=lambda moment: moment[0])
    if not ordered:
        return None
    span = (ordered[-1][0] - ordered[0][0]).total_seconds()
    if span > 0:
        return sum(accounts for _at, accounts, _ms in ordered[1:]) / span
    worked = sum(ms or 0 for _at, _accounts, ms in ordered)
    return 1000 * sum(accounts for _at, accounts, _ms in ordered) / worked if worked else None


def _states(run: EvaluationRun) -> dict[str, dict[str, Any]]:
    rows: Any = (
        run.chunks.order_by("state")
        .values("state")
        .annotate(
            number=Count("pk"),
            to_preview=Count("pk", filter=Q(is_previewed=False)),
            accounts=Sum("account_count", default=0),
            judged=Sum("account_count", filter=Q(is_previewed=True), default=0),
            hits=Sum("hit_count", default=0),
            opened=Sum("opened_count", default=0),
            closed=Sum("closed_count", default=0),
            proposed=Sum("proposed_count", default=0),
            uncompared=Sum("uncompared_count", default=0),
            moved_at=Max("updated_at"),
        )
    )
    return {row["state"]: row for row in rows}


def _moments(run: EvaluationRun) -> list[tuple[datetime, int, int | None]]:
    """Return the last chunks that ended in the present phase, as `pace` takes them."""
    if run.phase == RunPhase.PREVIEWING:
        rows = run.chunks.filter(_OPEN, is_previewed=True, of_people=False).annotate(ended=F("updated_at"))
    else:
        rows = run.chunks.filter(state=ChunkState.DONE, finished_at__isnull=False).annotate(ended=F("finished_at"))
    newest = rows.order_by("-ended", "-pk").values_list("ended", "account_count", "worked_ms")
    return list(newest[:PACE_CHUNKS])


def _phases(
    *, run: EvaluationRun, states: Mapping[str, Mapping[str, Any]], moments: Sequence[tuple[datetime, int, int | None]]
) -> tuple[Phase, ...]:
    living = [row for state, row in states.items() if state != ChunkState.SPLIT]
    still_open = [row for state, row in states.items() if state in (ChunkState.READY, ChunkState.LEASED)]
    total = sum(row["number"] for row in living)
    to_preview = sum(row["to_preview"] for row in still_open)
    to_apply = sum(row["number"] for row in still_open)
    is_previewing = run.phase == RunPhase.PREVIEWING
    rate = pace(moments=moments) if run.state == RunState.RUNNING else None
    if is_previewing:
        # Each chunk has about the same number of borrowers; its number of accounts is known after its preview.
        known = total - to_preview
        left = sum(row["accounts"] for row in living) / known * to_preview if known else None
    else:
        left = float(sum(row["accounts"] for row in still_open))
    eta = timedelta(seconds=round(left / rate)) if rate and left is not None else None
    return (
        Phase(
            phase=RunPhase.PREVIEWING,
            total=total,
            done=total - to_preview,
            is_current=is_previewing,
            rate=rate if is_previewing else None,
            eta=eta if is_previewing else None,
        ),
        Phase(
            phase=RunPhase.APPLYING,
            total=total,
            done=0 if is_previewing and not states.get("DONE") else total - to_apply,
            is_current=not is_previewing,
            rate=None if is_previewing else rate,
            eta=None if is_previewing else eta,
        ),
    )


def _failing(run: EvaluationRun) -> QuerySet[EvaluationChunk]:
    """Return the chunks with an error that were not replaced: first those given up, then those still tried."""
    return run.chunks.exclude(last_error="").exclude(state=ChunkState.SPLIT).order_by("state", "-attempts", "pk")


def _quarantined(run: EvaluationRun, user: Any) -> QuerySet[Quarantine]:
    """Return the quarantined borrowers that a person may see, with whether they are being retried."""
    again = EvaluationChunk.objects.filter(
        _OPEN, run=run, of_people=False, lower__lte=OuterRef("borrower_id"), upper__gt=OuterRef("borrower_id")
    )
    rows = with_visible_borrower(Quarantine.objects.visible_to(user), user=user)
    rows = rows.filter(run=run, resolved_at__isnull=True).annotate(is_tried_again=Exists(again))
    return rows.order_by("borrower_id", "pk")


def _totals(run: EvaluationRun, states: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Return the counts of the chunks applied so far."""
    names = ("hits", "opened", "closed", "proposed", "uncompared")
    done = states.get(ChunkState.DONE, {})
    return {name: done.get(name, 0) for name in names}
