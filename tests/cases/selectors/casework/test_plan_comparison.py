"""The comparison of plans reads the account and the holidays of its territory."""

from datetime import date
from decimal import Decimal

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.proposals import PlanWish
from cases.selectors.casework.plan_comparison import compared_plans
from tests.factories.holidays import notice_of, put_in_use
from tests.factories.portfolio import make_overdue

TODAY = date(2026, 3, 2)


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai, outstanding_principal=Decimal(9000), arrears="4000", currency="JPY")


def test_a_plan_is_for_all_that_is_owed_in_the_accounts_currency(account):
    found = compared_plans(account=account, wish=PlanWish(instalments=3), business_date=TODAY)

    schedule = found.options[0].schedule
    assert (schedule.total, [str(i.amount) for i in schedule.instalments]) == (Decimal(9000), ["450", "4371", "4371"])
    assert [i.due_on.isoformat() for i in schedule.instalments] == ["2026-03-02", "2026-04-02", "2026-05-06"]


def test_payments_move_from_the_holidays_of_the_territory(account, shanghai, risk_manager, approver):
    notice = notice_of(2026, NATIONAL_DAY=(date(2026, 4, 2), date(2026, 4, 2)))
    put_in_use(notice=notice, made_by=risk_manager, confirmed_by=approver, territory=shanghai)

    found = compared_plans(account=account, wish=PlanWish(instalments=3), business_date=TODAY)

    assert found.options[0].schedule.instalments[1].due_on == date(2026, 4, 3)


def test_nothing_owed_is_refused(account):
    account.outstanding_principal = account.arrears_amount = Decimal(0)

    with pytest.raises(InvalidInput) as refusal:
        compared_plans(account=account, wish=PlanWish(), business_date=TODAY)
    assert refusal.value.field == "account"
