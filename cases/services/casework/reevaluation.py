"""Marking borrowers whose evaluation is out of date, in the transaction of the write that changed them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet

from backoffice.core.queue import enqueue

# Above this many borrowers nothing is marked: the next nightly run evaluates everybody anyway.
FEW: Final = 2_000

# The moment always grows, so that a worker which evaluated the earlier write does not delete the mark of the later one.
# A new write resets the attempts of a borrower whose evaluation failed.
_MARK: Final = """
INSERT INTO cases_dueevaluation AS due (borrower_id, due_at, attempts, last_error)
SELECT borrower_id, %s, 0, '' FROM unnest(%s::bigint[]) borrower_id ORDER BY borrower_id
ON CONFLICT (borrower_id) DO UPDATE
SET due_at = CASE WHEN due.attempts > 0 THEN EXCLUDED.due_at
                  ELSE GREATEST(due.due_at + interval '1 microsecond', EXCLUDED.due_at) END,
    attempts = 0, last_error = ''"""


def mark_for_reevaluation(*, borrowers: "Iterable[int] | QuerySet[Any, Any]", at: datetime) -> int:
    """
    Mark borrowers for evaluation within seconds, and return how many were marked.

    Call it in the transaction of the write that changed something a rule can see, before its audit entry. `borrowers`
    are ids or a `values_list` of ids. More than FEW are not marked. A worker is woken after the commit.

    :raises RuntimeError: if there is no transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Borrowers are marked for re-evaluation in the transaction of the change that causes it.")
    if isinstance(borrowers, QuerySet):
        borrowers = borrowers.order_by().distinct()[: FEW + 1]
    ids = sorted(set(borrowers))
    if not ids or len(ids) > FEW:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [at, ids])
    enqueue("cases.tasks.evaluate_due")
    return len(ids)
