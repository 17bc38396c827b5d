"""What people do with a run: pause, resume, cancel, release or refuse it, and retry its quarantined borrowers."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, Missing, NotAllowed, SelfApproval, StateConflict
from backoffice.core.transitions import move
from cases.enums import ChunkState, Job, RunPhase, RunState
from cases.models import EvaluationChunk, EvaluationRun, Quarantine
from cases.rules.run_lifecycle import OPEN_CHUNKS, RUN
from cases.services.evaluation.people_chunks import retry_people
from cases.services.evaluation.run_locks import lock_run_start
from cases.services.evaluation.run_permission import may_control_runs
from cases.services.evaluation.wakeups import WORKERS_WOKEN, wake_workers


def pause_run(*, run: EvaluationRun, actor: Any, at: datetime) -> EvaluationRun:
    """
    Pause a run: no further chunk is claimed; chunks that are being worked are finished and kept.

    :raises NotAllowed: if the actor may not run evaluations, or is limited to some territories.
    :raises StateConflict: if it is not running.
    """
    may_control_runs(actor=actor, permission=RUN.step("pause").permission)
    with transaction.atomic():
        move(record=run, lifecycle=RUN, action="pause", actor=actor, at=at)
        _record(run, "evaluation.paused", actor=actor, at=at)
        return run


def resume_run(*, run: EvaluationRun, actor: Any, at: datetime) -> EvaluationRun:
    """
    Let a paused run go on where it stopped, and wake workers.

    :raises NotAllowed: if the actor may not run evaluations, or is limited to some territories.
    :raises StateConflict: if it is not paused, or a later day has been worked meanwhile.
    """
    may_control_runs(actor=actor, permission=RUN.step("resume").permission)
    with transaction.atomic():
        _refuse_if_overtaken(run)
        move(record=run, lifecycle=RUN, action="resume", actor=actor, at=at)
        wake_workers(run_id=run.pk, count=WORKERS_WOKEN)
        _record(run, "evaluation.resumed", actor=actor, at=at)
        return run


def cancel_run(*, run: EvaluationRun, actor: Any, at: datetime) -> EvaluationRun:
    """
    Cancel a run. Chunks that are applied stay applied; a worker that is still evaluating one writes nothing.

    A catch-up ends with it: the business dates after it are not begun.

    :raises NotAllowed: if the actor may not run evaluations, or is limited to some territories.
    :raises StateConflict: if it has ended already.
    """
    return _cancel(run=run, action="cancel", actor=actor, at=at)


def refuse_held(*, run: EvaluationRun, actor: Any, at: datetime) -> EvaluationRun:
    """
    Cancel a run that a circuit breaker holds. Nothing of it was applied.

    :raises NotAllowed: if the actor may not release runs, or is limited to some territories.
    :raises StateConflict: if it is not held.
    """
    return _cancel(run=run, action="refuse", actor=actor, at=at)


def release_run(*, run: EvaluationRun, note: str, actor: Any, at: datetime) -> EvaluationRun:
    """
    Let a run that a circuit breaker holds go on, and wake workers. It is applied as it was previewed.

    :raises NotAllowed: if the actor may not release runs, or is limited to some territories; the system never may.
    :raises SelfApproval: if the actor started it.
    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if it is not held, or a later day has been worked meanwhile.
    """
    if actor is None:
        raise NotAllowed
    may_control_runs(actor=actor, permission=RUN.step("release").permission)
    if not note.strip():
        raise InvalidInput(_("Say why the run may go on all the same."), field="note")
    with transaction.atomic():
        starter = EvaluationRun.objects.filter(pk=run.pk).values_list("started_by_id", flat=True).first()
        if starter == actor.pk:
            raise SelfApproval
        _refuse_if_overtaken(run)
        move(
            record=run,
            lifecycle=RUN,
            action="release",
            actor=actor,
            at=at,
            released_by=actor,
            released_at=at,
            release_note=note.strip()[:300],
        )
        wake_workers(run_id=run.pk, count=WORKERS_WOKEN)
        _record(run, "evaluation.released", actor=actor, at=at, because=run.held_because)
        return run


def retry_quarantined(
    *, run: EvaluationRun, borrower_ids: Collection[int] | None, actor: Any, at: datetime
) -> list[EvaluationChunk]:
    """
    Evaluate quarantined borrowers once more, each in a chunk of its own; a finished run is reopened for it.

    `borrower_ids` None means all of the run. Their chunks are previewed and applied like any other; a borrower leaves the
    quarantine when the chunk is applied. The cases of their people are opened, kept or closed after that. Return the new
    chunks.

    :raises NotAllowed: if the actor may not run evaluations, or is limited to some territories.
    :raises Missing: if none of them is in quarantine.
    :raises StateConflict: if the run is paused, held or cancelled, or a later day has been worked: it judged them too.
    """
    may_control_runs(actor=actor, permission=RUN.step("reopen").permission)
    with transaction.atomic():
        lock_run_start()
        waiting = (
            Quarantine.objects.select_for_update(no_key=True)
            .filter(run=run, resolved_at__isnull=True)
            .order_by("borrower_id")
        )
        if borrower_ids is not None:
            waiting = waiting.filter(borrower_id__in=borrower_ids)
        ids = list(waiting.values_list("borrower_id", flat=True))
        if not ids:
            raise Missing(_("Nobody who is set aside in this run was named."))
        _refuse_if_overtaken(run)
        # Their facts are written again, so the run returns to its preview; applied chunks stay applied.
        move(
            record=run, lifecycle=RUN, action="reopen", actor=actor, at=at, finished_at=None, phase=RunPhase.PREVIEWING
        )
        chunks = _chunk_for_each(run=run, borrower_ids=ids, at=at)
        if run.job == Job.TRIGGERS:
            chunks += retry_people(run=run, borrowers=ids, at=at)
        wake_workers(run_id=run.pk, count=WORKERS_WOKEN)
        _record(run, "evaluation.retried", actor=actor, at=at, borrowers=len(ids))
        return chunks


def resolve_overtaken(*, at: datetime) -> int:
    """
    Resolve the quarantine of borrowers that a later finished run of the job has judged; return how many.

    A borrower who is in the quarantine of the later run as well stays in both.
    """
    resolved = 0
    waiting = EvaluationRun.objects.filter(quarantined__resolved_at__isnull=True, quarantined__isnull=False)
    for run in waiting.distinct().order_by("pk"):
        later = EvaluationRun.objects.filter(
            job=run.job, business_date__gt=run.business_date, state=RunState.FINISHED
        ).order_by("-business_date")
        last = later.first()
        if last is not None:
            still = Quarantine.objects.filter(run=last, resolved_at__isnull=True).values("borrower_id")
            rows = Quarantine.objects.filter(run=run, resolved_at__isnull=True).exclude(borrower_id__in=still)
            resolved += rows.update(resolved_at=at)
    return resolved


def _cancel(*, run: EvaluationRun, action: str, actor: Any, at: datetime) -> EvaluationRun:
    may_control_runs(actor=actor, permission=RUN.step(action).permission)
    with transaction.atomic():
        move(record=run, lifecycle=RUN, action=action, actor=actor, at=at, finished_at=at, catch_up_until=None)
        # With a new epoch number, a worker that is still evaluating a chunk writes nothing.
        stopped = run.chunks.filter(state__in=OPEN_CHUNKS).update(
            state=ChunkState.DEAD, epoch=F("epoch") + 1, leased_until=None, last_error="cancelled", updated_at=at
        )
        done = run.chunks.filter(state=ChunkState.DONE).count()
        name = "evaluation.refused" if action == "refuse" else "evaluation.cancelled"
        _record(run, name, actor=actor, at=at, chunks_done=done, chunks_stopped=stopped)
        return run


def _chunk_for_each(*, run: EvaluationRun, borrower_ids: list[int], at: datetime) -> list[EvaluationChunk]:
    """
    Make a chunk for each borrower alone, in place of the one that was given up.

    A borrower whose own chunk is applied, and who is set aside because the case of their person failed, gets none.
    """
    waiting = Quarantine.objects.filter(run=run, borrower_id__in=borrower_ids)
    applied = run.chunks.filter(
        of_people=False, state=ChunkState.DONE, lower__lte=OuterRef("borrower_id"), upper__gt=OuterRef("borrower_id")
    )
    given_up = waiting.filter(borrower_id__gte=OuterRef("lower"), borrower_id__lt=OuterRef("upper"))
    again = list(waiting.filter(~Exists(applied)).order_by("borrower_id").values_list("borrower_id", flat=True))
    # The preview of the given-up chunk must not count beside that of its replacement.
    run.chunks.filter(Exists(given_up), of_people=False, state=ChunkState.DEAD).update(
        state=ChunkState.SPLIT, is_previewed=False, updated_at=at
    )
    return EvaluationChunk.objects.bulk_create(
        [EvaluationChunk(run=run, lower=each, upper=each + 1, updated_at=at) for each in again]
    )


def _refuse_if_overtaken(run: EvaluationRun) -> None:
    later = EvaluationRun.objects.filter(job=run.job, business_date__gt=run.business_date)
    latest = later.exclude(state=RunState.CANCELLED).order_by("-business_date").first()
    if latest is not None:
        raise StateConflict(
            _(
                "{day} has been worked meanwhile; it judged everybody by newer facts. This run can only be cancelled."
            ).format(day=latest.business_date.isoformat())
        )


def _record(run: EvaluationRun, action: str, *, actor: Any, at: datetime, **more: Any) -> None:
    body = {"job": run.job, "business_date": run.business_date.isoformat(), "phase": run.phase, **more}
    record(actor=actor, action=action, subject=run, at=at, body=body)
