"""Working the chunks of a run: each range of borrowers exactly once, even if workers die or return late."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from backoffice.audit.services import record
from backoffice.core.errors import DoorstepError
from cases.enums import ChunkState, Job, RunPhase, RunState
from cases.models import Borrower, EvaluationChunk, EvaluationRun, Quarantine
from cases.rules.run_lifecycle import OPEN_CHUNKS
from cases.services.evaluation import people, standing, triggers
from cases.services.evaluation.breaker import finish_preview
from cases.services.evaluation.figures import count_ages
from cases.services.evaluation.people_chunks import halves_of, resolve_person
from cases.services.evaluation.triggers import RangeOutcome, RangePreview
from cases.services.evaluation.wakeups import claimable, wake_workers
from cases.services.people.locks import share_merge_lock
from cases.services.policies.policy_book import PolicyBook, book_of

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=settings.EVALUATION_LEASE_SECONDS)
# After a lock conflict the chunk is tried again, and the attempt is not counted as the chunk's own failure.
BACK_OFF: Final = timedelta(seconds=15)
MAX_ATTEMPTS: Final = 3
# SQLSTATE of a cancelled statement. Other operational errors (locks, lost connections) are not the chunk's fault.
_STATEMENT_CANCELLED: Final = "57014"
# Columns of a chunk that its application fills, with the name of each in RangeOutcome.
APPLIED_COUNTS: Final = {
    "hit_count": "hits",
    "opened_count": "opened",
    "closed_count": "closed",
    "proposed_count": "proposed",
}
# Columns of a chunk that its preview fills, with the name of each in RangePreview.
PREVIEWED_COUNTS: Final = {"account_count": "accounts", "uncompared_count": "uncompared"}
# How long the present transaction has worked, by the database's clock.
_OWN_MILLISECONDS: Final = RawSQL("(extract(epoch FROM clock_timestamp() - now()) * 1000)::int", [])
_PREVIEW: Final[dict[str, Callable[..., RangePreview]]] = {
    Job.TRIGGERS: triggers.preview_range,
    Job.STANDING: standing.preview_range,
}
_APPLY: Final[dict[str, Callable[..., RangeOutcome]]] = {
    Job.TRIGGERS: triggers.apply_range,
    Job.STANDING: standing.apply_range,
}


class ChunkLost(DoorstepError):
    """Another worker has claimed the chunk meanwhile; nothing of this attempt is kept."""

    code = "chunk_lost"


def work_chunk(*, run_id: int, at: datetime) -> bool:
    """
    Work one chunk of a run and return True; False when there is nothing left to do.

    After the last chunk is previewed, the next call compares the preview with the limits, which begins the second
    phase or holds the run; that counts as work. Chunks of people come last: they need the hits of every borrower.

    The claim is committed first, with a lease and a new epoch number. Everything that the chunk writes is committed
    together with a guarded UPDATE that ends it, so a worker whose epoch is no longer the present one writes nothing. A
    chunk that fails is tried again, then split in halves, until the one borrower who causes the failure is alone in a
    chunk; that borrower is put in quarantine.
    """
    claimed = _claim(run_id=run_id, at=at)
    if claimed is None:
        return finish_preview(run_id=run_id, at=at)
    chunk, has_no_attempt_left = claimed
    if has_no_attempt_left:
        _split(chunk=chunk, error=chunk.last_error or "worker lost", at=at)
        return True
    try:
        with transaction.atomic():
            _evaluate(chunk=chunk, at=at)
    except ChunkLost:
        logger.warning("chunk taken over by another worker", extra={"chunk": chunk.pk, "epoch": chunk.epoch})
    except Exception as error:
        logger.warning(
            "chunk failed", extra={"chunk": chunk.pk, "error": _error_name(error), "attempt": chunk.attempts}
        )
        _fail(chunk=chunk, error=error, at=at)
    return True


def _claim(*, run_id: int, at: datetime) -> tuple[EvaluationChunk, bool] | None:
    """Claim one chunk and return it with whether its attempts are used up (its workers died); None if there is none."""
    with transaction.atomic():
        in_phase = Q(is_previewed=False, run__phase=RunPhase.PREVIEWING) | Q(
            is_previewed=True, run__phase=RunPhase.APPLYING
        )
        of_borrowers = EvaluationChunk.objects.filter(run=OuterRef("run"), of_people=False, state__in=OPEN_CHUNKS)
        in_turn = Q(of_people=False) | ~Q(Exists(of_borrowers))
        free = EvaluationChunk.objects.filter(
            claimable(at=at), in_phase, in_turn, run_id=run_id, run__state=RunState.RUNNING
        )
        chunk = (
            free.select_for_update(no_key=True, skip_locked=True, of=("self",))
            .select_related("run__policy_version")
            .order_by("pk")
            .first()
        )
        if chunk is None:
            return None
        has_no_attempt_left = chunk.attempts >= MAX_ATTEMPTS
        chunk.state, chunk.epoch = ChunkState.LEASED, chunk.epoch + 1
        chunk.attempts = min(chunk.attempts + 1, MAX_ATTEMPTS)
        chunk.leased_until, chunk.updated_at = at + LEASE, at
        chunk.save(update_fields=["state", "epoch", "attempts", "leased_until", "updated_at"])
        return chunk, has_no_attempt_left


def _own_row(chunk: EvaluationChunk) -> "QuerySet[EvaluationChunk]":
    """Return the chunk's row, or no row if another worker has claimed it since: the epoch number differs then."""
    rows: QuerySet[EvaluationChunk] = EvaluationChunk.objects.filter(
        pk=chunk.pk, epoch=chunk.epoch, state=ChunkState.LEASED
    )
    return rows


