"""Tasks that workers run. Each takes ids and dates, calls services, and may be run any number of times."""

import time
from typing import Any, Final

from celery import shared_task
from django.utils import timezone

from cases.enums import Job
from cases.services.casework import cases, circumstances
from cases.services.contacts.expiry import expire_permits
from cases.services.decisions import (
    acknowledgements,
    core_word,
    ending,
    expiry,
    opt_in,
    overtaken,
    plans,
    settlement,
    terms_ledger,
    trouble,
    waiver_events,
    waivers,
)
from cases.services.evaluation import catch_up, chunks, history, reevaluation, run_control, runs, wakeups
from cases.services.intake import uploads
from cases.services.intake.profiles import samples
from cases.services.people import suggestions
from cases.services.trials import shadow_runs, trial_worker

# How long one message works: far below every time limit of the queue, so that other messages get their turn.
SECONDS_A_TASK: Final = 20


@shared_task(name="cases.tasks.work_evaluation")
def work_evaluation(*, run_id: int, **_more: Any) -> None:
    """Work chunks of a run until none is left, then settle the run; when the time is up, enqueue it again."""
    ends = time.monotonic() + SECONDS_A_TASK
    while chunks.work_chunk(run_id=run_id, at=timezone.now()):
        if time.monotonic() > ends:
            wakeups.wake_workers(run_id=run_id)
            return
    if runs.settle_run(run_id=run_id, at=timezone.now()):
        catch_up.continue_catch_up(at=timezone.now())


@shared_task(name="cases.tasks.sweep_evaluation")
def sweep_evaluation(**_more: Any) -> None:
    """Enqueue runs whose workers died or whose messages were lost, and continue catch-ups."""
    now = timezone.now()
    wakeups.wake_for_unfinished(at=now)
    catch_up.continue_catch_up(at=now)
    run_control.resolve_overtaken(at=now)


@shared_task(name="cases.tasks.evaluate_nightly")
def evaluate_nightly(**_more: Any) -> None:
    """Begin the trigger run of today, the office's local date, after the business dates that were missed."""
    now = timezone.now()
    catch_up.begin_scheduled(job=Job.TRIGGERS, business_date=timezone.localdate(now), at=now)


@shared_task(name="cases.tasks.standing_nightly")
def standing_nightly(**_more: Any) -> None:
    """Begin the run of the standing job of today, after the business dates that were missed."""
    now = timezone.now()
    catch_up.begin_scheduled(job=Job.STANDING, business_date=timezone.localdate(now), at=now)


@shared_task(name="cases.tasks.evaluate_due")
def evaluate_due(**_more: Any) -> None:
    """Evaluate the borrowers that are due for re-evaluation; the business date is the office's local date."""
    ends = time.monotonic() + SECONDS_A_TASK
    now = timezone.now()
    while reevaluation.reevaluate_due(business_date=timezone.localdate(now), at=now):
        if time.monotonic() > ends:
            reevaluation.enqueue_reevaluation()
            return
        now = timezone.now()


# --- intake ---
# A file of two gigabytes takes almost an hour, so the time limits are raised. A message that is delivered twice finds the
# file leased and does nothing.
@shared_task(name="cases.tasks.work_intake", time_limit=6 * 3600, soft_time_limit=6 * 3600 - 60)
def work_intake(*, file_id: int, **_more: Any) -> None:
    """Read a waiting intake file."""
    uploads.work_upload(file_id=file_id, at=timezone.now())


@shared_task(name="cases.tasks.sweep_intake")
def sweep_intake(**_more: Any) -> None:
    """Enqueue intake files that wait or whose workers died; delete uploads of finished ones and samples whose time is over."""
    now = timezone.now()
    uploads.sweep_uploads(at=now)
    samples.delete_expired_samples(at=now)


# --- people ---
@shared_task(name="cases.tasks.suggest_people")
def suggest_people(**_more: Any) -> None:
    """Suggest over all borrowers who is one person, and which merged borrowers no longer share their number."""
    suggestions.suggest_people(at=timezone.now())


# --- trials ---
@shared_task(name="cases.tasks.work_trial")
def work_trial(*, trial_id: int, **_more: Any) -> None:
    """Work ranges of a trial until it is finished; when the time is up, enqueue it again."""
    ends = time.monotonic() + SECONDS_A_TASK
    while trial_worker.work_trial(trial_id=trial_id, at=timezone.now()):
        if time.monotonic() > ends:
            trial_worker.enqueue_trial(trial_id=trial_id)
            return


@shared_task(name="cases.tasks.sweep_trials")
def sweep_trials(**_more: Any) -> None:
    """Queue the comparisons that shadow runs lack, and enqueue trials whose workers died."""
    now = timezone.now()
    shadow_runs.queue_due_comparisons(at=now)
    trial_worker.enqueue_open_trials(at=now)


@shared_task(name="cases.tasks.keep_history")
def keep_history(**_more: Any) -> None:
    """Make the partitions of the coming months and drop those that no retention rule keeps."""
    now = timezone.now()
    today = timezone.localdate(now)
    history.ensure_history_months(business_date=today)
    history.drop_expired_months(business_date=today, at=now)


# --- contacts ---
@shared_task(name="cases.tasks.expire_contact_permits")
def expire_contact_permits(**_more: Any) -> None:
    """Mark the contact permits that were not used in time; they have not counted since."""
    expire_permits(at=timezone.now())


# --- casework ---
@shared_task(name="cases.tasks.sweep_case_deadlines")
def sweep_case_deadlines(**_more: Any) -> None:
    """End holds and circumstances whose day has passed, and mark the terms changes that reached the core."""
    now = timezone.now()
    today = timezone.localdate(now)
    cases.resume_due(business_date=today, at=now)
    circumstances.clear_expired_flags(business_date=today, at=now)
    acknowledgements.mark_terms_sent(at=now)


@shared_task(name="cases.tasks.check_terms")
def check_terms(**_more: Any) -> None:
    """End what payments ended, withdraw overtaken proposals, follow waivers and offers, and compare terms with the core."""
    now = timezone.now()
    ends = time.monotonic() + SECONDS_A_TASK
    while ending.follow_payments(at=now) and time.monotonic() < ends:
        continue
    while overtaken.withdraw_overtaken(at=now) and time.monotonic() < ends:
        continue
    while opt_in.lapse_offers(at=now) and time.monotonic() < ends:
        continue
    while waivers.follow_waivers(business_date=timezone.localdate(now), at=now) and time.monotonic() < ends:
        continue
    waiver_events.mark_waivers_sent(at=now)
    acknowledgements.mark_terms_sent(at=now)
    core_word.hear_accounts(at=now)
    terms_ledger.settle_astray(at=now)
    trouble.find_silent_terms(at=now)


@shared_task(name="cases.tasks.settle_promises")
def settle_promises(**_more: Any) -> None:
    """Settle promises and instalments from what is left of repayments; cases of broken plans go back to a person."""
    now = timezone.now()
    today = timezone.localdate(now)
    settlement.settle_repayments(business_date=today, at=now)
    plans.break_plans(business_date=today, at=now)


@shared_task(name="cases.tasks.expire_decisions")
def expire_decisions(**_more: Any) -> None:
    """Expire the decisions whose last day has passed, a batch at a time."""
    now = timezone.now()
    ends = time.monotonic() + SECONDS_A_TASK
    while expiry.expire_decisions(business_date=timezone.localdate(now), at=now) and time.monotonic() < ends:
        continue
