"""Nightly work over the whole portfolio: runs, their chunks, and how each chunk is worked exactly once."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F, Q, Sum
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import DoorstepError, InvalidInput, StateConflict
from backoffice.core.queue import enqueue
from cases.enums import ChunkState, Job, PolicyState, RunPhase, RunState
from cases.models import Borrower, EvaluationChunk, EvaluationRun, PolicyVersion, Quarantine, RunPolicy
from cases.selectors.policies.versions import versions_on
from cases.services.evaluation import standing, triggers
from cases.services.evaluation.breaker import excesses
from cases.services.evaluation.history import ready_months
from cases.services.evaluation.run_locks import wait_for_singles
from cases.services.evaluation.triggers import RangeOutcome, RangeWeight
from cases.services.policies.activation import activate_due, active_version
from cases.services.policies.policy_book import PolicyBook, book_of

logger = logging.getLogger(__name__)

# A chunk of this many borrowers takes a second or two; sixty would still be within the lease.
CHUNK_BORROWERS: Final = 20_000
SMALLEST_CHUNK: Final = 500
# Each chunk costs about a tenth of a second whatever its size: planning, two commits, two entries of the trail.
CHUNKS_WANTED: Final = 8
LEASE: Final = timedelta(seconds=settings.EVALUATION_LEASE_SECONDS)
# After a conflict with somebody else's transaction: tried again, and not counted as the chunk's own failure.
BACK_OFF: Final = timedelta(seconds=15)
MAX_ATTEMPTS: Final = 3
# Doorbells for a new run: more workers than these find their way through the sweeper.
BELLS: Final = 4
OPEN_CHUNKS: Final = (ChunkState.READY, ChunkState.LEASED)
# The counts that a chunk keeps, with the name of each in what a range gives.
COUNTS: Final = {
    "account_count": "accounts",
    "hit_count": "hits",
    "opened_count": "opened",
    "closed_count": "closed",
    "proposed_count": "proposed",
    "uncompared_count": "uncompared",
}
# How long the present transaction has worked, by the database's clock.
_OWN_MILLISECONDS: Final = RawSQL("(extract(epoch FROM clock_timestamp() - now()) * 1000)::int", [])
# Known when a chunk has been weighed.
_WEIGHED_COUNTS: Final = frozenset({"account_count", "uncompared_count"})
_WEIGHS: Final[dict[str, Callable[..., RangeWeight]]] = {
    Job.TRIGGERS: triggers.weigh_range,
    Job.STANDING: standing.weigh_range,
}
_APPLIES: Final[dict[str, Callable[..., RangeOutcome]]] = {
    Job.TRIGGERS: triggers.apply_range,
    Job.STANDING: standing.apply_range,
}


class ChunkLost(DoorstepError):
    """Another worker has taken the chunk over; nothing of this attempt is kept."""

    code = "chunk_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a run would do, counted without writing."""

    accounts: int
    hits: int
    opened: int
    closed: int


def start_run(
    *, job: str, business_date: date, at: datetime, actor: Any = None, version: PolicyVersion | None = None
) -> EvaluationRun:
    """
    Begin a job for a business date and ring for workers; asked again it resumes, or makes the next pass.

    First every chunk is weighed: its facts are written and what it would do is counted. When nothing breaks a limit
    (services/breaker.py) the chunks are applied, else the run waits for an approver and has changed nothing.

    A running run is only rung for again. An unfinished run of an older date is cancelled: its accounts are judged by
    the newer date's run. Which version judges which segment is settled here and kept (RunPolicy): what is activated
    while the run is on counts from the next one. `version` replaces the one of everybody without an own policy.

    :raises Missing: if no policy is in force.
    :raises StateConflict: if a newer business date has already been worked.
    :raises InvalidInput: if `version` is not the one in force.
    """
    if version is not None and version.state != PolicyState.ACTIVE:
        raise InvalidInput(
            _("Only the policy version in force may write. Try this one with --dry-run."), field="policy_version"
        )
    ready_months(business_date=business_date)
    with transaction.atomic():
        wait_for_singles()
        versions = _versions(business_date=business_date, version=version, at=at)
        run = _locked_run(job=job, business_date=business_date, version=versions[""], at=at)
        is_new = run.state == RunState.RUNNING and not run.chunks.exists()
        if run.state in (RunState.PAUSED, RunState.HELD):
            raise StateConflict(_("This run is paused or waits for an approver. Resume, release or cancel it first."))
        if run.state == RunState.RUNNING and not is_new:
            enqueue("cases.tasks.work_evaluation", run_id=run.pk)
            return run
        _begin_pass(run=run, versions=versions, actor=actor, at=at, is_new=is_new)
        chunks = _plan_chunks(run=run, at=at)
        for _bell in range(min(BELLS, len(chunks)) or 1):
            enqueue("cases.tasks.work_evaluation", run_id=run.pk)
        record(
            actor=actor,
            action="evaluation.started",
            subject=run,
            at=at,
            body={
                "job": job,
                "business_date": business_date.isoformat(),
                "pass": run.passes,
                "chunks": len(chunks),
                "policies": {segment: each.number for segment, each in versions.items()},
            },
        )
        return run