def _evaluate(*, chunk: EvaluationChunk, at: datetime) -> None:
    """Preview a claimed chunk, or apply it if it is previewed already, and end it in the same transaction."""
    run = chunk.run
    with connection.cursor() as cursor:
        # A nightly run may wait for a person's transaction; the pages of a person have a shorter lock timeout.
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        # A worker that is frozen in the middle of its transaction loses its locks after a minute.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '60s'")
    if chunk.is_previewed:
        # Until this transaction ends nobody becomes or ceases to be one person with somebody else.
        share_merge_lock()
    of_range: dict[str, Any] = {
        "book": _book(run),
        "business_date": run.business_date,
        "lower": chunk.lower,
        "upper": chunk.upper,
        "at": at,
    }
    if not chunk.is_previewed:
        found = _PREVIEW[run.job](**of_range)
        preview = {"effects": dict(found.effects), "of": dict(found.of)}
        ages = count_ages(job=run.job, business_date=run.business_date, lower=chunk.lower, upper=chunk.upper)
        _end(
            chunk,
            action="evaluation.chunk_previewed",
            body=preview,
            at=at,
            state=ChunkState.READY,
            is_previewed=True,
            preview=preview | {"ages": ages},
            attempts=0,
            **{column: getattr(found, name) for column, name in PREVIEWED_COUNTS.items()},
        )
        return
    if chunk.of_people:
        outcome = people.apply_people(**of_range, first_new=chunk.first_hit or 0)
    else:
        outcome = _APPLY[run.job](**of_range)
    counts = {column: getattr(outcome, name) for column, name in APPLIED_COUNTS.items()}
    _end(chunk, action="evaluation.chunk_done", body=counts, at=at, state=ChunkState.DONE, finished_at=at, **counts)
    # The chunk of one borrower or person: a retry from the quarantine, which ends with it.
    if chunk.upper == chunk.lower + 1 and chunk.of_people:
        resolve_person(chunk=chunk, at=at)
    elif chunk.upper == chunk.lower + 1:
        Quarantine.objects.filter(run=run, borrower_id=chunk.lower).update(resolved_at=at)


def _book(run: EvaluationRun) -> PolicyBook:
    """Return the policies that the run began with."""
    kept = run.policies.select_related("version").order_by("segment")
    return book_of({each.segment: each.version for each in kept})


def _end(
    chunk: EvaluationChunk, *, action: str, body: Mapping[str, Any], at: datetime, state: ChunkState, **changes: Any
) -> None:
    """End a chunk's phase with a guarded UPDATE. :raises ChunkLost: if another worker has claimed the chunk."""
    worked_ms = Coalesce(F("worked_ms"), 0) + _OWN_MILLISECONDS
    ended = _own_row(chunk).update(
        state=state, leased_until=None, last_error="", updated_at=at, worked_ms=worked_ms, **changes
    )
    if ended != 1:
        raise ChunkLost
    record(
        actor=None,
        action=action,
        subject=chunk,
        at=at,
        body={**_told(chunk), "epoch": chunk.epoch, **body},
    )


