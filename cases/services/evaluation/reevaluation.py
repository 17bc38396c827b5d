"""Re-evaluation: single borrowers are judged again between two nightly runs, by the statements of every night."""

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from django.db import OperationalError, connection, transaction
from django.db.models import F, Min, Q, QuerySet

from backoffice.audit.services import record
from backoffice.core.queue import enqueue
from cases.enums import Job, RunState
from cases.models import Borrower, DueEvaluation, EvaluationRun
from cases.rules.run_lifecycle import UNFINISHED
from cases.services.evaluation.people import apply_people_of
from cases.services.evaluation.run_locks import BLOCK_BORROWERS, try_lock_borrower_block, try_share_run_start
from cases.services.evaluation.triggers import RangeOutcome, evaluate_range
from cases.services.people.locks import share_merge_lock
from cases.services.policies.policy_book import PolicyBook, book_of

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 5
# Borrowers and ranges of one transaction: about a second of work, for which a beginning run waits.
MAX_BORROWERS: Final = 200
MAX_RANGES: Final = 25
# Two due borrowers whose ids differ by at most this are evaluated in one range, together with those between them: that
# takes fewer statements than a range for each.
MAX_ID_GAP: Final = 8
# Doubled with each attempt of a borrower whose evaluation fails.
RETRY_DELAY: Final = timedelta(seconds=30)
# How much the clocks of two programs may differ.
CLOCK_SKEW: Final = timedelta(seconds=1)

# SQLSTATEs of lock conflicts (lock timeout, deadlock, serialization): not the borrower's fault.
_LOCK_CONFLICTS: Final = frozenset({"55P03", "40P01", "40001"})

# A borrower who was marked again meanwhile has a later due_at and stays due. A row that somebody is just updating is
# skipped: it stays due too.
_DELETE_EVALUATED: Final = """
DELETE FROM cases_dueevaluation WHERE id IN (
    SELECT due.id FROM cases_dueevaluation due
    JOIN unnest(%s::bigint[], %s::timestamptz[]) AS evaluated (id, due_at)
      ON evaluated.id = due.id AND evaluated.due_at = due.due_at
    ORDER BY due.id FOR UPDATE OF due SKIP LOCKED)"""


