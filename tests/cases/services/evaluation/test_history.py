"""History by month: the months of a run exist, and what no retention rule keeps is dropped and recorded."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.partitions import ensure_months, months_kept
from cases.enums import HistoryKind
from cases.models import Account, Complaint, ContactAttempt, RetentionRule
from cases.services.decisions.complaints import receive_complaint
from cases.services.evaluation.history import (
    DEFAULT_MONTHS,
    HISTORY,
    drop_expired_months,
    ensure_history_months,
)
from tests.factories.portfolio import AT, make_overdue

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


OLD = date(2015, 3, 1)


@pytest.fixture
def contacted(shanghai):
    """Return an account of a borrower who was contacted in March 2015."""
    account = make_overdue(territory=shanghai, status="CLOSED", as_of=date(2016, 5, 31))
    with transaction.atomic():
        ensure_months(HISTORY[HistoryKind.CONTACTS], first=OLD, last=OLD)
    at = datetime(2015, 3, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    ContactAttempt.objects.create(
        borrower=account.borrower, external_ref="old", channel="VOICE", outcome="BUSY", attempted_at=at, created_at=at
    )
    with connection.cursor() as cursor:
        # A partition is not dropped while the test's own transaction has checks of foreign keys left.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return account


def dropped(day=DAY):
    return OLD not in [date.fromisoformat(f"{month}-01") for month in months_of("CONTACTS", day)]


def months_of(kind, day):
    drop_expired_months(business_date=day, at=AT)
    return [f"{month:%Y-%m}" for month in months_kept(HISTORY[kind])]


@pytest.mark.parametrize(
    ("changes", "is_dropped"),
    [
        # Settled in the last month before the five years, and in the first of them.
        ({"as_of": date(2016, 5, 31)}, True),
        ({"as_of": date(2016, 6, 1)}, False),
        ({"status": "ACTIVE"}, False),
        ({"status": "WRITTEN_OFF"}, False),
    ],
)
def test_contacts_stay_while_an_account_or_a_complaint_needs_them(contacted, changes, is_dropped) -> None:
    Account.objects.update(**changes)

    assert dropped() is is_dropped
    assert ContactAttempt.objects.filter(external_ref="old").exists() is not is_dropped


def test_contacts_stay_while_a_complaint_is_open(contacted, officer) -> None:
    receive_complaint(borrower=contacted.borrower, kind="COMPLAINT", subject="Called at night", actor=officer, at=AT)
    assert not dropped()

    Complaint.objects.update(state="REJECTED")

    assert dropped()


@pytest.mark.parametrize("months", [36, 59])
def test_contacts_are_kept_for_sixty_months_at_least(months) -> None:
    rule = RetentionRule(kind=HistoryKind.CONTACTS, months=months, updated_at=AT)

    with pytest.raises(ValidationError, match="至少保留 60 个月"):
        rule.validate_constraints()
    RetentionRule.objects.create(kind=HistoryKind.CONTACTS, months=60, updated_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionRule.objects.update(months=months)
