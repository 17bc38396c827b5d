"""
The order in which everybody locks what a decision touches: people, cases, the account, decisions, plans, terms, concession budgets.

Without one order two people who act on one case at the same moment wait for each other, and one of them is thrown out.
"""

from collections.abc import Iterable
from typing import Final

from django.db import connection, transaction

from cases.models import Decision
from cases.services.people.locks import lock_people

_CASES: Final = """
    SELECT id FROM cases_case WHERE id IN (SELECT case_id FROM cases_decision WHERE id = ANY(%s::bigint[]))
    ORDER BY id FOR NO KEY UPDATE"""
_ACCOUNT: Final = """
    SELECT id FROM cases_account WHERE id = (SELECT account_id FROM cases_decision WHERE id = %s) FOR NO KEY UPDATE"""
_ONE_ACCOUNT: Final = "SELECT id FROM cases_account WHERE id = %s FOR NO KEY UPDATE"
_DECISIONS: Final = "SELECT id FROM cases_decision WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"


def lock_decision(*, decision: Decision) -> None:
    """
    Lock what one decision touches, in the order of everybody. A circumstance that is noted at this moment waits.

    :raises RuntimeError: if there is no transaction.
    """
    _needs_transaction()
    lock_people(borrowers=[decision.borrower_id])
    with connection.cursor() as cursor:
        cursor.execute(_CASES, [[decision.pk]])
        cursor.execute(_ACCOUNT, [decision.pk])
        cursor.execute(_DECISIONS, [[decision.pk]])


def lock_decisions(*, decisions: Iterable[int], account: int | None = None) -> None:
    """
    Lock decisions (ids) and their cases, in the order of everybody. Two statements, and one for the account of `account` (id).

    The accounts of many decisions are not locked: an intake writes thousands of them in the order of its file.

    :raises RuntimeError: if there is no transaction.
    """
    _needs_transaction()
    ids = sorted(set(decisions))
    with connection.cursor() as cursor:
        cursor.execute(_CASES, [ids])
        if account is not None:
            cursor.execute(_ONE_ACCOUNT, [account])
        cursor.execute(_DECISIONS, [ids])


def _needs_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Decisions are locked in the transaction of the change.")
