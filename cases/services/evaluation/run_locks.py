"""Locks between nightly runs and re-evaluations of single borrowers, so that only one of the two writes hits and cases."""

from typing import Final

from django.db import connection, transaction

# Advisory locks of PostgreSQL have two numbers: the subject, and the part of it.
_RUN_START: Final = 7_301
_BORROWER_BLOCK: Final = 7_302
# Borrowers of one block (ids that differ only in their last ten bits) are re-evaluated by one worker at a time.
BLOCK_BORROWERS: Final = 1024


def lock_run_start() -> None:
    """
    Take the exclusive lock on beginning a run, for the caller's transaction.

    Waits until the re-evaluations that hold the lock are committed, at most 20 seconds; those that begin later see the
    run.

    :raises OperationalError: if the lock is not free within 20 seconds.
    :raises RuntimeError: if no transaction is open.
    """
    require_transaction()
    with connection.cursor() as cursor:
        # One transaction of re-evaluations takes a second; the lock timeout of web pages would be too short.
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_RUN_START])


def try_share_run_start() -> bool:
    """
    Take the shared lock on beginning a run and return True; False if a run is just beginning.

    No run can begin until the caller's transaction ends.

    :raises RuntimeError: if no transaction is open.
    """
    return _try_lock("SELECT pg_try_advisory_xact_lock_shared(%s, 0)", [_RUN_START])


def try_lock_borrower_block(*, block: int) -> bool:
    """
    Lock the borrowers [block * 1024, (block + 1) * 1024) for the caller's transaction; False if another holds them.

    :raises RuntimeError: if no transaction is open.
    """
    # The lock takes 31 bits: blocks beyond two trillion borrowers share a lock, which is safe.
    return _try_lock("SELECT pg_try_advisory_xact_lock(%s, %s)", [_BORROWER_BLOCK, block % (1 << 31)])


def require_transaction() -> None:
    """
    Pass if a transaction is open.

    :raises RuntimeError: if none is: what a range writes must be committed together with the end of its chunk.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A range of borrowers is evaluated in the transaction that also ends its chunk.")


def _try_lock(sql: str, params: list[int]) -> bool:
    require_transaction()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return bool(cursor.fetchone()[0])
