"""The daily position."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.audit.models import AuditEntry
from cases.models import Case, Policy, PolicyVersion
from reports.models import DailyPosition
from reports.services.facts import write_daily_position
from tests.factories.portfolio import make_account, make_borrower, make_overdue

pytestmark = pytest.mark.django_db


def rows():
    return list(
        DailyPosition.objects.order_by("territory", "currency", "bucket").values_list(
            "territory__code", "currency", "bucket", "account_count", "arrears", "open_cases"
        )
    )


def test_write_daily_position_groups_by_territory_currency_and_bucket(shanghai, chengdu, today, at):
    make_overdue(territory=shanghai, days=95, arrears="1000")
    make_overdue(territory=shanghai, days=120, arrears="500")
    make_overdue(territory=shanghai, days=95, arrears="7", currency="USD")
    make_account(borrower=make_borrower(territory=chengdu))
    make_account(borrower=make_borrower(territory=chengdu), status="CLOSED")

    written = write_daily_position(business_date=today, at=at)

    assert written == 3
    assert rows() == [
        ("310000", "CNY", "M4", 2, Decimal(1500), 0),
        ("310000", "USD", "M4", 1, Decimal(7), 0),
        ("510100", "CNY", "M0", 1, Decimal(0), 0),
    ]
    assert AuditEntry.objects.get().body == {"rows": 3}


@pytest.mark.parametrize(
    ("days", "bucket"), [(0, "M0"), (1, "M1"), (30, "M1"), (31, "M2"), (180, "M6"), (181, "M6+"), (900, "M6+")]
)
def test_write_daily_position_puts_days_into_buckets(shanghai, today, at, days, bucket):
    make_overdue(territory=shanghai, days=days)

    write_daily_position(business_date=today, at=at)

    assert [row[2] for row in rows()] == [bucket]


def test_write_daily_position_counts_open_cases_once(shanghai, today, at):
    policy = Policy.objects.create(name="Default", created_at=at)
    version = PolicyVersion.objects.create(policy=policy, number=1, body={}, created_at=at, updated_at=at)
    account = make_overdue(territory=shanghai, days=95)
    make_account(borrower=account.borrower, days_past_due=95)
    Case.objects.create(
        borrower=account.borrower,
        territory=shanghai,
        policy_version=version,
        opened_on=today,
        sla_due_on=today,
        created_at=at,
        updated_at=at,
    )

    write_daily_position(business_date=today, at=at)

    assert [(row[3], row[5]) for row in rows()] == [(2, 1)]


def test_write_daily_position_again_replaces_the_day_and_keeps_others(shanghai, today, at):
    account = make_overdue(territory=shanghai, days=95, arrears="1000")
    write_daily_position(business_date=today - timedelta(days=1), at=at)
    write_daily_position(business_date=today, at=at)
    type(account).objects.filter(pk=account.pk).update(days_past_due=130, arrears_amount=1100)

    write_daily_position(business_date=today, at=at)

    assert [(row[2], row[4]) for row in rows()] == [("M4", Decimal(1000)), ("M5", Decimal(1100))]


@pytest.mark.parametrize("item_count", [1, 3])
def test_write_daily_position_takes_two_statements_and_the_trail(
    shanghai, today, at, item_count, django_assert_num_queries
):
    for number in range(item_count):
        make_overdue(territory=shanghai, days=30 * (number + 1))

    # Savepoint, delete, insert; the trail's lock and insert; release.
    with django_assert_num_queries(6):
        assert write_daily_position(business_date=today, at=at) == item_count