def work_chunk(*, run_id: int, at: datetime) -> bool:
    """
    Work one chunk of a run and return True; False when there is none to take. After the last weighing the next step
    is to compare the sums with the limits, which begins the second phase or holds the run.

    The claim commits first, with a lease and a new epoch. Everything the chunk writes commits together with the
    guarded update that ends it: a worker whose epoch is gone writes nothing. A failing chunk is tried again, then
    split, until the one borrower who fails is set aside.
    """
    claimed = _claim(run_id=run_id, at=at)
    if claimed is None:
        return _weigh_run(run_id=run_id, at=at)
    chunk, is_worn_out = claimed
    if is_worn_out:
        _split(chunk=chunk, error=chunk.last_error or "worker lost", at=at)
        return True
    try:
        with transaction.atomic():
            _work(chunk=chunk, at=at)
    except ChunkLost:
        logger.warning("chunk taken over by another worker", extra={"chunk": chunk.pk, "epoch": chunk.epoch})
    except Exception as error:
        logger.warning(
            "chunk failed", extra={"chunk": chunk.pk, "error": _error_name(error), "attempt": chunk.attempts}
        )
        _fail(chunk=chunk, error=error, at=at)
    return True


def settle_run(*, run_id: int, at: datetime) -> bool:
    """Finish a run that is applied to its last chunk and write its totals; True if it is finished, by whomever."""
    with transaction.atomic():
        run = EvaluationRun.objects.select_for_update().filter(pk=run_id).first()
        if run is None or run.state != RunState.RUNNING:
            return run is not None and run.state == RunState.FINISHED
        if run.phase == RunPhase.WEIGHING or run.chunks.filter(state__in=OPEN_CHUNKS).exists():
            return False
        done = run.chunks.filter(state=ChunkState.DONE)
        # What was weighed stands on the chunk that was weighed, even if it had to be split when it was applied.
        weighed = run.chunks.filter(is_weighed=True).exclude(state=ChunkState.DEAD)
        sums = done.aggregate(**{name: Sum(name, default=0) for name in COUNTS if name not in _WEIGHED_COUNTS})
        sums |= weighed.aggregate(**{name: Sum(name, default=0) for name in sorted(_WEIGHED_COUNTS)})
        totals = sums | {"quarantined_count": run.quarantined.filter(resolved_at__isnull=True).count()}
        EvaluationRun.objects.filter(pk=run_id).update(state=RunState.FINISHED, finished_at=at, updated_at=at, **totals)
        record(
            actor=None,
            action="evaluation.finished",
            subject=run,
            at=at,
            body={"job": run.job, "business_date": run.business_date.isoformat(), "pass": run.passes, **totals},
        )
        return True


def _weigh_run(*, run_id: int, at: datetime) -> bool:
    """Once every chunk is weighed, let the run be applied unless that is too much; return whether this was done."""
    with transaction.atomic():
        run = EvaluationRun.objects.select_for_update().filter(pk=run_id, state=RunState.RUNNING).first()
        if run is None or run.phase != RunPhase.WEIGHING:
            return False
        if run.chunks.filter(state__in=OPEN_CHUNKS, is_weighed=False).exists():
            return False
        _pass_the_scales(run=run, at=at)
        return True


