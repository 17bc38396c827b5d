"""What grows every day stands by month: the months to come are made ready, those that are over are let go."""

from datetime import date, datetime
from typing import Final

from django.db import transaction

from backoffice.audit.services import record
from backoffice.core.partitions import MONTHS_AHEAD, MonthlyTable, drop_months, ensure_months, first_of, next_month
from cases.enums import HistoryKind
from cases.models import RetentionRule

HISTORY: Final[dict[str, MonthlyTable]] = {
    HistoryKind.FACTS: MonthlyTable(table="cases_accountfacts", column="business_date", rest="cases_accountfacts_rest"),
    # By the month in which a hit ended: those that hold stand in the rest, small and hot.
    HistoryKind.HITS: MonthlyTable(table="cases_triggerhit", column="left_on", rest="cases_triggerhit_open"),
    HistoryKind.CONTACTS: MonthlyTable(
        table="cases_contactattempt", column="attempted_at", rest="cases_contactattempt_rest"
    ),
}
# Where no rule is kept: facts and contacts for as long as a file must explain a decision, hits for the statistics.
DEFAULT_MONTHS: Final[dict[str, int]] = {HistoryKind.FACTS: 24, HistoryKind.HITS: 60, HistoryKind.CONTACTS: 36}


def ready_months(*, business_date: date) -> int:
    """Make the partitions of a business date's month and of those ahead where they are missing; return how many."""
    last = first_of(business_date)
    for _month in range(MONTHS_AHEAD):
        last = next_month(last)
    made = 0
    for table in HISTORY.values():
        with transaction.atomic():
            made += len(ensure_months(table, first=business_date, last=last))
    return made


def forget_history(*, business_date: date, at: datetime) -> dict[str, list[str]]:
    """
    Drop the months that no retention rule keeps any more; return them by kind ("2024-03").

    The month of `business_date` counts as not yet over. Dropping a partition frees its space at once.
    """
    kept = dict(RetentionRule.objects.values_list("kind", "months"))
    gone: dict[str, list[str]] = {}
    for kind, table in HISTORY.items():
        months = kept.get(kind, DEFAULT_MONTHS[kind])
        count = business_date.year * 12 + business_date.month - 1 - months
        before = date(count // 12, count % 12 + 1, 1)
        with transaction.atomic():
            dropped = [f"{month:%Y-%m}" for month in drop_months(table, before=before)]
            if dropped:
                gone[str(kind)] = dropped
                record(
                    actor=None,
                    action="history.forgotten",
                    subject=("cases.retentionrule", 0),
                    at=at,
                    body={"kind": str(kind), "months": dropped, "kept": months},
                )
    return gone
