"""Beginning nightly runs, finishing them with their totals, and counting what a policy version would do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from cases.enums import ChunkState, Job, PolicyState, RunPhase, RunState
from cases.models import Borrower, EvaluationChunk, EvaluationRun, PolicyVersion, RunPolicy
from cases.rules.run_lifecycle import OPEN_CHUNKS
from cases.selectors.policies.versions import versions_on
from cases.services.evaluation import triggers
from cases.services.evaluation.borrower_ranges import borrower_ranges
from cases.services.evaluation.chunks import APPLIED_COUNTS, PREVIEWED_COUNTS
from cases.services.evaluation.history import ensure_history_months
from cases.services.evaluation.people import apply_people_of
from cases.services.evaluation.people_chunks import begin_people
from cases.services.evaluation.run_locks import lock_run_start
from cases.services.evaluation.run_permission import may_control_runs
from cases.services.evaluation.wakeups import WORKERS_WOKEN, wake_workers
from cases.services.policies.activation import activate_due, active_version
from cases.services.policies.policy_book import book_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What a run would do, counted without writing: accounts judged, hits that hold, cases opened and closed."""

    accounts: int
    hits: int
    opened: int
    closed: int


def start_run(
    *, job: str, business_date: date, at: datetime, actor: Any = None, version: PolicyVersion | None = None
) -> EvaluationRun:
    """
    Begin a job for a business date and wake workers; return the run. Called again it resumes, or makes another pass.

    First every chunk is previewed: its facts are written and what it would do is counted. If no circuit breaker limit
    is exceeded (services/evaluation/breaker.py), the chunks are applied; otherwise the run is held for an approver and
    has applied nothing.

    For a running run workers are only woken again. An unfinished run of an older date is cancelled: the newer date's
    run judges its accounts. Which version judges which segment is decided here and kept (RunPolicy): a version that is
    activated while the run is on counts from the next run. `version` replaces the version of everybody without a policy
    of their own segment.

    :raises NotAllowed: if the actor may not run evaluations, or is limited to some territories.
    :raises Missing: if no policy is in force.
    :raises StateConflict: if a newer business date has already been worked, or the run is paused or held.
    :raises InvalidInput: if `version` is not the one in force.
    """
    may_control_runs(actor=actor, permission="cases.run_evaluation")
    if version is not None and version.state != PolicyState.ACTIVE:
        raise InvalidInput(
            _("Only the policy version in force may write. Try this one with --dry-run."), field="policy_version"
        )
    ensure_history_months(business_date=business_date)
    with transaction.atomic():
        lock_run_start()
        versions = _versions(business_date=business_date, version=version, at=at)
        run = _locked_run(job=job, business_date=business_date, version=versions[""], at=at)
        is_new = run.state == RunState.RUNNING and not run.chunks.exists()
        if run.state in (RunState.PAUSED, RunState.HELD):
            raise StateConflict(_("This run is paused or waits for an approver. Resume, release or cancel it first."))
        if run.state == RunState.RUNNING and not is_new:
            wake_workers(run_id=run.pk)
            return run
        _begin_pass(run=run, versions=versions, actor=actor, at=at, is_new=is_new)
        chunks = EvaluationChunk.objects.bulk_create(
            EvaluationChunk(run=run, lower=lower, upper=upper, updated_at=at) for lower, upper in borrower_ranges()
        )
        if job == Job.TRIGGERS:
            begin_people(run=run, at=at)
        # A run without a chunk needs one worker, which settles it.
        wake_workers(run_id=run.pk, count=min(WORKERS_WOKEN, len(chunks)) or 1)
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


def settle_run(*, run_id: int, at: datetime) -> bool:
    """
    Finish a run whose last chunk is applied, and write its totals.

    Return whether the run is finished, by this call or an earlier one.
    """
    with transaction.atomic():
        run = EvaluationRun.objects.select_for_update(no_key=True).filter(pk=run_id).first()
        if run is None or run.state != RunState.RUNNING:
            return run is not None and run.state == RunState.FINISHED
        if run.phase == RunPhase.PREVIEWING or run.chunks.filter(state__in=OPEN_CHUNKS).exists():
            return False
        applied = run.chunks.filter(state=ChunkState.DONE)
        # A chunk that was split while it was applied keeps the counts of its preview; its halves have none.
        previewed = run.chunks.filter(is_previewed=True).exclude(state=ChunkState.DEAD)
        totals = applied.aggregate(**{name: Sum(name, default=0) for name in APPLIED_COUNTS})
        totals |= previewed.aggregate(**{name: Sum(name, default=0) for name in PREVIEWED_COUNTS})
        totals["quarantined_count"] = run.quarantined.filter(resolved_at__isnull=True).count()
        EvaluationRun.objects.filter(pk=run_id).update(state=RunState.FINISHED, finished_at=at, updated_at=at, **totals)
        record(
            actor=None,
            action="evaluation.finished",
            subject=run,
            at=at,
            body={"job": run.job, "business_date": run.business_date.isoformat(), "pass": run.passes, **totals},
        )
        return True


