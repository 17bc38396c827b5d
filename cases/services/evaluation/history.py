"""History that grows every day is kept in one partition a month: coming months are made, expired ones are dropped."""

from datetime import UTC, date, datetime, time
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef

from backoffice.audit.services import record
from backoffice.core.partitions import (
    MONTHS_AHEAD,
    MonthlyTable,
    drop_months,
    ensure_months,
    first_of,
    months_kept,
    next_month,
)
from cases.enums import AccountStatus, HistoryKind
from cases.models import Account, Complaint, ContactAttempt, RetentionRule
from cases.rules.complaint_lifecycle import UNANSWERED

HISTORY: Final[dict[str, MonthlyTable]] = {
    HistoryKind.FACTS: MonthlyTable(table="cases_accountfacts", column="business_date", rest="cases_accountfacts_rest"),
    # By the month in which a hit ended. Hits that hold have no such month: they are in the default partition, which stays
    # small.
    HistoryKind.HITS: MonthlyTable(table="cases_triggerhit", column="left_on", rest="cases_triggerhit_open"),
    HistoryKind.CONTACTS: MonthlyTable(
        table="cases_contactattempt", column="attempted_at", rest="cases_contactattempt_rest"
    ),
}
# Where there is no retention rule: facts as long as a file must explain a decision, hits for statistics, contacts for the
# five years that records of collection are kept at the least.
DEFAULT_MONTHS: Final[dict[str, int]] = {HistoryKind.FACTS: 24, HistoryKind.HITS: 60, HistoryKind.CONTACTS: 60}
# Records of collection are kept five years from the settlement (Order 4/2024 of the NFRA).
YEARS_AFTER_SETTLEMENT: Final = 5


def ensure_history_months(*, business_date: date) -> int:
    """
    Make the missing partitions of a business date's month and of the MONTHS_AHEAD after it.

    Return how many were made.
    """
    last = first_of(business_date)
    for _month in range(MONTHS_AHEAD):
        last = next_month(last)
    made = 0
    for table in HISTORY.values():
        with transaction.atomic():
            made += len(ensure_months(table, first=business_date, last=last))
    return made


def drop_expired_months(*, business_date: date, at: datetime) -> dict[str, list[str]]:
    """
    Drop the months that no retention rule keeps any more; return them by HistoryKind ("2024-03").

    A rule of 24 months keeps the month of `business_date` and the 24 months before it. Dropping a partition frees its
    disk space at once. Each kind is dropped and recorded in its own transaction.

    Contacts are kept longer where a duty is longer: a month stays whole while a borrower of one of its contacts has an
    account that was not settled five years ago, or a complaint that is not answered.
    """
    kept = dict(RetentionRule.objects.values_list("kind", "months"))
    dropped_by_kind: dict[str, list[str]] = {}
    for kind, table in HISTORY.items():
        months = kept.get(kind, DEFAULT_MONTHS[kind])
        count = business_date.year * 12 + business_date.month - 1 - months
        before = date(count // 12, count % 12 + 1, 1)
        with transaction.atomic():
            keep = (
                _owed_months(table, before=before, business_date=business_date) if kind == HistoryKind.CONTACTS else ()
            )
            dropped = [f"{month:%Y-%m}" for month in drop_months(table, before=before, keep=keep)]
            if dropped:
                dropped_by_kind[str(kind)] = dropped
                record(
                    actor=None,
                    action="history.forgotten",
                    subject=("cases.retentionrule", 0),
                    at=at,
                    body={"kind": str(kind), "months": dropped, "kept": months},
                )
    return dropped_by_kind


def _owed_months(table: MonthlyTable, *, before: date, business_date: date) -> set[date]:
    """Return the expired months of contacts that somebody's account or complaint still keeps, with a statement for each."""
    settled_before = business_date.replace(year=business_date.year - YEARS_AFTER_SETTLEMENT, day=1)
    # A settled account's figures are never older than its settlement, so `as_of` errs on the side of keeping.
    unsettled = Account.objects.filter(borrower=OuterRef("borrower")).exclude(
        status=AccountStatus.CLOSED, as_of__lt=settled_before
    )
    complaint = Complaint.objects.filter(borrower=OuterRef("borrower"), state__in=UNANSWERED)
    return {
        month
        for month in months_kept(table)
        if month < before
        and ContactAttempt.objects.filter(
            Exists(unsettled) | Exists(complaint),
            attempted_at__gte=_midnight(month),
            attempted_at__lt=_midnight(next_month(month)),
        ).exists()
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), tzinfo=UTC)
