"""The standing of an account from its statements."""

from datetime import date

import pytest

from cases.models import Statement
from cases.rules.standing_ladder import Band
from cases.selectors.casework.standing import AccountStanding, period_of, standing_of_account
from tests.factories.portfolio import TODAY
from tests.factories.standing import make_good


@pytest.mark.parametrize("count", [1, 3])
def test_standing_of_account_reads_its_periods_once(shanghai, django_assert_num_queries, count):
    account, other = make_good(shanghai), make_good(shanghai)
    for month in range(count):
        Statement.objects.create(account=account, period=date(2025, 12 - month, 1))
        Statement.objects.create(account=other, period=date(2025, 12 - month, 1), days_past_due=60)

    with django_assert_num_queries(1):
        found = standing_of_account(account=account, on=TODAY)

    assert (found.score, found.band) == ({1: 625, 3: 666}[count], Band.C)
    assert found.step is not None


def test_a_standing_is_unknown_without_any_period(shanghai):
    account = make_good(shanghai)
    Statement.objects.create(account=account, period=date(2022, 12, 1))
    Statement.objects.create(account=account, period=date(2026, 4, 1))

    assert standing_of_account(account=account, on=TODAY) == AccountStanding(score=None, band=None, step=None)


def test_period_of_counts_calendar_months(shanghai):
    statement = Statement(period=date(2025, 11, 1), days_past_due=3, is_idle=False)

    period = period_of(statement=statement, on=TODAY)

    assert (period.months_ago, period.days_past_due, period.is_idle) == (4, 3, False)
