"""Work a trial: one range of borrowers at a time under a lease, so that any worker can continue it."""

import logging
import time
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import F, Q

from backoffice.core.errors import DoorstepError
from backoffice.core.queue import enqueue
from cases.enums import Job, TrialKind, TrialState
from cases.models import ObservedOutcome, PolicyTrial, Quarantine
from cases.rules.trials.trial_figures import SAMPLE, TrialFigures, figures_from
from cases.selectors.policies.versions import versions_in_force, versions_that_judged
from cases.services.policies.policy_book import book_of
from cases.services.trials.compared_versions import compared_versions
from cases.services.trials.comparison import Sample, compare_range
from cases.services.trials.fact_ranges import BEYOND, next_day, next_range
from cases.services.trials.outcomes import OUTCOME_DAYS, outcomes_range
from cases.services.trials.replay import MOST_NAMED, replay_range
from cases.services.trials.standing_reach import standing_range

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=120)
BACK_OFF: Final = timedelta(seconds=15)
MAX_ATTEMPTS: Final = 3
OPEN: Final = (TrialState.QUEUED, TrialState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    business_date: date
    lower: int
    upper: int


def work_trial(*, trial_id: int, at: datetime) -> bool:
    """
    Work the next range of a trial and return True; return False if there is none that this worker may take.

    The claim commits first, with a lease and a new epoch. The figures of the range are added by one UPDATE guarded by
    the epoch: a worker whose lease another one took over adds nothing, so that no range counts twice. A trial fails
    for good after three failures in a row, and at once if its rules are not a valid policy.
    """
    trial = _claim(trial_id=trial_id, at=at)
    if trial is None:
        return False
    try:
        _work(trial=trial, at=at)
    except Exception as error:
        logger.warning(
            "trial failed", extra={"trial": trial.pk, "error": type(error).__name__, "attempt": trial.attempts}
        )
        _fail(trial=trial, error=error, at=at)
    return True


def enqueue_open_trials(*, at: datetime) -> int:
    """Enqueue every open trial that no worker holds a lease on; return how many."""
    waiting = PolicyTrial.objects.filter(_claimable(at)).order_by("pk").values_list("pk", flat=True)
    for trial_id in waiting:
        enqueue("cases.tasks.work_trial", trial_id=trial_id)
    return len(waiting)


def enqueue_trial(*, trial_id: int) -> None:
    """Enqueue one trial again, after a worker has used up its time."""
    enqueue("cases.tasks.work_trial", trial_id=trial_id)


def _claimable(at: datetime) -> Q:
    return Q(state__in=OPEN) & (Q(leased_until__isnull=True) | Q(leased_until__lt=at))


def _claim(*, trial_id: int, at: datetime) -> PolicyTrial | None:
    rows = PolicyTrial.objects.filter(_claimable(at), pk=trial_id)
    claimed = rows.update(
        state=TrialState.RUNNING,
        epoch=F("epoch") + 1,
        attempts=F("attempts") + 1,
        leased_until=at + LEASE,
        updated_at=at,
    )
    if not claimed:
        return None
    return PolicyTrial.objects.select_related("version__policy", "against").get(pk=trial_id)


def _mine(trial: PolicyTrial) -> Any:
    """Return the trial's row only while this worker's epoch is the current one."""
    return PolicyTrial.objects.filter(pk=trial.pk, epoch=trial.epoch, state=TrialState.RUNNING)


def _work(*, trial: PolicyTrial, at: datetime) -> None:
    day = trial.working_on or next_day(after=trial.business_date - timedelta(days=1), until=trial.until_date)
    if day is None:
        _mine(trial).update(state=TrialState.FINISHED, finished_at=at, leased_until=None, updated_at=at)
        return
    upper = next_range(business_date=day, lower=trial.next_borrower)
    began = time.perf_counter()
    figures, drawn = _judge(trial, _Range(business_date=day, lower=trial.next_borrower, upper=upper))
    figures = replace(figures, seconds=time.perf_counter() - began)
    kept = [figures_from(entry) for entry in trial.figures]
    is_begun = bool(kept) and kept[-1].business_date == day
    kept = [*kept[:-1], _shortened(kept[-1].plus(figures))] if is_begun else [*kept, figures]
    smallest = sorted({(drawn_hash, pk) for drawn_hash, pk in (*(trial.sample if is_begun else ()), *drawn)})[:SAMPLE]
    changes: dict[str, Any] = {
        "figures": [each.as_json() for each in kept],
        "sample": smallest,
        "done_count": trial.done_count + figures.accounts,
        "working_on": day,
        "next_borrower": upper,
        "attempts": 0,
        "leased_until": None,
        "updated_at": at,
    }
    if upper == BEYOND:
        following = next_day(after=day, until=trial.until_date)
        changes |= {"working_on": following or day, "next_borrower": 0}
        if following is None:
            changes |= {"state": TrialState.FINISHED, "finished_at": at}
    _mine(trial).update(**changes)


def _judge(trial: PolicyTrial, part: _Range) -> tuple[TrialFigures, Sample]:
    where: dict[str, Any] = {"business_date": part.business_date, "lower": part.lower, "upper": part.upper}
    if trial.kind == TrialKind.REPLAY:
        return _replayed(where), []
    versions = (
        versions_that_judged(business_date=part.business_date)
        if trial.kind == TrialKind.SHADOW
        else versions_in_force()
    )
    compared = compared_versions(version=trial.version, body=trial.body, against=trial.against, others=versions)
    figures, sample = compare_range(compared=compared, **where)
    ends = part.business_date + timedelta(days=OUTCOME_DAYS)
    if ObservedOutcome.objects.filter(observed_on__gt=part.business_date, observed_on__lte=ends).exists():
        figures = replace(figures, outcomes=outcomes_range(compared=compared, **where))
    if trial.kind == TrialKind.PREVIEW:
        figures = replace(figures, standing=standing_range(compared=compared, **where))
    return figures, sample


def _replayed(where: dict[str, Any]) -> TrialFigures:
    day = where["business_date"]
    book = book_of(versions_that_judged(business_date=day))
    aside = Quarantine.objects.filter(run__job=Job.TRIGGERS, run__business_date=day, resolved_at__isnull=True)
    accounts, counts, named = replay_range(book=book, aside=aside.values_list("borrower_id", flat=True), **where)
    return TrialFigures(business_date=day, accounts=accounts, replay=counts, differences=named)


def _shortened(figures: TrialFigures) -> TrialFigures:
    """Return the figures with at most MOST_NAMED accounts named for each rule."""
    short = {
        kind: {rule: ids[:MOST_NAMED] for rule, ids in rules.items()} for kind, rules in figures.differences.items()
    }
    return replace(figures, differences=short)


def _fail(*, trial: PolicyTrial, error: Exception, at: datetime) -> None:
    """Leave the trial for a later attempt, or mark it FAILED: at once for an anticipated error such as invalid rules."""
    is_final = isinstance(error, DoorstepError) or trial.attempts >= MAX_ATTEMPTS
    message = str(error)[:300] if isinstance(error, DoorstepError) else type(error).__name__
    changes: dict[str, Any] = {"last_error": message, "leased_until": at + BACK_OFF, "updated_at": at}
    if is_final:
        changes |= {"state": TrialState.FAILED, "finished_at": at, "leased_until": None}
    _mine(trial).update(**changes)
