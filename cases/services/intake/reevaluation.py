"""What a small file says of few borrowers is judged within seconds; a portfolio is left to the night."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from cases.enums import RecordKind
from cases.models import Account, ContactAttempt, PromiseToPay, Repayment, SuspicionSignal
from cases.services.casework.reevaluation import FEW, mark_for_reevaluation

# Rows by their references, with the way to their borrowers. Observed outcomes are seen by no rule.
_OF: Final[dict[str, tuple[Any, str]]] = {
    RecordKind.ACCOUNTS: (Account, "borrower_id"),
    RecordKind.REPAYMENTS: (Repayment, "account__borrower_id"),
    RecordKind.CONTACTS: (ContactAttempt, "borrower_id"),
    RecordKind.PROMISES: (PromiseToPay, "borrower_id"),
    RecordKind.SIGNALS: (SuspicionSignal, "borrower_id"),
}


def mark_rows_for_reevaluation(*, kind: str, refs: Sequence[str], rows_in_file: int, at: datetime) -> int:
    """Leave word for the borrowers of rows that were merged, unless the file has more than a few; return for how many."""
    if kind not in _OF or not refs or rows_in_file > FEW:
        return 0
    model, path = _OF[kind]
    rows: QuerySet[Any, Any] = model.objects.filter(external_ref__in=refs)
    return mark_for_reevaluation(borrowers=rows.values_list(path, flat=True), at=at)
