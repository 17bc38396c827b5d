"""Catching up business dates that a job missed: each begins when the run of the date before is finished."""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import DoorstepError, InvalidInput, StateConflict
from cases.enums import RunState
from cases.models import EvaluationRun
from cases.rules.run_lifecycle import MOST_MISSED_DAYS, UNFINISHED, MissedDays, missed_days
from cases.services.evaluation.run_permission import may_control_runs
from cases.services.evaluation.runs import start_run
from cases.services.evaluation.wakeups import wake_workers

logger = logging.getLogger(__name__)


def missed_by(*, job: str, until: date) -> MissedDays:
    """Return the business dates after the last finished run of a job, up to and including `until`."""
    finished = EvaluationRun.objects.filter(job=job, state=RunState.FINISHED)
    last = finished.order_by("-business_date").values_list("business_date", flat=True).first()
    return missed_days(last_finished=last, until=until)


def catch_up(*, job: str, until: date, actor: Any, at: datetime) -> EvaluationRun | None:
    """
    Begin the first missed business date of a job; the dates after it follow in order, up to and including `until`.

    If a run of the job is not finished yet, it is left as it is and the missed dates follow when it is finished. Of a
    gap longer than MOST_MISSED_DAYS only the newest dates are worked; how many were given up is in the audit entry.
    Return the run that comes first; None if no date is missed.

    :raises NotAllowed: if the actor may not run evaluations, or is limited to some territories; the system may.
    :raises InvalidInput: if a day after `until` has been worked already.
    :raises Missing: if no policy is in force.
    """
    may_control_runs(actor=actor, permission="cases.run_evaluation")
    with transaction.atomic():
        newest = (
            EvaluationRun.objects.filter(job=job).exclude(state=RunState.CANCELLED).order_by("-business_date").first()
        )
        if newest is not None and newest.business_date > until:
            raise InvalidInput(
                _("{day} has been worked already; days before it cannot be.").format(
                    day=newest.business_date.isoformat()
                ),
                field="until",
            )
        if newest is not None and newest.state in UNFINISHED:
            return _wait_for(run=newest, until=until, actor=actor, at=at)
        missed = missed_by(job=job, until=until)
        if not missed.days:
            return None
        run = start_run(job=job, business_date=missed.days[0], actor=actor, at=at)
        _continue_until(run=run, until=until, started_by=actor)
        record(
            actor=actor,
            action="evaluation.catching_up",
            subject=run,
            at=at,
            body={
                "job": job,
                "from": missed.days[0].isoformat(),
                "until": until.isoformat(),
                "days": len(missed.days),
                "given_up": missed.given_up,
            },
        )
    if missed.given_up:
        logger.warning("missed days given up", extra={"job": job, "days": missed.given_up, "most": MOST_MISSED_DAYS})
    return run


def continue_catch_up(*, at: datetime) -> list[EvaluationRun]:
    """
    Begin the next business date of every catch-up whose run is finished; return the runs that were begun.

    Two callers at once begin one run. A refusal (no policy in force) is logged; the next sweep tries again.
    """
    begun = []
    waiting = EvaluationRun.objects.filter(state=RunState.FINISHED, catch_up_until__gt=F("business_date"))
    for done in waiting.order_by("business_date", "pk"):
        try:
            run = _next_day(done=done, at=at)
        except DoorstepError as refusal:
            logger.warning("catch-up cannot go on", extra={"run": done.pk, "code": refusal.code})
        else:
            begun += [run] if run is not None else []
    return begun


def run_after(*, run: EvaluationRun, until: date) -> EvaluationRun | None:
    """Return the run of the business date after that of `run`; None if it has not begun or is after `until`."""
    day = run.business_date + timedelta(days=1)
    return EvaluationRun.objects.filter(job=run.job, business_date=day).first() if day <= until else None


def begin_scheduled(*, job: str, business_date: date, at: datetime) -> EvaluationRun | None:
    """
    Begin the scheduled run of a business date, after the dates that were missed; return the run that comes first.

    None if there is nothing to begin: the date, or a later one, has been worked already.
    """
    try:
        return catch_up(job=job, until=business_date, actor=None, at=at)
    except (InvalidInput, StateConflict) as refusal:
        logger.warning("scheduled run not begun", extra={"job": job, "code": refusal.code})
        return None


def _wait_for(*, run: EvaluationRun, until: date, actor: Any, at: datetime) -> EvaluationRun:
    """Let the dates up to `until` follow a run that is not finished. A paused or held run stays so."""
    if run.business_date < until and (run.catch_up_until or run.business_date) < until:
        EvaluationRun.objects.filter(pk=run.pk).update(catch_up_until=until, updated_at=at)
        run.catch_up_until = until
        record(
            actor=actor,
            action="evaluation.catching_up",
            subject=run,
            at=at,
            body={
                "job": run.job,
                "from": run.business_date.isoformat(),
                "until": until.isoformat(),
                "state": run.state,
            },
        )
    if run.state == RunState.RUNNING:
        wake_workers(run_id=run.pk)
    return run


def _next_day(*, done: EvaluationRun, at: datetime) -> EvaluationRun | None:
    """Begin the next date of a catch-up; None if another caller has begun it, or a later date is worked already."""
    with transaction.atomic():
        until = done.catch_up_until
        taken = EvaluationRun.objects.filter(pk=done.pk, state=RunState.FINISHED, catch_up_until=until)
        if until is None or taken.update(catch_up_until=None, updated_at=at) != 1:
            return None
        later = EvaluationRun.objects.filter(job=done.job, business_date__gt=done.business_date)
        if later.exclude(state=RunState.CANCELLED).exists():
            return None
        day = done.business_date + timedelta(days=1)
        run = start_run(job=done.job, business_date=day, at=at)
        # The person who asked for the catch-up has started each of its runs, and so may release none of them.
        _continue_until(run=run, until=until, started_by=done.started_by)
        return run


def _continue_until(*, run: EvaluationRun, until: date, started_by: Any) -> None:
    """Keep on a run how far its catch-up goes and who asked for it."""
    run.catch_up_until = until if until > run.business_date else None
    run.started_by = started_by
    EvaluationRun.objects.filter(pk=run.pk).update(catch_up_until=run.catch_up_until, started_by=started_by)