def _pass_the_scales(*, run: EvaluationRun, at: datetime) -> None:
    weighed: dict[str, dict[str, int]] = {"effects": {}, "of": {}}
    # Whatever became of the chunk since: those who were set aside are tried again in a run that was finished.
    known = run.chunks.filter(is_weighed=True).exclude(state=ChunkState.DEAD)
    for chunk in known.values_list("weighed", flat=True):
        for part, sums in weighed.items():
            for measure, count in chunk.get(part, {}).items():
                sums[measure] = sums.get(measure, 0) + count
    # What was released once is not asked again for the few who are tried again.
    because = [] if run.released_at else excesses(run=run, weighed=weighed)
    state = RunState.HELD if because else RunState.RUNNING
    EvaluationRun.objects.filter(pk=run.pk).update(
        phase=RunPhase.APPLYING, state=state, weighed=weighed, weighed_at=at, held_because=because, updated_at=at
    )
    record(
        actor=None,
        action="evaluation.held" if because else "evaluation.weighed",
        subject=run,
        at=at,
        body={"job": run.job, "business_date": run.business_date.isoformat(), **weighed, "because": because},
    )
    if not because:
        for _bell in range(BELLS):
            enqueue("cases.tasks.work_evaluation", run_id=run.pk)


def enqueue_run(*, run_id: int) -> None:
    """Ring for one run again, after a worker has used up its turn."""
    enqueue("cases.tasks.work_evaluation", run_id=run_id)


def enqueue_unfinished(*, at: datetime) -> int:
    """Ring for every running run that has a chunk to take or only waits to be settled; return how many."""
    rung = 0
    for run in EvaluationRun.objects.filter(state=RunState.RUNNING).order_by("pk"):
        is_leased = run.chunks.filter(state=ChunkState.LEASED, leased_until__gte=at).exists()
        if not is_leased or run.chunks.filter(_claimable(at), _in_phase(run)).exists():
            enqueue("cases.tasks.work_evaluation", run_id=run.pk)
            rung += 1
    return rung


def dry_run(*, business_date: date, version: PolicyVersion, at: datetime) -> DryRun:
    """Count what the triggers of `version` would do to everybody on `business_date`, and write nothing."""
    totals = dict.fromkeys(("accounts", "hits", "opened", "closed"), 0)
    book = book_of({"": version})
    for lower, upper in borrower_ranges():
        with transaction.atomic():
            outcome = triggers.evaluate_range(book=book, business_date=business_date, lower=lower, upper=upper, at=at)
            transaction.set_rollback(True)
        for name in totals:
            totals[name] += getattr(outcome, name)
    return DryRun(**totals)


