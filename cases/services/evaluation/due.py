"""Evaluating single borrowers again between two nightly runs, by the same expression as every night."""

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from django.db import OperationalError, connection, transaction
from django.db.models import F, Min, Q, QuerySet

from backoffice.audit.services import record
from backoffice.core.queue import enqueue
from cases.enums import Job, RunState
from cases.models import DueEvaluation, EvaluationRun
from cases.services.evaluation.run_locks import NEIGHBOURS, has_neighbourhood, may_judge_singles
from cases.services.evaluation.triggers import RangeOutcome, evaluate_range
from cases.services.policies.policy_book import PolicyBook, book_of

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 5
# In one transaction: about a second of work, for which a beginning run waits.
AT_ONCE: Final = 200
STRETCHES: Final = 25
# Borrowers in between are judged along when that takes fewer statements than leaving them out.
GAP: Final = 8
# Doubled with each attempt of one who cannot be judged.
PAUSE: Final = timedelta(seconds=30)
# Clocks of two programs differ a little.
SLACK: Final = timedelta(seconds=1)
UNSETTLED: Final = (RunState.RUNNING, RunState.PAUSED, RunState.HELD)

# A lock that somebody else held, a deadlock: it says nothing about the borrower.
_IN_THE_WAY: Final = frozenset({"55P03", "40P01", "40001"})

# What was written meanwhile stays due; who is just writing it is not waited for.
_DONE: Final = """
DELETE FROM cases_dueevaluation WHERE id IN (
    SELECT due.id FROM cases_dueevaluation due
    JOIN unnest(%s::bigint[], %s::timestamptz[]) AS judged (id, due_at) ON judged.id = due.id AND judged.due_at = due.due_at
    ORDER BY due.id FOR UPDATE OF due SKIP LOCKED)"""


def work_due(*, business_date: date, at: datetime, most: int = 2_000) -> int:
    """
    Judge up to `most` borrowers who are due, as of `business_date`; return how many were judged.

    They continue what the last finished run began, by the policies of that run: while a run is on, paused or held, or
    when nights are missing, they wait. One who cannot be judged is tried again later, MAX_ATTEMPTS times.
    """
    judged = 0
    if last_run(business_date=business_date) is None:
        return judged
    neighbourhoods = (
        _waiting(at)
        .annotate(number=F("borrower_id") / NEIGHBOURS)
        .values("number")
        .annotate(first=Min("due_at"))
        .order_by("first", "number")
        .values_list("number", flat=True)
    )
    for number in list(neighbourhoods[: max(most // 10, 1)]):
        if judged >= most:
            break
        judged += _work_neighbourhood(number=number, business_date=business_date, at=at)
    return judged


def enqueue_due() -> None:
    """Ring again for those who are still due, after a worker has used up its turn."""
    enqueue("cases.tasks.evaluate_due")


def last_run(*, business_date: date) -> EvaluationRun | None:
    """Return the run that single borrowers continue on a business date, None while they must wait for one."""
    runs = EvaluationRun.objects.filter(job=Job.TRIGGERS)
    if runs.filter(Q(state__in=UNSETTLED) | Q(business_date__gt=business_date)).exists():
        return None
    last = runs.filter(state=RunState.FINISHED).order_by("-business_date").first()
    # A day left out would be judged after a later one.
    if last is None or not timedelta(0) <= business_date - last.business_date <= timedelta(days=1):
        return None
    return last


def _work_neighbourhood(*, number: int, business_date: date, at: datetime) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Whoever writes in an office does not wait long for us, nor we for them.
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '20s'")
        if not may_judge_singles() or not has_neighbourhood(number):
            return 0
        run = last_run(business_date=business_date)
        if run is None:
            return 0
        rows = list(
            _waiting(at)
            .filter(borrower_id__gte=number * NEIGHBOURS, borrower_id__lt=(number + 1) * NEIGHBOURS)
            .order_by("borrower_id")[:AT_ONCE]
        )
        book = _book(run)
        done: list[DueEvaluation] = []
        changed = RangeOutcome()
        for together in _stretches(rows)[:STRETCHES]:
            for judged, outcome in _judged(together, book=book, business_date=business_date, at=at):
                done += judged
                changed = _sum(changed, outcome)
        with connection.cursor() as cursor:
            cursor.execute(_DONE, [[row.pk for row in done], [row.due_at for row in done]])
        if any((changed.entered, changed.left, changed.opened, changed.closed)):
            record(
                actor=None,
                action="evaluation.renewed",
                subject=run,
                at=at,
                body={
                    "business_date": business_date,
                    "borrowers": len(done),
                    "entered": changed.entered,
                    "left": changed.left,
                    "opened": changed.opened,
                    "closed": changed.closed,
                },
            )
        return len(done)


def _waiting(at: datetime) -> "QuerySet[DueEvaluation]":
    return DueEvaluation.objects.filter(attempts__lt=MAX_ATTEMPTS, due_at__lte=at + SLACK)


def _stretches(rows: list[DueEvaluation]) -> list[list[DueEvaluation]]:
    """Part rows, in the order of their borrowers, into stretches without a wide gap."""
    stretches: list[list[DueEvaluation]] = []
    for row in rows:
        if stretches and row.borrower_id - stretches[-1][-1].borrower_id <= GAP:
            stretches[-1].append(row)
        else:
            stretches.append([row])
    return stretches


def _judged(
    rows: list[DueEvaluation], *, book: PolicyBook, business_date: date, at: datetime
) -> list[tuple[list[DueEvaluation], RangeOutcome]]:
    """Judge the borrowers of a stretch together; where that fails, each alone, so that only the cause of it stays due."""
    lower, upper = rows[0].borrower_id, rows[-1].borrower_id + 1
    try:
        with transaction.atomic():
            return [(rows, evaluate_range(book=book, business_date=business_date, lower=lower, upper=upper, at=at))]
    except Exception as error:
        if not connection.is_usable():
            raise
        if len(rows) > 1:
            return [each for row in rows for each in _judged([row], book=book, business_date=business_date, at=at)]
        _note_failure(rows[0], error, at=at)
        return []


def _note_failure(row: DueEvaluation, error: Exception, *, at: datetime) -> None:
    code = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, OperationalError) and code in _IN_THE_WAY:
        return
    # The type and the database's code: never the text, which may quote a row.
    name = f"{type(error).__name__} {code or ''}".strip()[:300]
    logger.warning("borrower could not be judged", extra={"due": row.pk, "error": name, "attempt": row.attempts + 1})
    DueEvaluation.objects.filter(pk=row.pk, due_at=row.due_at).update(
        attempts=F("attempts") + 1, last_error=name, due_at=at + PAUSE * 2**row.attempts
    )


def _book(run: EvaluationRun) -> PolicyBook:
    kept = {each.segment: each.version for each in run.policies.select_related("version")}
    return book_of(kept or {"": run.policy_version})


def _sum(one: RangeOutcome, other: RangeOutcome) -> RangeOutcome:
    return replace(
        one,
        entered=one.entered + other.entered,
        left=one.left + other.left,
        opened=one.opened + other.opened,
        closed=one.closed + other.closed,
    )
