"""History by month: the months of a run exist, and what no retention rule keeps is dropped and recorded."""

from datetime import date

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.partitions import months_kept
from cases.enums import HistoryKind
from cases.models import RetentionRule
from cases.services.evaluation.history import (
    DEFAULT_MONTHS,
    HISTORY,
    drop_expired_months,
    ensure_history_months,
)
from tests.factories.portfolio import AT

pytestmark = pytest.mark.django_db
# Long past: the database refuses to drop the last four months.
DAY = date(2021, 6, 15)


def test_month_of_a_date_and_the_three_after_it_are_made_once() -> None:
    made = [ensure_history_months(business_date=DAY) for _twice in range(2)]

    wanted = [date(2021, month, 1) for month in (6, 7, 8, 9)]
    assert made == [4 * len(HISTORY), 0]
    assert [set(wanted) - set(months_kept(table)) for table in HISTORY.values()] == [set()] * len(HISTORY)


def test_months_before_the_rule_are_dropped_and_recorded() -> None:
    ensure_history_months(business_date=date(2021, 1, 1))
    RetentionRule.objects.create(kind=HistoryKind.FACTS, months=4, updated_at=AT)

    dropped = [drop_expired_months(business_date=DAY, at=AT) for _twice in range(2)]

    assert [each.get("FACTS") for each in dropped] == [["2021-01"], None]
    assert min(months_kept(HISTORY[HistoryKind.FACTS])) == date(2021, 2, 1)
    assert date(2021, 1, 1) in months_kept(HISTORY[HistoryKind.CONTACTS])
    entry = AuditEntry.objects.filter(action="history.forgotten", body__kind="FACTS").get()
    assert (entry.body["months"], entry.body["kept"]) == (["2021-01"], 4)


def test_every_kind_has_a_table_and_a_default() -> None:
    assert set(HISTORY) == set(DEFAULT_MONTHS) == set(HistoryKind.values)
