"""Doors that the queue opens. Each takes ids and dates, calls one service, and may be called any number of times."""

import time
from typing import Any, Final

from celery import shared_task
from django.utils import timezone

from cases.enums import Job
from cases.services.casework import cases, circumstances, promises
from cases.services.decisions import expiry, plans, terms_ledger
from cases.services.evaluation import catch_up, due, history, run_control, runs
from cases.services.intake import uploads
from cases.services.trials import shadows, work

# Far below every limit of the queue: a message never waits for its whole run.
SECONDS_A_TASK: Final = 20


@shared_task(name="cases.tasks.work_evaluation")
def work_evaluation(*, run_id: int, **_more: Any) -> None:
    """Work chunks of a run until none is left or the time is up, then settle it or ring again."""
    ends = time.monotonic() + SECONDS_A_TASK
    while runs.work_chunk(run_id=run_id, at=timezone.now()):
        if time.monotonic() > ends:
            runs.enqueue_run(run_id=run_id)
            return
    if runs.settle_run(run_id=run_id, at=timezone.now()):
        catch_up.continue_catch_up(at=timezone.now())


@shared_task(name="cases.tasks.sweep_evaluation")
def sweep_evaluation(**_more: Any) -> None:
    """Ring for runs whose workers are gone or whose messages were lost, and go on with missed days."""
    now = timezone.now()
    runs.enqueue_unfinished(at=now)
    catch_up.continue_catch_up(at=now)
    run_control.resolve_overtaken(at=now)


@shared_task(name="cases.tasks.evaluate_nightly")
def evaluate_nightly(**_more: Any) -> None:
    """Begin tonight's run of the triggers, after the nights that were missed; the business date is the local day."""
    now = timezone.now()
    catch_up.begin_night(job=Job.TRIGGERS, business_date=timezone.localdate(now), at=now)


@shared_task(name="cases.tasks.standing_nightly")
def standing_nightly(**_more: Any) -> None:
    """Begin tonight's run of the standing job, after the nights that were missed."""
    now = timezone.now()
    catch_up.begin_night(job=Job.STANDING, business_date=timezone.localdate(now), at=now)


@shared_task(name="cases.tasks.evaluate_due")
def evaluate_due(**_more: Any) -> None:
    """Judge the borrowers of whom something changed; the business date is the local day."""
    ends = time.monotonic() + SECONDS_A_TASK
    now = timezone.now()
    while due.work_due(business_date=timezone.localdate(now), at=now):
        if time.monotonic() > ends:
            due.enqueue_due()
            return
        now = timezone.now()


# --- intake ---
# A file of two gigabytes takes the better part of an hour. The limits of the queue are raised for it: a message that is
# delivered again meanwhile finds the file leased and does nothing.
@shared_task(name="cases.tasks.work_intake", time_limit=6 * 3600, soft_time_limit=6 * 3600 - 60)
def work_intake(*, file_id: int, **_more: Any) -> None:
    """Take a waiting file in."""
    uploads.work_upload(file_id=file_id, at=timezone.now())


@shared_task(name="cases.tasks.sweep_intake")
def sweep_intake(**_more: Any) -> None:
    """Ring for files that wait or whose workers are gone, and clear away what is done."""
    uploads.sweep_uploads(at=timezone.now())


# --- trials ---
@shared_task(name="cases.tasks.work_trial")
def work_trial(*, trial_id: int, **_more: Any) -> None:
    """Work ranges of a trial until it is finished or the time is up, then ring again."""
    ends = time.monotonic() + SECONDS_A_TASK
    while work.work_trial(trial_id=trial_id, at=timezone.now()):
        if time.monotonic() > ends:
            work.enqueue_trial(trial_id=trial_id)
            return


@shared_task(name="cases.tasks.sweep_trials")
def sweep_trials(**_more: Any) -> None:
    """Queue the comparisons that shadow runs lack, and ring for trials whose workers are gone."""
    now = timezone.now()
    shadows.shadow_due(at=now)
    work.enqueue_open_trials(at=now)


@shared_task(name="cases.tasks.keep_history")
def keep_history(**_more: Any) -> None:
    """Make the months to come ready and drop those that no retention rule keeps."""
    now = timezone.now()
    today = timezone.localdate(now)
    history.ready_months(business_date=today)
    history.forget_history(business_date=today, at=now)


# --- casework ---
@shared_task(name="cases.tasks.sweep_case_deadlines")
def sweep_case_deadlines(**_more: Any) -> None:
    """End holds and circumstances whose day has passed, and note which terms changes have been handed over."""
    now = timezone.now()
    today = timezone.localdate(now)
    cases.resume_due(business_date=today, at=now)
    circumstances.clear_expired_flags(business_date=today, at=now)
    terms_ledger.mark_terms_sent(at=now)


@shared_task(name="cases.tasks.settle_promises")
def settle_promises(**_more: Any) -> None:
    """Settle what was promised and agreed from what was paid; plans that are broken come back to a person."""
    now = timezone.now()
    today = timezone.localdate(now)
    promises.settle_promises(business_date=today, at=now)
    plans.settle_instalments(business_date=today, at=now)
    plans.break_plans(business_date=today, at=now)


@shared_task(name="cases.tasks.expire_decisions")
def expire_decisions(**_more: Any) -> None:
    """End the decisions whose time has run out, a batch at a time."""
    now = timezone.now()
    ends = time.monotonic() + SECONDS_A_TASK
    while expiry.expire_decisions(business_date=timezone.localdate(now), at=now) and time.monotonic() < ends:
        continue
