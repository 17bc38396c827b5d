"""A batch that meets another writer in a deadlock is merged again, and every row counts once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from cases.models import Account, DueEvaluation
from cases.services.intake.deadlocks import ATTEMPTS, after_deadlocks
from tests.cases.services.intake.account_files import account_file, counts, row, take


def deadlock() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = type("DeadlockDetected", (Exception,), {"sqlstate": "40P01"})()
    return error


def test_what_was_ended_by_a_deadlock_is_done_again() -> None:
    errors = [deadlock(), deadlock()]

    def merge() -> str:
        if errors:
            raise errors.pop()
        return "merged"

    assert after_deadlocks(merge=merge) == "merged"


@pytest.mark.parametrize(
    ("error", "calls"), [(deadlock(), ATTEMPTS), (IntegrityError("x"), 1), (OperationalError("x"), 1)]
)
def test_it_ends_after_some_attempts_and_at_once_for_other_errors(error: Exception, calls: int) -> None:
    made = []

    def merge() -> None:
        made.append(1)
        raise error

    with pytest.raises(type(error)):
        after_deadlocks(merge=merge)
    assert len(made) == calls


def marked(ref: str) -> None:
    """Lock the mark of a borrower until the end of the transaction."""
    DueEvaluation.objects.select_for_update().get(borrower__external_ref=ref)


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_another_writer_crosses_is_merged_whole(tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1, dpd="10"), row(2, dpd="10")))
    assert DueEvaluation.objects.count() == 2

    def hold_the_first_mark() -> None:
        """The batch has locked its accounts by then, and waits here."""
        try:
            with transaction.atomic():
                marked("P1")
                sleep(2.5)
        finally:
            connection.close()

    def cross() -> None:
        """Waits for the batch's account for longer than a deadlock takes to be looked for; then the batch waits for it."""
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '20s'")
                marked("P2")
                sleep(1.2)
                Account.objects.filter(borrower__external_ref="P2").update(segment="crossed")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        others = [threads.submit(hold_the_first_mark), threads.submit(cross)]
        sleep(0.3)
        result = take(account_file(tmp_path, row(1, dpd="20"), row(2, dpd="20")))
        for each in others:
            each.result()

    assert counts(result) == (2, 0, 2, 0, 0)
    assert set(Account.objects.values_list("days_past_due", "segment")) == {(20, ""), (20, "crossed")}
