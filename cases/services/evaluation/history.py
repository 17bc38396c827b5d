"""History that grows every day is kept in one partition a month: coming months are made, expired ones are dropped."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from backoffice.audit.services import record
from backoffice.core.partitions import MONTHS_AHEAD, MonthlyTable, drop_months, ensure_months, first_of, next_month
from cases.enums import HistoryKind
from cases.models import RetentionRule

HISTORY: Final[dict[str, MonthlyTable]] = {
    HistoryKind.FACTS: MonthlyTable(table="cases_accountfacts", column="business_date", rest="cases_accountfacts_rest"),
    # By the month in which a hit ended. Hits that hold have no such month: they are in the default partition, which stays
    # small.
    HistoryKind.HITS: MonthlyTable(table="cases_triggerhit", column="left_on", rest="cases_triggerhit_open"),
    HistoryKind.CONTACTS: MonthlyTable(
        table="cases_contactattempt", column="attempted_at", rest="cases_contactattempt_rest"
    ),
}
# Where there is no retention rule: facts and contacts as long as a file must explain a decision, hits for statistics.
DEFAULT_MONTHS: Final[dict[str, int]] = {HistoryKind.FACTS: 24, HistoryKind.HITS: 60, HistoryKind.CONTACTS: 36}


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
    """
    kept = dict(RetentionRule.objects.values_list("kind", "months"))
    dropped_by_kind: dict[str, list[str]] = {}
    for kind, table in HISTORY.items():
        months = kept.get(kind, DEFAULT_MONTHS[kind])
        count = business_date.year * 12 + business_date.month - 1 - months
        before = date(count // 12, count % 12 + 1, 1)
        with transaction.atomic():
            dropped = [f"{month:%Y-%m}" for month in drop_months(table, before=before)]
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
