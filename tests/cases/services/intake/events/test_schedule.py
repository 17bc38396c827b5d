"""A schedule of instalments gives arrears, days past due and statements, whatever the order and the batches of its rows."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Account, Statement
from cases.rules.calendar import Calendar
from cases.rules.profile.parse import parse_profile
from cases.services.intake import take_in as door
from cases.services.intake.take_in import take_in
from tests.cases.services.intake.event_files import AT, counts, event_file
from tests.factories.holidays import notice_of, put_in_use
from tests.factories.portfolio import make_account, make_borrower

PROFILE = parse_profile(
    text="""
kind = "SCHEDULE"
[instalment]
external_ref = { template = "{loan}-{n}" }
account = { column = "loan" }
due_on = { column = "due" }
due_amount = { compute = "{principal} + {interest}" }
principal = { column = "principal" }
paid_amount = { column = "paid" }
paid_on = { column = "paid_on" }
as_of = { column = "as_of" }
""",
    name="schedule",
)
HEADER = "loan,n,due,principal,interest,paid,paid_on,as_of\n"


@pytest.fixture
def account(shanghai: Any) -> Account:
    return make_account(
        borrower=make_borrower(territory=shanghai), external_ref="L1", as_of=date(2026, 2, 1), days_past_due=0
    )


def take(tmp_path: Path, *rows: str) -> Any:
    return take_in(path=event_file(tmp_path, HEADER + "\n".join(rows) + "\n"), profile=PROFILE, actor=None, at=AT)


def figures(account: Account) -> tuple[Decimal, int, Decimal, date]:
    account.refresh_from_db()
    return account.arrears_amount, account.days_past_due, account.outstanding_principal, account.as_of


def statements(account: Account) -> list[tuple[str, Decimal, Decimal, Decimal, int]]:
    return [
        (f"{s.period:%Y-%m}", s.due_amount, s.paid_amount, s.balance, s.days_past_due)
        for s in Statement.objects.filter(account=account).order_by("period")
    ]


ROWS = [
    "L1,1,2025-12-15,1000,50,1050,2025-12-14,2026-03-01",
    "L1,2,2026-01-15,1000,40,1040,2026-02-10,2026-03-01",
    "L1,3,2026-02-15,1000,30,330,,2026-03-01",
    "L1,4,2026-03-15,1000,20,0,,2026-03-01",
]


def test_figures_follow_from_the_instalments(account: Account, tmp_path: Path) -> None:
    first, again = take(tmp_path, *ROWS), take(tmp_path, *reversed(ROWS))

    assert [counts(first), counts(again)] == [(4, 4, 0, 0, 0), (4, 0, 0, 4, 0)]
    # 700 of the third are late; it fell due in the Spring Festival, so the days count from 24 February. What was paid
    # covered its interest first.
    assert figures(account) == (Decimal(700), 5, Decimal(1700), date(2026, 3, 1))
    assert statements(account) == [
        ("2025-12", Decimal(1050), Decimal(1050), Decimal(3090), 0),
        ("2026-01", Decimal(1040), Decimal(1040), Decimal(3090), 16),
        ("2026-02", Decimal(1030), Decimal(330), Decimal(2050), 4),
    ]


@pytest.mark.parametrize(
    ("as_of", "late"),
    [
        # The Spring Festival of 2026 lasts from 15 to 23 February.
        ("2026-02-24", (Decimal(0), 0, [("2026-02", 0)])),
        ("2026-02-25", (Decimal(1000), 1, [("2026-02", 1)])),
    ],
)
def test_an_instalment_due_in_a_holiday_is_late_after_the_next_working_day(
    account: Account, tmp_path: Path, as_of: str, late: Any
) -> None:
    take(tmp_path, f"L1,1,2026-02-16,900,100,0,,{as_of}")

    arrears, days, _principal, _as_of = figures(account)
    assert (arrears, days, [(row[0], row[4]) for row in statements(account)]) == late


def test_a_month_is_on_time_where_its_last_weekend_was_paid_on_monday(account: Account, tmp_path: Path) -> None:
    # 29 November 2025 is a Saturday.
    take(tmp_path, "L1,1,2025-11-29,1000,0,1000,2025-12-01,2026-02-15")

    assert statements(account) == [("2025-11", Decimal(1000), Decimal(1000), Decimal(1000), 0)]


def test_a_regional_holiday_moves_the_due_days_of_its_territory_alone(
    account: Account, tmp_path: Path, shanghai: Any, chengdu: Any, risk_manager: Any, approver: Any
) -> None:
    make_account(borrower=make_borrower(territory=chengdu), external_ref="L2", as_of=date(2026, 2, 1), days_past_due=0)
    notice = notice_of(2026, NATIONAL_DAY=(date(2026, 2, 5), date(2026, 2, 5)))
    put_in_use(notice=notice, made_by=risk_manager, confirmed_by=approver, territory=shanghai)

    take(tmp_path, *(f"{loan},1,2026-02-05,1000,0,0,,2026-02-08" for loan in ("L1", "L2")))

    days = dict(Account.objects.values_list("external_ref", "days_past_due"))
    assert days == {"L1": 2, "L2": 3}


def test_a_payment_that_is_taken_back_is_late_again(account: Account, tmp_path: Path) -> None:
    take(tmp_path, *ROWS)

    take(tmp_path, "L1,2,2026-01-15,1000,40,0,,2026-03-02")

    assert figures(account) == (Decimal(1740), 46, Decimal(2700), date(2026, 3, 2))


def test_an_older_schedule_moves_nothing_back(account: Account, tmp_path: Path) -> None:
    take(tmp_path, *ROWS)
    before = figures(account)

    result = take(tmp_path, "L1,3,2026-02-15,1000,30,0,,2026-02-20")

    assert (result.updated, figures(account)) == (0, before)


def test_an_instalment_of_an_unknown_account_is_refused(db: Any, tmp_path: Path) -> None:
    assert counts(take(tmp_path, *ROWS)) == (4, 0, 0, 0, 4)


INSTALMENTS = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 900), st.integers(0, 90), st.integers(0, 2), st.integers(-20, 80)),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("batch_rows", [3])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instalments=INSTALMENTS)
def test_figures_are_those_of_plain_arithmetic(
    shanghai: Any, tmp_path: Path, monkeypatch: Any, instalments: Any, batch_rows: int
) -> None:
    # Rows of one account come in several batches.
    monkeypatch.setattr(door, "BATCH_ROWS", batch_rows)
    account = make_account(borrower=make_borrower(territory=shanghai), as_of=date(2026, 2, 1))
    loan = account.external_ref
    as_of = date(2026, 3, 1)
    rows, left, oldest, months = [], Decimal(0), None, defaultdict(Decimal)
    for number, (ago, principal, interest, part, delay) in enumerate(instalments):
        due_on = as_of - timedelta(days=ago)
        amount = principal + interest
        paid = {0: 0, 1: amount // 2, 2: amount}[part]
        paid_on = min(due_on + timedelta(days=delay), as_of) if part == 2 else ""
        rows.append(f"{loan},{number},{due_on},{principal},{interest},{paid},{paid_on},{as_of}")
        months[f"{due_on:%Y-%m}"] += amount
        expected_on = Calendar().working_day_from(day=due_on)
        if expected_on < as_of and paid < amount:
            left += amount - paid
            oldest = min(oldest or expected_on, expected_on)

    take(tmp_path, *rows)

    days = (as_of - oldest).days if oldest else 0
    assert figures(account)[:2] == (left, days)
    assert {month: due for month, due, *_rest in statements(account)} == dict(months)
    assert statements(account)[-1][-1] == days or f"{as_of:%Y-%m}" != statements(account)[-1][0]
