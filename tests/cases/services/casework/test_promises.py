"""Promises settled from repayments."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest

from cases.models import Repayment
from cases.services.casework.promises import settle_promises
from tests.factories.casework import AT, TODAY, make_promise
from tests.factories.holidays import NOTICE_2027, put_in_use
from tests.factories.portfolio import make_overdue

_numbers = count(1)


def pay(account, amount, paid_on):
    return Repayment.objects.create(
        account=account, external_ref=f"PAY{next(_numbers)}", amount=Decimal(amount), paid_on=paid_on, created_at=AT
    )


@pytest.mark.parametrize(
    ("amount", "days_after_due", "today_after_due", "state"),
    [
        ("1000", 0, 0, "KEPT"),
        ("950", 3, 3, "KEPT"),
        ("949.99", 0, 3, "OPEN"),
        ("949.99", 0, 4, "BROKEN"),
        ("1000", 4, 4, "BROKEN"),
        ("1000", -5, 0, "KEPT"),
        ("1000", -6, 4, "BROKEN"),
        ("1000", -2, -1, "KEPT"),
    ],
)
def test_settle_promises_at_ninety_five_percent_within_three_days(
    shanghai, amount, days_after_due, today_after_due, state
):
    account = make_overdue(territory=shanghai)
    promise = make_promise(account=account, due_on=TODAY)
    pay(account, amount, TODAY + timedelta(days=days_after_due))
    today = TODAY + timedelta(days=today_after_due)

    settle_promises(business_date=today, at=AT)

    promise.refresh_from_db()
    assert (promise.state, promise.settled_on) == (state, None if state == "OPEN" else today)


def test_settle_promises_adds_up_parts_and_no_other_account(shanghai):
    account, other = make_overdue(territory=shanghai), make_overdue(territory=shanghai)
    kept, broken = make_promise(account=account, due_on=TODAY), make_promise(account=other, due_on=TODAY)
    for _number in range(4):
        pay(account, "240", TODAY)

    settled = settle_promises(business_date=TODAY + timedelta(days=4), at=AT)

    kept.refresh_from_db()
    broken.refresh_from_db()
    assert (settled.kept, settled.broken, kept.state, broken.state) == (1, 1, "KEPT", "BROKEN")


def test_settle_promises_again_changes_nothing(shanghai):
    make_promise(account=make_overdue(territory=shanghai), due_on=TODAY)
    settle_promises(business_date=TODAY + timedelta(days=4), at=AT)

    again = settle_promises(business_date=TODAY + timedelta(days=5), at=AT)

    assert (again.kept, again.broken) == (0, 0)


@pytest.mark.parametrize("number", [1, 3])
def test_settle_promises_costs_the_same_for_one_and_three(shanghai, django_assert_num_queries, number):
    for _promise in range(number):
        make_promise(account=make_overdue(territory=shanghai), due_on=TODAY)

    # savepoint and release, the holidays, the days of the promises, the promises, who is due, two of the audit
    with django_assert_num_queries(8):
        settle_promises(business_date=TODAY + timedelta(days=4), at=AT)


@pytest.mark.parametrize(
    ("paid_on", "today", "state"),
    [
        (date(2026, 10, 8), date(2026, 10, 8), "KEPT"),
        (date(2026, 10, 11), date(2026, 10, 11), "KEPT"),
        (date(2026, 10, 12), date(2026, 10, 11), "OPEN"),
        (date(2026, 10, 12), date(2026, 10, 12), "BROKEN"),
    ],
)
def test_a_promise_due_on_national_day_may_be_paid_after_the_break(shanghai, paid_on, today, state):
    account = make_overdue(territory=shanghai)
    promise = make_promise(account=account, due_on=date(2026, 10, 1))
    pay(account, "1000", paid_on)

    settle_promises(business_date=today, at=AT)

    promise.refresh_from_db()
    assert promise.state == state


@pytest.mark.parametrize(
    ("entered", "today", "state"),
    [
        # Friday 8 October is worked by statute, so that the grace ends on the 11th.
        (False, date(2027, 10, 11), "OPEN"),
        (False, date(2027, 10, 12), "BROKEN"),
        # As entered it is a holiday, and Saturday the 9th is worked.
        (True, date(2027, 10, 12), "OPEN"),
        (True, date(2027, 10, 13), "BROKEN"),
    ],
)
def test_a_promise_due_in_a_break_that_staff_have_entered_may_be_paid_after_it(
    shanghai, risk_manager, approver, entered, today, state
):
    promise = make_promise(account=make_overdue(territory=shanghai), due_on=date(2027, 10, 8))
    if entered:
        put_in_use(notice=NOTICE_2027, made_by=risk_manager, confirmed_by=approver)

    settle_promises(business_date=today, at=AT)

    promise.refresh_from_db()
    assert promise.state == state
