"""
Planning runs, done by a worker under a lease and found again by the sweep if the worker dies.

The row is the truth; a message only wakes a worker earlier. The search is outside of every transaction. A worker that
lost its lease writes nothing: its epoch is no longer the run's.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from backoffice.audit.services import record
from backoffice.core.batches import update_each
from backoffice.core.collector import collector_by_hand
from backoffice.core.errors import DoorstepError
from backoffice.core.queue import enqueue
from backoffice.core.transitions import move, move_all
from visits.models import PlanningOrder, PlanningRun, VisitOrder
from visits.planning_enums import PlanningKind, PlanningOutcome, PlanningPhase, PlanningState
from visits.rules.dispatch.lifecycle import PLANNING_LIFECYCLE
from visits.services.dispatch.plan_judging import stored_refusals
from visits.services.dispatch.plan_watch import PlanWatch
from visits.services.dispatch.routes import CrewPair
from visits.services.dispatch.scheduling import Schedule, schedule_visits

logger = logging.getLogger(__name__)

# Beside the search itself; far more than facts and writing take.
LEASE: Final = timedelta(minutes=2)
# The plan is written within this time after the search.
WRITING: Final = timedelta(minutes=1)
ATTEMPTS_MAX: Final = 3
# A message reaches a worker within this time; the sweep leaves younger runs to their own message.
OWN_MESSAGE: Final = timedelta(minutes=1)
WORKER_LOST: Final = "worker_lost"


class PlanningLost(DoorstepError):
    """Another worker has taken the run over; what this one would write is taken back."""

    code = "planning_lost"


def work_planning(*, run_id: int, at: datetime) -> bool:
    """
    Do a planning run that waits, or whose worker was lost; return False if there is nothing to do or another has it.

    Call it outside a transaction. A refusal that concerns the whole run (the person may not dispatch any more) ends it.
    """
    run = _claim(run_id=run_id, at=at)
    if run is None:
        return False
    hold = RunHold(at=at, run=run)
    pairs = run.crews.select_related("lead__agency", "second__agency").filter(is_out=False).order_by("number")
    orders = VisitOrder.objects.filter(planning__run=run).order_by("pk")
    try:
        # Thousands of rows and no cycles.
        with collector_by_hand():
            schedule_visits(
                orders=list(orders),
                crews=[
                    CrewPair(lead=crew.lead, second=crew.second, latitude=crew.latitude, longitude=crew.longitude)
                    for crew in pairs
                ],
                day=run.day,
                actor=run.requested_by,
                at=at,
                seconds=run.seconds,
                seed=run.seed,
                watch=hold,
                moves=run.kind == PlanningKind.CREW_OUT,
            )
    except PlanningLost:
        logger.warning("planning run taken over by another worker", extra={"run": run.pk, "epoch": run.epoch})
    except DoorstepError as error:
        logger.info("planning run refused", extra={"run": run.pk, "code": error.code})
        _give_up(run=run, problem=error.code, at=hold.now)
    return True


def sweep_planning(*, at: datetime) -> int:
    """Enqueue runs whose message was lost or whose worker died, and return how many."""
    waiting = Q(state=PlanningState.WAITING, requested_at__lte=at - OWN_MESSAGE)
    lost = Q(state=PlanningState.RUNNING, leased_until__lt=at)
    found = list(PlanningRun.objects.filter(waiting | lost).order_by("pk").values_list("pk", flat=True))
    for run_id in found:
        enqueue("visits.tasks.work_planning", run_id=run_id)
    return len(found)


@transaction.atomic
def _claim(*, run_id: int, at: datetime) -> PlanningRun | None:
    free = Q(state=PlanningState.WAITING) | Q(state=PlanningState.RUNNING, leased_until__lt=at)
    run: PlanningRun | None = (
        PlanningRun.objects.filter(free, pk=run_id)
        .select_related("requested_by")
        .select_for_update(no_key=True, skip_locked=True, of=("self",))
        .first()
    )
    if run is None:
        return None
    if run.attempts >= ATTEMPTS_MAX:
        _give_up(run=run, problem=WORKER_LOST, at=at)
        return None
    move(
        record=run,
        lifecycle=PLANNING_LIFECYCLE,
        action="begin",
        actor=None,
        at=at,
        began_at=at,
        search_began_at=None,
        search_ended_at=None,
        phase=PlanningPhase.FACTS,
        epoch=run.epoch + 1,
        attempts=run.attempts + 1,
        leased_until=at + timedelta(seconds=run.seconds) + LEASE,
    )
    return run


@transaction.atomic
def _give_up(*, run: PlanningRun, problem: str, at: datetime) -> None:
    rows = _own(run)
    ended = move_all(
        rows=rows,
        lifecycle=PLANNING_LIFECYCLE,
        action="give_up",
        at=at,
        finished_at=at,
        leased_until=None,
        epoch=F("epoch") + 1,
        problem=problem[:40],
    )
    if ended:
        record(actor=None, action="planning.failed", subject=run, at=at, body={"problem": problem})


def _own(run: PlanningRun) -> QuerySet[PlanningRun]:
    rows: QuerySet[PlanningRun] = PlanningRun.objects.filter(pk=run.pk, epoch=run.epoch)
    return rows


@dataclass(slots=True, kw_only=True)
class RunHold(PlanWatch):
    """A worker's hold on a planning run: writes how far it is, and what came of it, while the run is still its own."""

    run: PlanningRun
    _began: float = 0.0

    def __post_init__(self) -> None:
        self._began = monotonic()

    @property
    def now(self) -> datetime:
        """The instant at which the worker began plus the time that has passed since."""
        return self.at + timedelta(seconds=monotonic() - self._began)

    def written_by(self, *, seconds: float) -> datetime:
        """Return the instant by which the plan is written: the search ends after `seconds` at most."""
        return self.at + timedelta(seconds=seconds) + WRITING

    def enter(self, phase: PlanningPhase) -> None:
        """
        Write the phase into the run.

        :raises PlanningLost: if another worker has the run.
        """
        changes: dict[str, Any] = {"phase": phase, "updated_at": self.now}
        if phase == PlanningPhase.SEARCH:
            changes["search_began_at"] = self.now
        if phase == PlanningPhase.WRITING:
            changes["search_ended_at"] = self.now
        if _own(self.run).filter(state=PlanningState.RUNNING).update(**changes) != 1:
            raise PlanningLost

    def write(self, schedule: Schedule) -> None:
        """
        Write the outcome of each order and the end of the run, in the transaction of the plan.

        :raises PlanningLost: if another worker has the run; the plan is taken back.
        """
        at = self.now
        ended = move_all(
            rows=_own(self.run),
            lifecycle=PLANNING_LIFECYCLE,
            action="finish",
            at=at,
            finished_at=at,
            leased_until=None,
            planned_count=len(schedule.scheduled),
            refused_count=len(schedule.refused),
            distance_m=schedule.distance_m,
        )
        if ended != 1:
            raise PlanningLost
        candidates = {each.order_id: each for each in PlanningOrder.objects.filter(run=self.run)}
        for order in schedule.scheduled:
            candidates[order.pk].outcome = PlanningOutcome.PLANNED
        for refused in schedule.refused:
            candidate = candidates[refused.order_id]
            candidate.outcome = PlanningOutcome.REFUSED
            candidate.refusals, candidate.reason = stored_refusals(refused), refused.reason
        update_each(records=list(candidates.values()), fields=("outcome", "refusals", "reason"))