def borrower_ranges() -> list[tuple[int, int]]:
    """Return half-open ranges of borrower ids that cover everybody, of about equal numbers of people."""
    total = Borrower.objects.count()
    size = max(SMALLEST_CHUNK, min(CHUNK_BORROWERS, -(-total // CHUNKS_WANTED)))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM cases_borrower) numbered"
            " WHERE place %% %s = 0 ORDER BY id",
            [size],
        )
        starts = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT max(id) FROM cases_borrower")
        last = cursor.fetchone()[0]
    return list(zip(starts, [*starts[1:], last + 1], strict=True)) if starts else []


def _versions(*, business_date: date, version: PolicyVersion | None, at: datetime) -> dict[str, PolicyVersion]:
    """Return the version of each segment that judges on a business date; the empty segment is everybody else."""
    activate_due(business_date=business_date, at=at)
    versions = versions_on(business_date=business_date)
    # A policy whose first term begins later judges all the same: a run must be possible on the day it is installed for.
    return {**versions, "": version or versions.get("") or active_version()}


def _book(run: EvaluationRun) -> PolicyBook:
    """Return the policies that a run began with."""
    kept = run.policies.select_related("version").order_by("segment")
    return book_of({each.segment: each.version for each in kept})


def _locked_run(*, job: str, business_date: date, version: PolicyVersion, at: datetime) -> EvaluationRun:
    newer = EvaluationRun.objects.filter(job=job, business_date__gt=business_date).exclude(state=RunState.CANCELLED)
    latest = newer.order_by("-business_date").first()
    if latest is not None:
        raise StateConflict(
            _("{day} has been worked already; a day before it cannot be. Use --dry-run to look back.").format(
                day=latest.business_date.isoformat()
            )
        )
    older = EvaluationRun.objects.select_for_update().filter(
        job=job, business_date__lt=business_date, state=RunState.RUNNING
    )
    for run in older.order_by("pk"):
        # A new epoch also stops a worker that is still at it.
        run.chunks.filter(state__in=OPEN_CHUNKS).update(
            state=ChunkState.DEAD, epoch=F("epoch") + 1, last_error="superseded", updated_at=at
        )
        EvaluationRun.objects.filter(pk=run.pk).update(state=RunState.CANCELLED, finished_at=at, updated_at=at)
        record(actor=None, action="evaluation.cancelled", subject=run, at=at, body={"by": business_date.isoformat()})
    # Inserting first makes two callers at once meet at one row.
    EvaluationRun.objects.bulk_create(
        [EvaluationRun(job=job, business_date=business_date, policy_version=version, started_at=at, updated_at=at)],
        ignore_conflicts=True,
    )
    return EvaluationRun.objects.select_for_update().get(job=job, business_date=business_date)


def _begin_pass(
    *, run: EvaluationRun, versions: Mapping[str, PolicyVersion], actor: Any, at: datetime, is_new: bool
) -> None:
    """Make a run ready for its first or next pass, with the policies of this moment."""
    run.chunks.all().delete()
    run.quarantined.filter(resolved_at__isnull=True).update(resolved_at=at)
    run.state, run.phase, run.policy_version, run.started_at = RunState.RUNNING, RunPhase.WEIGHING, versions[""], at
    run.passes += not is_new
    run.finished_at, run.weighed_at, run.weighed, run.held_because = None, None, {}, []
    run.started_by, run.released_by, run.released_at, run.release_note = actor, None, None, ""
    run.quarantined_count, run.updated_at = 0, at
    for name in COUNTS:
        setattr(run, name, 0)
    run.save()
    run.policies.all().delete()
    RunPolicy.objects.bulk_create(
        RunPolicy(run=run, segment=segment, version=each) for segment, each in versions.items()
    )


def _plan_chunks(*, run: EvaluationRun, at: datetime) -> list[EvaluationChunk]:
    return EvaluationChunk.objects.bulk_create(
        [EvaluationChunk(run=run, lower=lower, upper=upper, updated_at=at) for lower, upper in borrower_ranges()]
    )


def _claimable(at: datetime) -> Q:
    return Q(state=ChunkState.READY) | Q(state=ChunkState.LEASED, leased_until__lt=at)


def _in_phase(run: EvaluationRun) -> Q:
    """Return the condition on chunks that are to be worked in the run's phase."""
    return Q(is_weighed=run.phase == RunPhase.APPLYING)


def _claim(*, run_id: int, at: datetime) -> tuple[EvaluationChunk, bool] | None:
    """Take one chunk and return it with whether its attempts are used up (its workers died)."""
    with transaction.atomic():
        phase = Q(is_weighed=False, run__phase=RunPhase.WEIGHING) | Q(is_weighed=True, run__phase=RunPhase.APPLYING)
        free = EvaluationChunk.objects.filter(_claimable(at), phase, run_id=run_id, run__state=RunState.RUNNING)
        chunk = (
            free.select_for_update(skip_locked=True, of=("self",))
            .select_related("run__policy_version")
            .order_by("pk")
            .first()
        )
        if chunk is None:
            return None
        is_worn_out = chunk.attempts >= MAX_ATTEMPTS
        chunk.state, chunk.epoch, chunk.attempts = (
            ChunkState.LEASED,
            chunk.epoch + 1,
            min(chunk.attempts + 1, MAX_ATTEMPTS),
        )
        chunk.leased_until, chunk.updated_at = at + LEASE, at
        chunk.save(update_fields=["state", "epoch", "attempts", "leased_until", "updated_at"])
        return chunk, is_worn_out


def _mine(chunk: EvaluationChunk) -> Any:
    """Return the chunk's row as long as this worker's epoch holds: the fence."""
    return EvaluationChunk.objects.filter(pk=chunk.pk, epoch=chunk.epoch, state=ChunkState.LEASED)


def _work(*, chunk: EvaluationChunk, at: datetime) -> None:
    run = chunk.run
    with connection.cursor() as cursor:
        # Nightly work may wait for a person's transaction; a person's page does not wait that long for us.
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        # A worker that was stopped in the middle gives its locks back before anybody loses patience.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")
    range_of: dict[str, Any] = {
        "book": _book(run),
        "business_date": run.business_date,
        "lower": chunk.lower,
        "upper": chunk.upper,
        "at": at,
    }
    if not chunk.is_weighed:
        weight = _WEIGHS[run.job](**range_of)
        kept = {"effects": dict(weight.effects), "of": dict(weight.of)}
        _end(
            chunk,
            action="evaluation.chunk_weighed",
            told=kept,
            at=at,
            state=ChunkState.READY,
            is_weighed=True,
            weighed=kept,
            attempts=0,
            account_count=weight.accounts,
            uncompared_count=weight.uncompared,
        )
    else:
        outcome = _APPLIES[run.job](**range_of)
        counts = {name: getattr(outcome, source) for name, source in COUNTS.items() if name not in _WEIGHED_COUNTS}
        _end(chunk, action="evaluation.chunk_done", told=counts, at=at, state=ChunkState.DONE, finished_at=at, **counts)
        if chunk.upper == chunk.lower + 1:
            # A borrower who was set aside and tried again by themselves.
            Quarantine.objects.filter(run=run, borrower_id=chunk.lower).update(resolved_at=at)


def _end(
    chunk: EvaluationChunk, *, action: str, told: Mapping[str, Any], at: datetime, state: ChunkState, **found: Any
) -> None:
    """End a chunk's phase behind the fence. :raises ChunkLost: if another worker has taken it over."""
    worked_ms = Coalesce(F("worked_ms"), 0) + _OWN_MILLISECONDS
    ended = _mine(chunk).update(
        state=state, leased_until=None, last_error="", updated_at=at, worked_ms=worked_ms, **found
    )
    if ended != 1:
        raise ChunkLost
    record(
        actor=None,
        action=action,
        subject=chunk,
        at=at,
        body={"run": chunk.run_id, "lower": chunk.lower, "upper": chunk.upper, "epoch": chunk.epoch, **told},
    )


def _fail(*, chunk: EvaluationChunk, error: Exception, at: datetime) -> None:
    name = _error_name(error)
    # Locks, deadlocks and lost connections say nothing about the chunk; a cancelled statement (57014) does.
    if isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) != "57014":
        connection.close_if_unusable_or_obsolete()
        _mine(chunk).update(leased_until=at + BACK_OFF, attempts=F("attempts") - 1, last_error=name, updated_at=at)
    elif chunk.attempts >= MAX_ATTEMPTS:
        _split(chunk=chunk, error=name, at=at)
    else:
        _mine(chunk).update(state=ChunkState.READY, leased_until=None, last_error=name, updated_at=at)


def _split(*, chunk: EvaluationChunk, error: str, at: datetime) -> None:
    """Replace a chunk that keeps failing by its halves, or set its only borrower aside."""
    people = Borrower.objects.filter(pk__gte=chunk.lower, pk__lt=chunk.upper).order_by("pk")
    with transaction.atomic():
        ids = list(people.values_list("pk", flat=True))
        ended = ChunkState.SPLIT if len(ids) > 1 else ChunkState.DEAD
        if _mine(chunk).update(state=ended, finished_at=at, leased_until=None, last_error=error, updated_at=at) != 1:
            return
        if len(ids) > 1:
            middle = ids[len(ids) // 2]
            halves = ((chunk.lower, middle, len(ids) // 2), (middle, chunk.upper, len(ids) - len(ids) // 2))
            EvaluationChunk.objects.bulk_create(
                # What failed three times fails again: one attempt each until the cause is alone, and then all three.
                EvaluationChunk(
                    run_id=chunk.run_id,
                    lower=lower,
                    upper=upper,
                    updated_at=at,
                    last_error=error,
                    is_weighed=chunk.is_weighed,
                    attempts=0 if size == 1 else MAX_ATTEMPTS - 1,
                )
                for lower, upper, size in halves
            )
        elif ids:
            Quarantine.objects.update_or_create(
                run_id=chunk.run_id,
                borrower_id=ids[0],
                defaults={"error": error, "created_at": at, "resolved_at": None},
            )
        record(
            actor=None,
            action="evaluation.chunk_split" if len(ids) > 1 else "evaluation.set_aside",
            subject=chunk,
            at=at,
            body={"run": chunk.run_id, "lower": chunk.lower, "upper": chunk.upper, "error": error},
        )
    enqueue("cases.tasks.work_evaluation", run_id=chunk.run_id)


def _error_name(error: Exception) -> str:
    """Return an error's type and the database's code: never its text, which may quote a row."""
    code = getattr(error.__cause__, "sqlstate", None) or getattr(error, "code", None)
    return f"{type(error).__name__} {code}"[:300] if code else type(error).__name__
