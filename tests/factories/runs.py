"""Runs of the trigger job for tests: starting, working and breaking them."""

from datetime import timedelta
from typing import Any

from django.db import connection

from cases.models import Account, EvaluationChunk, EvaluationRun
from cases.services.evaluation import chunks, runs
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_overdue


def make_portfolio(*, territory: Any, size: int = 8) -> list[Account]:
    """Make borrowers with one overdue account each, which the test policy gives a case."""
    return [make_overdue(territory=territory, outstanding_principal=60000) for _ in range(size)]


def start(**options: Any) -> EvaluationRun:
    """Start the trigger run of today."""
    return runs.start_run(**({"job": "TRIGGERS", "business_date": TODAY, "at": AT} | options))


def work(run: EvaluationRun) -> EvaluationRun:
    """Work a run as far as it goes, and return it as the database has it."""
    while chunks.work_chunk(run_id=run.pk, at=AT):
        pass
    runs.settle_run(run_id=run.pk, at=AT)
    run.refresh_from_db()
    return run


def preview_and_claim(run: EvaluationRun) -> EvaluationChunk:
    """Preview the only chunk of a run, pass the circuit breaker, and claim the chunk to be applied."""
    assert [chunks.work_chunk(run_id=run.pk, at=AT) for _step in range(2)] == [True, True]
    claimed = chunks._claim(run_id=run.pk, at=AT)
    assert claimed is not None
    return claimed[0]


def refuse_cases_of(*, borrower_id: int) -> None:
    """Let the database refuse every case of one borrower."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE cases_case ADD CONSTRAINT refused CHECK (borrower_id <> {int(borrower_id)})")


def accept_all_cases() -> None:
    """Undo `refuse_cases_of`."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_case DROP CONSTRAINT refused")


def make_two_days(*, here: Any, there: Any) -> list[Account]:
    """
    Work today and tomorrow; return three accounts of `here`, one of `there`, and a new one of `here`.

    On the second day the first account is paid up, the second is regraded, the last is new; the others stay as they are.
    """
    make_version()
    accounts = [make_overdue(territory=here, days=95, outstanding_principal=60000) for _ in range(3)]
    accounts.append(make_overdue(territory=there, days=95, outstanding_principal=60000))
    work(start())
    Account.objects.filter(pk=accounts[0].pk).update(days_past_due=0, arrears_amount=0)
    Account.objects.filter(pk=accounts[1].pk).update(outstanding_principal=900000)
    new = make_overdue(territory=here, days=125, outstanding_principal=60000)
    work(start(business_date=TODAY + timedelta(days=1)))
    return [*accounts, new]
