"""Doors that the queue opens. Each takes no more than ids and dates, and may be called any number of times."""

import time
from typing import Any, Final

from celery import shared_task
from django.utils import timezone

from backoffice.core.queue import enqueue
from visits.rules.statement_months import month_before
from visits.services.agencies import credentials, deceased, joined_cases, prices, statement_building
from visits.services.answers import papers
from visits.services.dispatch import letters_due, planning_worker, sweeping
from visits.services.doorstep import contradictions, evidence_parts, evidence_reading
from visits.services.files import checking, locked
from visits.services.orders import automatic_endings

# How long one message works: far below the time limit of a task, so that other messages get their turn.
SECONDS_A_TASK: Final = 20


@shared_task(name="visits.tasks.sweep_visits_needed")
def sweep_visits_needed(**_more: Any) -> None:
    """Call off visits that are no longer due, and draft a visit for each case that needs one."""
    now = timezone.now()
    sweeping.sweep_visits(at=now, business_date=timezone.localdate(now))


@shared_task(name="visits.tasks.work_planning")
def work_planning(*, run_id: int, **_more: Any) -> None:
    """Plan the day that somebody asked for; a run that another worker has is left alone."""
    planning_worker.work_planning(run_id=run_id, at=timezone.now())


@shared_task(name="visits.tasks.make_letters")
def make_letters(**_more: Any) -> None:
    """Make the letters that wait; when the time is up, enqueue the rest."""
    ends = time.monotonic() + SECONDS_A_TASK
    while letters_due.make_letter(at=timezone.now()):
        if time.monotonic() > ends:
            enqueue("visits.tasks.make_letters")
            return


@shared_task(name="visits.tasks.sweep_planning")
def sweep_planning(**_more: Any) -> None:
    """Enqueue planning runs and letters whose message was lost or whose worker died."""
    now = timezone.now()
    planning_worker.sweep_planning(at=now)
    letters_due.sweep_letters(at=now)


@shared_task(name="visits.tasks.stand_down")
def stand_down(*, borrowers: list[int], **_more: Any) -> None:
    """
    Call off the visits of borrowers whose circumstances or cases changed, and take the cases of the deceased back.

    One that is lost is done by the sweeps.
    """
    now = timezone.now()
    automatic_endings.stand_down_visits(at=now, borrowers=borrowers)
    joined_cases.end_joined(at=now, business_date=timezone.localdate(now), borrowers=borrowers)
    deceased.recall_deceased(at=now, business_date=timezone.localdate(now), borrowers=borrowers)


@shared_task(name="visits.tasks.sweep_placements")
def sweep_placements(**_more: Any) -> None:
    """End placements and orders whose time is over, or whose borrower has died; the business date is the local day."""
    now = timezone.now()
    deceased.recall_deceased(at=now, business_date=timezone.localdate(now))
    sweeping.sweep_endings(at=now, business_date=timezone.localdate(now))


@shared_task(name="visits.tasks.recheck_contradictions")
def recheck_contradictions(*, after: int = 0, **_more: Any) -> None:
    """Compare what sources say of visited borrowers whose data changed; when the time is up, enqueue the rest."""
    ends, last = time.monotonic() + SECONDS_A_TASK, after
    while (found := contradictions.recheck_contradictions(at=timezone.now(), after=last)) is not None:
        last = found
        if time.monotonic() > ends:
            enqueue("visits.tasks.recheck_contradictions", after=last)
            return


# Below the lease of a photograph: whoever takes it up after the lease is the only one that decodes it.
@shared_task(name="visits.tasks.read_evidence", time_limit=100, soft_time_limit=90)
def read_evidence(*, evidence_id: int, **_more: Any) -> None:
    """Read a photograph that was sent; one that was read already is left as it is."""
    evidence_reading.read_evidence(evidence_id=evidence_id, at=timezone.now())


@shared_task(name="visits.tasks.sweep_evidence")
def sweep_evidence(**_more: Any) -> None:
    """Enqueue photographs and papers that still wait because their message was lost or their worker was killed."""
    evidence_reading.sweep_evidence(at=timezone.now())
    papers.sweep_papers(at=timezone.now())


@shared_task(name="visits.tasks.forget_parts")
def forget_parts(**_more: Any) -> None:
    """Delete parts of files that were not completed within seven days; when there are many, enqueue the rest."""
    if evidence_parts.delete_abandoned_parts(at=timezone.now()) == evidence_parts.DELETED_AT_ONCE:
        enqueue("visits.tasks.forget_parts")


@shared_task(name="visits.tasks.forget_locked")
def forget_locked(**_more: Any) -> None:
    """Delete files that were locked away 30 days ago; when there are many, enqueue the rest."""
    if locked.delete_locked(at=timezone.now()) == locked.DELETED_AT_ONCE:
        enqueue("visits.tasks.forget_locked")


@shared_task(name="visits.tasks.read_paper", time_limit=100, soft_time_limit=90)
def read_paper(*, answer_id: int, **_more: Any) -> None:
    """Read a paper that came through a letter's page; one that was read already is left as it is."""
    papers.read_paper(answer_id=answer_id, at=timezone.now())


@shared_task(name="visits.tasks.check_files")
def check_files(**_more: Any) -> None:
    """Compare one batch of stored letters and evidence with their SHA-256; the rest follows in tasks of its own."""
    if checking.check_files(at=timezone.now()).more:
        enqueue("visits.tasks.check_files")


@shared_task(name="visits.tasks.push_visit_prices")
def push_visit_prices(**_more: Any) -> None:
    """Set the price of a visit in each territory for today: price cards begin and end by the day."""
    now = timezone.now()
    prices.push_visit_prices(business_date=timezone.localdate(now), at=now)


@shared_task(name="visits.tasks.recount_papers")
def recount_papers(**_more: Any) -> None:
    """Count anew until when agencies' papers are valid, where that day is over: a later paper may have begun."""
    now = timezone.now()
    credentials.recount_papers(business_date=timezone.localdate(now), at=now)


@shared_task(name="visits.tasks.build_statements")
def build_statements(**_more: Any) -> None:
    """Build the drafts of agencies' statements of the month before; drafts that are there are built anew."""
    now = timezone.now()
    today = timezone.localdate(now)
    statement_building.build_statements(month=month_before(today), business_date=today, at=now)
