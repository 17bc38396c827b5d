"""Whose turn it is to judge: a nightly run, or single borrowers between two runs. Never both at once."""

from typing import Final

from django.db import connection

from cases.services.evaluation.triggers import in_transaction

# Advisory locks of PostgreSQL: a number for the subject and one for the part of it.
_RUNS: Final = 7_301
_PEOPLE: Final = 7_302
# Borrowers whose numbers share all but the last ten bits are judged by one worker at a time.
NEIGHBOURS: Final = 1024


def wait_for_singles() -> None:
    """Let the caller's transaction begin a run: singles that are being judged end first, and later ones see the run."""
    in_transaction()
    with connection.cursor() as cursor:
        # A stretch of singles takes a second; the pages' own patience would be too short.
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_RUNS])


def may_judge_singles() -> bool:
    """Return whether no run is just beginning; until the caller's transaction ends none can."""
    return _tried("SELECT pg_try_advisory_xact_lock_shared(%s, 0)", [_RUNS])


def has_neighbourhood(number: int) -> bool:
    """Return whether the caller's transaction alone judges the borrowers [number * 1024, (number + 1) * 1024)."""
    # The lock takes 31 bits: numbers beyond two trillion borrowers share theirs.
    return _tried("SELECT pg_try_advisory_xact_lock(%s, %s)", [_PEOPLE, number % (1 << 31)])


def _tried(sql: str, params: list[int]) -> bool:
    in_transaction()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return bool(cursor.fetchone()[0])
