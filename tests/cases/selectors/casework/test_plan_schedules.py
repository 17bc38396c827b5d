"""The schedule of a plan as its decision's terms say it, due on working days."""

from datetime import date
from decimal import Decimal

from cases.selectors.casework.plan_schedules import plan_schedule
from cases.selectors.policies.holidays import calendars_in_use
from tests.factories.portfolio import make_overdue

TERMS = {"total": "300.00", "annual_rate": "0.00000", "instalments": 3, "first_share": "0"}


def test_a_schedule_pays_all_on_working_days(shanghai, django_assert_num_queries):
    account = make_overdue(territory=shanghai)

    with django_assert_num_queries(1):
        schedule = plan_schedule(account=account, terms=TERMS, starts_on=date(2026, 3, 2))

    assert [(each.due_on, each.amount) for each in schedule.instalments] == [
        (date(2026, 4, 2), Decimal(100)),
        # The second of May is in a break of the holidays.
        (date(2026, 5, 6), Decimal(100)),
        (date(2026, 6, 2), Decimal(100)),
    ]


def test_calendars_that_were_read_are_not_read_again(shanghai, django_assert_num_queries):
    account, calendars = make_overdue(territory=shanghai), calendars_in_use()

    with django_assert_num_queries(0):
        found = plan_schedule(account=account, terms=TERMS, starts_on=date(2026, 3, 2), calendars=calendars)

    assert len(found.instalments) == 3
