"""Missed nights: worked in order, one after the other, and never over somebody's halt."""

from datetime import date, timedelta
from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed
from cases.models import EvaluationRun
from cases.services.evaluation import catch_up, chunks, run_control, runs
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_overdue


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.fixture(autouse=True)
def accounts(shanghai: Any) -> list[Any]:
    make_version()
    return [make_overdue(territory=shanghai, outstanding_principal=60000) for _ in range(2)]


def work(run: EvaluationRun | None) -> EvaluationRun:
    assert run is not None
    while chunks.work_chunk(run_id=run.pk, at=AT):
        pass
    runs.settle_run(run_id=run.pk, at=AT)
    run.refresh_from_db()
    return run


def run_of_day(number: int) -> EvaluationRun:
    return work(runs.start_run(job="TRIGGERS", business_date=day(number), at=AT))


def states() -> list[tuple[date, str]]:
    return list(EvaluationRun.objects.order_by("business_date").values_list("business_date", "state"))


def test_missed_days_are_worked_in_order_up_to_the_last(risk_manager: Any) -> None:
    run_of_day(0)

    run = catch_up.catch_up(job="TRIGGERS", until=day(3), actor=risk_manager, at=AT)
    order = []
    while run is not None:
        order.append(work(run).business_date)
        run = next(iter(catch_up.continue_catch_up(at=AT)), None)

    assert order == [day(1), day(2), day(3)]
    assert states() == [(day(n), "FINISHED") for n in range(4)]
    assert not EvaluationRun.objects.filter(catch_up_until__isnull=False).exists()
    # The person who asked is the starter of each run.
    assert set(EvaluationRun.objects.filter(business_date__gt=day(0)).values_list("started_by", flat=True)) == {
        risk_manager.pk
    }


def test_next_day_waits_for_the_one_before_it(risk_manager: Any) -> None:
    run_of_day(0)
    catch_up.catch_up(job="TRIGGERS", until=day(3), actor=risk_manager, at=AT)

    assert catch_up.continue_catch_up(at=AT) == []
    assert states() == [(day(0), "FINISHED"), (day(1), "RUNNING")]


def test_two_sweeps_begin_one_run(risk_manager: Any) -> None:
    run_of_day(0)
    work(catch_up.catch_up(job="TRIGGERS", until=day(2), actor=risk_manager, at=AT))
    done = EvaluationRun.objects.get(business_date=day(1))

    both = [catch_up._next_day(done=done, at=AT) for _sweep in range(2)]

    assert [run is None for run in both] == [False, True]
    assert EvaluationRun.objects.filter(business_date=day(2)).count() == 1


def test_nothing_missed_begins_nothing(risk_manager: Any) -> None:
    run_of_day(0)

    assert catch_up.catch_up(job="TRIGGERS", until=day(0), actor=risk_manager, at=AT) is None
    assert len(states()) == 1


def test_catch_up_until_before_the_last_day_is_refused(risk_manager: Any) -> None:
    run_of_day(2)

    with pytest.raises(InvalidInput):
        catch_up.catch_up(job="TRIGGERS", until=day(1), actor=risk_manager, at=AT)


def test_catch_up_is_for_those_who_run_evaluations(officer: Any) -> None:
    with pytest.raises(NotAllowed):
        catch_up.catch_up(job="TRIGGERS", until=day(0), actor=officer, at=AT)
    assert states() == []


def test_cancelling_one_day_ends_the_catch_up(risk_manager: Any) -> None:
    run_of_day(0)
    run = catch_up.catch_up(job="TRIGGERS", until=day(3), actor=risk_manager, at=AT)
    assert run is not None

    run_control.cancel_run(run=run, actor=risk_manager, at=AT)

    assert catch_up.continue_catch_up(at=AT) == []
    assert states() == [(day(0), "FINISHED"), (day(1), "CANCELLED")]


@pytest.mark.parametrize("state", ["PAUSED", "HELD", "RUNNING"])
def test_scheduled_run_waits_for_an_unfinished_run_and_follows_it(state: str) -> None:
    run = runs.start_run(job="TRIGGERS", business_date=day(0), at=AT)
    EvaluationRun.objects.update(state=state)

    for _twice in range(2):
        assert catch_up.begin_scheduled(job="TRIGGERS", business_date=day(2), at=AT) == run
    assert states() == [(day(0), state)]

    EvaluationRun.objects.update(state="RUNNING")
    work(run)
    assert [each.business_date for each in catch_up.continue_catch_up(at=AT)] == [day(1)]
    assert EvaluationRun.objects.get(business_date=day(1)).catch_up_until == day(2)


def test_scheduled_run_begins_with_the_first_missed_date() -> None:
    run_of_day(0)

    run = catch_up.begin_scheduled(job="TRIGGERS", business_date=day(4), at=AT)

    assert run is not None
    assert (run.business_date, run.catch_up_until, run.started_by) == (day(1), day(4), None)


def test_of_a_long_gap_the_newest_fourteen_dates_are_worked_and_the_rest_recorded() -> None:
    run_of_day(0)

    run = catch_up.begin_scheduled(job="TRIGGERS", business_date=day(20), at=AT)

    assert run is not None
    assert run.business_date == day(7)
    told = AuditEntry.objects.get(action="evaluation.catching_up")
    assert '"given_up":6' in told.body.replace(" ", "") if isinstance(told.body, str) else told.body["given_up"] == 6


def test_job_that_never_ran_begins_with_its_own_date() -> None:
    run = catch_up.begin_scheduled(job="TRIGGERS", business_date=day(0), at=AT)

    assert run is not None
    assert (run.business_date, run.catch_up_until) == (day(0), None)


def test_scheduled_run_of_a_finished_date_begins_nothing() -> None:
    run_of_day(0)

    assert catch_up.begin_scheduled(job="TRIGGERS", business_date=day(0), at=AT) is None
    assert EvaluationRun.objects.get().passes == 1


def test_scheduled_run_before_a_finished_later_date_begins_nothing() -> None:
    run_of_day(1)

    assert catch_up.begin_scheduled(job="TRIGGERS", business_date=day(0), at=AT) is None


def test_jobs_are_caught_up_apart() -> None:
    run_of_day(3)

    run = catch_up.begin_scheduled(job="STANDING", business_date=day(3), at=AT)

    assert run is not None
    assert (run.job, run.business_date) == ("STANDING", day(3))