def dry_run(*, business_date: date, version: PolicyVersion, at: datetime) -> DryRun:
    """
    Return what the triggers of `version` would do to all borrowers on `business_date`; write nothing.

    A person whose borrowers are of several ranges of the run counts once for each of them.
    """
    totals = dict.fromkeys(("accounts", "hits", "opened", "closed"), 0)
    book = book_of({"": version})
    for lower, upper in borrower_ranges():
        with transaction.atomic():
            of_all: dict[str, Any] = {"book": book, "business_date": business_date, "at": at}
            outcome = triggers.evaluate_range(lower=lower, upper=upper, **of_all)
            of_people = apply_people_of(
                borrowers=_with_person(lower=lower, upper=upper), first_new=outcome.first_new, **of_all
            )
            transaction.set_rollback(True)
        for name in totals:
            totals[name] += getattr(outcome, name) + getattr(of_people, name)
    return DryRun(**totals)


def _with_person(*, lower: int, upper: int) -> list[int]:
    rows = Borrower.objects.filter(pk__gte=lower, pk__lt=upper, person__isnull=False)
    return list(rows.values_list("pk", flat=True))


def _versions(*, business_date: date, version: PolicyVersion | None, at: datetime) -> dict[str, PolicyVersion]:
    """Return the version that judges each segment on a business date; the empty segment is everybody else."""
    activate_due(business_date=business_date, at=at)
    versions = versions_on(business_date=business_date)
    # A policy whose first term begins after the business date judges too: the day of installation must be possible.
    return {**versions, "": version or versions.get("") or active_version()}


def _locked_run(*, job: str, business_date: date, version: PolicyVersion, at: datetime) -> EvaluationRun:
    """Return the locked run of a job and business date, made if there is none; cancel unfinished runs of older dates."""
    newer = EvaluationRun.objects.filter(job=job, business_date__gt=business_date).exclude(state=RunState.CANCELLED)
    latest = newer.order_by("-business_date").first()
    if latest is not None:
        raise StateConflict(
            _("{day} has been worked already; a day before it cannot be. Use --dry-run to look back.").format(
                day=latest.business_date.isoformat()
            )
        )
    older = EvaluationRun.objects.select_for_update(no_key=True).filter(
        job=job, business_date__lt=business_date, state=RunState.RUNNING
    )
    for run in older.order_by("pk"):
        # With a new epoch number, a worker that is still evaluating a chunk writes nothing.
        run.chunks.filter(state__in=OPEN_CHUNKS).update(
            state=ChunkState.DEAD, epoch=F("epoch") + 1, last_error="superseded", updated_at=at
        )
        EvaluationRun.objects.filter(pk=run.pk).update(state=RunState.CANCELLED, finished_at=at, updated_at=at)
        record(actor=None, action="evaluation.cancelled", subject=run, at=at, body={"by": business_date.isoformat()})
    # Of two callers at once one inserts the row; both then wait for the same lock.
    EvaluationRun.objects.bulk_create(
        [EvaluationRun(job=job, business_date=business_date, policy_version=version, started_at=at, updated_at=at)],
        ignore_conflicts=True,
    )
    return EvaluationRun.objects.select_for_update(no_key=True).get(job=job, business_date=business_date)


def _begin_pass(
    *, run: EvaluationRun, versions: Mapping[str, PolicyVersion], actor: Any, at: datetime, is_new: bool
) -> None:
    """Reset a run for its first or next pass, with the policies that are in force now."""
    run.chunks.all().delete()
    run.quarantined.filter(resolved_at__isnull=True).update(resolved_at=at)
    run.state, run.phase, run.policy_version, run.started_at = RunState.RUNNING, RunPhase.PREVIEWING, versions[""], at
    run.passes += not is_new
    run.finished_at, run.previewed_at, run.preview, run.held_because = None, None, {}, []
    run.started_by, run.released_by, run.released_at, run.release_note = actor, None, None, ""
    run.quarantined_count, run.updated_at = 0, at
    for name in (*APPLIED_COUNTS, *PREVIEWED_COUNTS):
        setattr(run, name, 0)
    run.save()
    run.policies.all().delete()
    RunPolicy.objects.bulk_create(
        RunPolicy(run=run, segment=segment, version=each) for segment, each in versions.items()
    )
