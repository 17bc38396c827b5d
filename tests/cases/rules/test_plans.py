"""Schedules: at most sixty instalments, to the cent, never dearer than the cap."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.plans import allowed_count, allowed_rate, months_later, schedule_plan

START = date(2026, 1, 31)
money = st.decimals("0.01", 50_000_000, places=2)


@given(
    total=money,
    rate=st.decimals(0, 2, places=5),
    count=st.integers(1, 60),
    share=st.decimals(0, 1, places=2),
)
def test_schedule_adds_up_and_stays_under_the_cap(total, rate, count, share):
    plan = schedule_plan(total=total, annual_rate=rate, instalments=count, first_share=share, starts_on=START)

    principal = [i.amount - i.interest for i in plan.instalments]
    assert sum(principal) == total
    assert [i.number for i in plan.instalments] == list(range(1, len(plan.instalments) + 1))
    assert len(plan.instalments) <= 60
    assert plan.annual_rate <= Decimal("0.24")
    assert all(part >= 0 for part in principal)
    remaining = total
    for instalment, part in zip(plan.instalments, principal, strict=True):
        assert 0 <= instalment.interest <= remaining * Decimal("0.24") / 12
        remaining -= part
    assert plan.instalments[0].due_on >= START
    assert plan.instalments == tuple(sorted(plan.instalments, key=lambda i: i.due_on))


@given(total=money, share=st.decimals(0, 1, places=2), count=st.integers(2, 60))
def test_first_payment_asks_no_interest_and_at_most_a_tenth(total, share, count):
    plan = schedule_plan(
        total=total, annual_rate=Decimal("0.18"), instalments=count, first_share=share, starts_on=START
    )

    first = plan.instalments[0]
    if first.due_on == START:
        assert first.interest == 0
        assert first.amount <= total * Decimal("0.10") + Decimal("0.01")


def test_schedule_of_a_known_sum():
    plan = schedule_plan(total=Decimal(12000), annual_rate=Decimal("0.12"), instalments=12, starts_on=date(2026, 3, 2))

    # The level payment of 12,000 at 1 % a month over 12 months is 1,066.19.
    assert [i.amount for i in plan.instalments[:11]] == [Decimal("1066.19")] * 11
    # Interest is rounded down each month; the last instalment takes up what that leaves.
    assert plan.instalments[11].amount == Decimal("1066.08")
    assert (plan.instalments[0].due_on, plan.instalments[11].due_on) == (date(2026, 4, 2), date(2027, 3, 2))


@pytest.mark.parametrize("count", [0, 61, -1])
def test_schedule_refuses_a_wrong_number_of_instalments(count):
    with pytest.raises(ValueError, match="60"):
        schedule_plan(total=Decimal(1000), annual_rate=Decimal(0), instalments=count, starts_on=START)


def test_schedule_refuses_an_empty_total():
    with pytest.raises(ValueError, match="positive"):
        schedule_plan(total=Decimal(0), annual_rate=Decimal(0), instalments=3, starts_on=START)


def test_allowed_count_keeps_instalments_at_the_token_payment():
    assert allowed_count(total=Decimal(250), wanted=24) == 2
    assert allowed_count(total=Decimal(20), wanted=24) == 1
    assert allowed_count(total=Decimal(10**6), wanted=99) == 60


@pytest.mark.parametrize(("rate", "allowed"), [("0.2401", "0.24"), ("0.24", "0.24"), ("0.18", "0.18"), ("-0.01", "0")])
def test_allowed_rate_is_under_the_cap(rate, allowed):
    assert allowed_rate(Decimal(rate)) == Decimal(allowed)


def test_months_later_keeps_the_end_of_the_month():
    assert [months_later(START, n) for n in (1, 2, 12, 13)] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2027, 1, 31),
        date(2027, 2, 28),
    ]