def reevaluate_due(*, business_date: date, at: datetime, most: int = 2_000) -> int:
    """
    Evaluate about `most` borrowers who are due, as of `business_date`; return how many were evaluated.

    They are judged by the policies of the last finished run. While a run is on, paused or held, or when business dates
    are missing, nobody is evaluated. A borrower whose evaluation fails is tried again later, MAX_ATTEMPTS times.
    """
    evaluated = 0
    if last_run(business_date=business_date) is None:
        return evaluated
    blocks = (
        _waiting(at)
        .annotate(block=F("borrower_id") / BLOCK_BORROWERS)
        .values("block")
        .annotate(first=Min("due_at"))
        .order_by("first", "block")
        .values_list("block", flat=True)
    )
    for block in list(blocks[: max(most // 10, 1)]):
        if evaluated >= most:
            break
        evaluated += _reevaluate_block(block=block, business_date=business_date, at=at)
    return evaluated


def enqueue_reevaluation() -> None:
    """Enqueue the task again for those who are still due, after a worker has used up the time of one task."""
    enqueue("cases.tasks.evaluate_due")


def last_run(*, business_date: date) -> EvaluationRun | None:
    """
    Return the finished run whose policies judge single borrowers on a business date; None while they must wait.

    They wait while a run is running, paused or held, after a later business date was begun, and when the last finished
    run is of neither `business_date` nor the day before.
    """
    runs = EvaluationRun.objects.filter(job=Job.TRIGGERS)
    if runs.filter(Q(state__in=UNFINISHED) | Q(business_date__gt=business_date)).exists():
        return None
    last = runs.filter(state=RunState.FINISHED).order_by("-business_date").first()
    # A missing business date would be judged after a later one.
    if last is None or not timedelta(0) <= business_date - last.business_date <= timedelta(days=1):
        return None
    return last


def _reevaluate_block(*, block: int, business_date: date, at: datetime) -> int:
    """Evaluate the due borrowers of one block in one transaction; return how many."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # A person's page waits only briefly for this transaction, and this one only briefly for a person's.
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '20s'")
        if not try_share_run_start() or not try_lock_borrower_block(block=block):
            return 0
        # Looked up again: a run may have begun before the lock was taken.
        run = last_run(business_date=business_date)
        if run is None:
            return 0
        rows = list(
            _waiting(at)
            .filter(borrower_id__gte=block * BLOCK_BORROWERS, borrower_id__lt=(block + 1) * BLOCK_BORROWERS)
            .order_by("borrower_id")[:MAX_BORROWERS]
        )
        book = _book(run)
        evaluated: list[DueEvaluation] = []
        changed = RangeOutcome()
        # Until this transaction ends nobody becomes or ceases to be one person with somebody else.
        share_merge_lock()
        for range_rows in _ranges(rows)[:MAX_RANGES]:
            for done, outcome in _evaluate(range_rows, book=book, business_date=business_date, at=at):
                evaluated += done
                changed = _sum(changed, outcome)
        evaluated, outcome = _evaluate_people(
            evaluated, first_new=changed.first_new, book=book, business_date=business_date, at=at
        )
        changed = _sum(changed, outcome)
        with connection.cursor() as cursor:
            cursor.execute(_DELETE_EVALUATED, [[row.pk for row in evaluated], [row.due_at for row in evaluated]])
        if any((changed.entered, changed.left, changed.opened, changed.closed)):
            record(
                actor=None,
                action="evaluation.renewed",
                subject=run,
                at=at,
                body={
                    "business_date": business_date,
                    "borrowers": len(evaluated),
                    "entered": changed.entered,
                    "left": changed.left,
                    "opened": changed.opened,
                    "closed": changed.closed,
                },
            )
        return len(evaluated)


def _waiting(at: datetime) -> "QuerySet[DueEvaluation]":
    return DueEvaluation.objects.filter(attempts__lt=MAX_ATTEMPTS, due_at__lte=at + CLOCK_SKEW)


def _ranges(rows: list[DueEvaluation]) -> list[list[DueEvaluation]]:
    """Group rows, which are in the order of their borrowers, into ranges without a gap above MAX_ID_GAP."""
    ranges: list[list[DueEvaluation]] = []
    for row in rows:
        if ranges and row.borrower_id - ranges[-1][-1].borrower_id <= MAX_ID_GAP:
            ranges[-1].append(row)
        else:
            ranges.append([row])
    return ranges


def _evaluate(
    rows: list[DueEvaluation], *, book: PolicyBook, business_date: date, at: datetime
) -> list[tuple[list[DueEvaluation], RangeOutcome]]:
    """Evaluate the borrowers of a range together; if that fails, each alone, so that only the cause stays due."""
    lower, upper = rows[0].borrower_id, rows[-1].borrower_id + 1
    try:
        with transaction.atomic():
            return [(rows, evaluate_range(book=book, business_date=business_date, lower=lower, upper=upper, at=at))]
    except Exception as error:
        if not connection.is_usable():
            raise
        if len(rows) > 1:
            return [each for row in rows for each in _evaluate([row], book=book, business_date=business_date, at=at)]
        _note_failure(rows[0], error, at=at)
        return []


def _evaluate_people(
    rows: list[DueEvaluation], *, first_new: int | None, book: PolicyBook, business_date: date, at: datetime
) -> tuple[list[DueEvaluation], RangeOutcome]:
    """
    Open, keep and close the cases of people with several borrowers, once the hits of all rows are written.

    Return the rows that are done. If it fails, the borrowers of these people stay due.
    """
    borrowers = [row.borrower_id for row in rows]
    try:
        with transaction.atomic():
            return rows, apply_people_of(
                book=book, business_date=business_date, borrowers=borrowers, first_new=first_new, at=at
            )
    except Exception as error:
        if not connection.is_usable():
            raise
        with_person = Borrower.objects.filter(pk__in=borrowers, person__isnull=False)
        failed = set(with_person.values_list("pk", flat=True))
        for row in rows:
            if row.borrower_id in failed:
                _note_failure(row, error, at=at)
        return [row for row in rows if row.borrower_id not in failed], RangeOutcome()


def _note_failure(row: DueEvaluation, error: Exception, *, at: datetime) -> None:
    """Count a failed attempt and delay the next one; a lock conflict is not counted."""
    code = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, OperationalError) and code in _LOCK_CONFLICTS:
        return
    # The error's type and the database's code; never the text, which may quote personal data of a row.
    name = f"{type(error).__name__} {code or ''}".strip()[:300]
    logger.warning("borrower could not be evaluated", extra={"due": row.pk, "error": name, "attempt": row.attempts + 1})
    DueEvaluation.objects.filter(pk=row.pk, due_at=row.due_at).update(
        attempts=F("attempts") + 1, last_error=name, due_at=at + RETRY_DELAY * 2**row.attempts
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
        first_new=min((each.first_new for each in (one, other) if each.first_new is not None), default=None),
    )
