"""Borrowers of a small file are judged again within seconds; a whole portfolio waits for the nightly run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from cases.enums import RecordKind
from cases.models import (
    Account,
    Borrower,
    ContactAttempt,
    PromiseToPay,
    Repayment,
    RepaymentReversal,
    ScheduledInstalment,
    SuspicionSignal,
)
from cases.services.casework.reevaluation import FEW, mark_for_reevaluation


class _BorrowerPath(NamedTuple):
    """The model that rows of a kind are merged into, and the way from it to the borrower."""

    model: Any
    lookup: str


# Observed outcomes and related people are missing: no rule reads them.
_PATHS: Final[dict[str, _BorrowerPath]] = {
    RecordKind.ACCOUNTS: _BorrowerPath(Account, "borrower_id"),
    RecordKind.REPAYMENTS: _BorrowerPath(Repayment, "account__borrower_id"),
    RecordKind.REVERSALS: _BorrowerPath(RepaymentReversal, "repayment__account__borrower_id"),
    RecordKind.CONTACTS: _BorrowerPath(ContactAttempt, "borrower_id"),
    RecordKind.PROMISES: _BorrowerPath(PromiseToPay, "borrower_id"),
    RecordKind.SIGNALS: _BorrowerPath(SuspicionSignal, "borrower_id"),
    RecordKind.SCHEDULE: _BorrowerPath(ScheduledInstalment, "account__borrower_id"),
    RecordKind.BORROWERS: _BorrowerPath(Borrower, "pk"),
    RecordKind.CONTACT_DETAILS: _BorrowerPath(Borrower, "pk"),
}


def mark_rows_for_reevaluation(*, kind: str, refs: Sequence[str], rows_in_file: int, at: datetime) -> int:
    """
    Mark the borrowers of merged rows for re-evaluation and return how many were marked.

    0 if the file has more than `FEW` rows: the nightly run judges those borrowers.
    """
    if kind not in _PATHS or not refs or rows_in_file > FEW:
        return 0
    path = _PATHS[kind]
    rows: QuerySet[Any, Any] = path.model.objects.filter(external_ref__in=refs)
    return mark_for_reevaluation(borrowers=rows.values_list(path.lookup, flat=True), at=at)