def _fail(*, chunk: EvaluationChunk, error: Exception, at: datetime) -> None:
    """Give a chunk back after an error: to be tried again, or split when its attempts are used up."""
    name = _error_name(error)
    is_conflict = isinstance(error, OperationalError) and _sqlstate(error) != _STATEMENT_CANCELLED
    if is_conflict:
        connection.close_if_unusable_or_obsolete()
        _own_row(chunk).update(leased_until=at + BACK_OFF, attempts=F("attempts") - 1, last_error=name, updated_at=at)
    elif chunk.attempts >= MAX_ATTEMPTS:
        _split(chunk=chunk, error=name, at=at)
    else:
        _own_row(chunk).update(state=ChunkState.READY, leased_until=None, last_error=name, updated_at=at)


def _split(*, chunk: EvaluationChunk, error: str, at: datetime) -> None:
    """Replace a chunk that keeps failing by its halves, or put its only borrower or person in quarantine."""
    with transaction.atomic():
        halves = halves_of(lower=chunk.lower, upper=chunk.upper) if chunk.of_people else _halves(chunk)
        state = ChunkState.SPLIT if halves else ChunkState.DEAD
        ended = _own_row(chunk).update(state=state, finished_at=at, leased_until=None, last_error=error, updated_at=at)
        if ended != 1:
            return
        EvaluationChunk.objects.bulk_create(
            # A half that holds the cause fails again: it has one attempt, so that the cause is found soon. A chunk of
            # one borrower has all three attempts.
            EvaluationChunk(
                run_id=chunk.run_id,
                of_people=chunk.of_people,
                first_hit=chunk.first_hit,
                lower=lower,
                upper=upper,
                updated_at=at,
                last_error=error,
                is_previewed=chunk.is_previewed,
                attempts=0 if size == 1 else MAX_ATTEMPTS - 1,
            )
            for lower, upper, size in halves
        )
        if not halves:
            _set_aside(chunk, error, at)
        record(
            actor=None,
            action="evaluation.chunk_split" if halves else "evaluation.set_aside",
            subject=chunk,
            at=at,
            body={**_told(chunk), "error": error},
        )
    wake_workers(run_id=chunk.run_id)


def _halves(chunk: EvaluationChunk) -> tuple[tuple[int, int, int], ...]:
    """Return the two halves (from, before, how many) of a chunk of borrowers, () if it has fewer than two."""
    borrowers = Borrower.objects.filter(pk__gte=chunk.lower, pk__lt=chunk.upper).order_by("pk")
    ids = list(borrowers.values_list("pk", flat=True))
    if len(ids) < 2:
        return ()
    middle = len(ids) // 2
    return (chunk.lower, ids[middle], middle), (ids[middle], chunk.upper, len(ids) - middle)


def _set_aside(chunk: EvaluationChunk, error: str, at: datetime) -> None:
    """Put the borrower of a chunk in quarantine; of a person the borrower with the smallest number."""
    in_chunk = {"person__gte": chunk.lower, "person__lt": chunk.upper}
    if not chunk.of_people:
        in_chunk = {"pk__gte": chunk.lower, "pk__lt": chunk.upper}
    borrower = Borrower.objects.filter(**in_chunk).order_by("pk").values_list("pk", flat=True).first()
    if borrower is not None:
        defaults = {"error": error, "created_at": at, "resolved_at": None}
        Quarantine.objects.update_or_create(run_id=chunk.run_id, borrower_id=borrower, defaults=defaults)


def _told(chunk: EvaluationChunk) -> dict[str, Any]:
    """Return what the trail says about a chunk."""
    told = {"run": chunk.run_id, "lower": chunk.lower, "upper": chunk.upper}
    return told | {"of_people": True} if chunk.of_people else told


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _error_name(error: Exception) -> str:
    """Return an error's type and the database's code; never its text, which may quote personal data of a row."""
    code = _sqlstate(error) or getattr(error, "code", None)
    return f"{type(error).__name__} {code}"[:300] if code else type(error).__name__
