"""Schedules: three methods, to the minor unit, due on working days, never dearer than the cap."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy_financial
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.core.currencies import decimals_of, smallest_amount
from cases.enums import PlanMethod
from cases.rules.calendar import Calendar
from cases.rules.plans.amounts import Step, TooSteep
from cases.rules.plans.effective_rate import effective_rate
from cases.rules.plans.schedule import PlanTerms, schedule_plan
from tests.factories.holidays import NOTICE_2027

START = date(2026, 3, 2)
CALENDAR = Calendar()
CAP = Decimal("0.24")
money = st.decimals("0.01", 50_000_000, places=2)


def plan(total="12000", rate="0.12", count=12, starts_on=START, **others):
    terms = PlanTerms(total=Decimal(total), annual_rate=Decimal(rate), instalments=count, **others)
    return schedule_plan(terms=terms, starts_on=starts_on, calendar=CALENDAR)


@given(
    total=money,
    rate=st.decimals(0, 2, places=5),
    count=st.integers(1, 60),
    share=st.decimals(0, 1, places=2),
    method=st.sampled_from(PlanMethod.values),
    currency=st.sampled_from(["CNY", "JPY", "KWD"]),
    days=st.integers(0, 1_500),
    step=st.builds(Step, every=st.integers(1, 12), percent=st.integers(1, 50)),
)
def test_every_schedule_adds_up_and_costs_no_more_than_the_cap(total, rate, count, share, method, currency, days, step):
    unit = smallest_amount(currency)
    terms = PlanTerms(
        total=max(total, unit),
        annual_rate=rate,
        instalments=count,
        currency=currency,
        method=method,
        first_share=share,
        step=step,
    )
    starts_on = START + timedelta(days=days)
    try:
        found = schedule_plan(terms=terms, starts_on=starts_on, calendar=CALENDAR)
    except TooSteep:
        assert method == PlanMethod.STEPPED
        return

    rows = found.instalments
    assert [row.number for row in rows] == list(range(1, count + 1))
    assert sum(row.amount - row.interest for row in rows) == found.total
    assert abs(found.total - terms.total) <= unit / 2
    assert all(row.interest >= 0 and row.amount - row.interest >= 0 for row in rows)
    assert all(amount.as_tuple().exponent == -decimals_of(currency) for row in rows for amount in row[2:])
    due_days = [row.due_on for row in rows]
    assert due_days == sorted(set(due_days))
    assert all(CALENDAR.is_working_day(day=day) for day in due_days)
    assert found.annual_rate <= min(rate, CAP)
    # Worth of the payments at the cap, on their days, with decimals of our own.
    worth = sum(row.amount * (1 + CAP) ** (Decimal(-(row.due_on - starts_on).days) / 365) for row in rows)
    assert worth <= found.total + Decimal("1e-15") * found.total
    assert found.all_in_rate <= CAP


@given(
    total=st.integers(100_00, 50_000_000_00),
    rate=st.integers(1_000, 19_000),
    count=st.integers(1, 60),
)
def test_equal_payments_are_those_of_a_public_source(total, rate, count):
    found = plan(total=Decimal(total) / 100, rate=Decimal(rate) / 100_000, count=count)

    monthly = rate / 1_200_000
    payment = numpy_financial.pmt(monthly, count, -total)
    owed = Decimal(total)
    for row in found.instalments:
        amount, interest = row.amount * 100, row.interest * 100
        owed -= amount - interest
        # Binary numbers differ from exact ones by less than a ten-thousandth of a cent here.
        assert abs(float(amount) - payment) <= 0.5001
        exact = -numpy_financial.fv(monthly, row.number, payment, -total)
        assert abs(float(owed) + exact) <= 0.5001 or row.number == count
        assert abs(float(interest) + numpy_financial.ipmt(monthly, row.number, count, total)) <= 1.5001
    assert len({row.amount for row in found.instalments}) == 1


def test_schedule_of_a_known_sum():
    found = plan()

    # The level payment of 12,000 at 1 % a month over 12 months is 1,066.19 (1,066.1855).
    assert [(row.due_on.isoformat(), str(row.amount), str(row.interest)) for row in found.instalments] == [
        ("2026-04-02", "1066.19", "120.00"),
        # 2 May is a day of the Labour Day break.
        ("2026-05-06", "1066.19", "110.55"),
        ("2026-06-02", "1066.19", "100.98"),
        ("2026-07-02", "1066.19", "91.34"),
        ("2026-08-03", "1066.19", "81.58"),
        ("2026-09-02", "1066.19", "71.74"),
        # 2 October is a day of the break of National Day.
        ("2026-10-08", "1066.19", "61.80"),
        ("2026-11-02", "1066.19", "51.75"),
        ("2026-12-02", "1066.19", "41.61"),
        ("2027-01-04", "1066.19", "31.36"),
        ("2027-02-02", "1066.19", "21.01"),
        ("2027-03-02", "1066.19", "10.56"),
    ]
    assert (found.annual_rate, found.all_in_rate, found.interest, found.largest) == (
        Decimal("0.12"),
        Decimal("0.12538"),
        Decimal("794.28"),
        Decimal("1066.19"),
    )


def test_equal_principal_falls_by_the_interest_on_what_is_paid():
    found = plan(total="1000", rate="0.12", count=3, method=PlanMethod.EQUAL_PRINCIPAL)

    assert [(str(row.amount), str(row.interest)) for row in found.instalments] == [
        ("343.33", "10.00"),
        ("340.01", "6.67"),
        ("336.66", "3.33"),
    ]


def test_stepped_payments_rise_by_their_percent_after_each_step():
    found = plan(total="1000", rate="0.12", count=6, method=PlanMethod.STEPPED, step=Step(every=2, percent=20))

    amounts = [row.amount for row in found.instalments]
    assert [str(amount) for amount in amounts] == ["142.55", "142.55", "171.06", "171.06", "205.28", "205.28"]
    # What the payments are worth at 1 % a month is the total, but for the rounding of six payments.
    worth = numpy_financial.npv(0.01, [0, *map(float, amounts)])
    assert abs(worth - 1000) < 0.03


def test_stepped_plan_is_refused_if_it_begins_below_its_interest():
    with pytest.raises(TooSteep):
        plan(rate="0.20", count=60, method=PlanMethod.STEPPED, step=Step(every=6, percent=30))


@pytest.mark.parametrize(
    ("currency", "total", "amounts"),
    [
        ("JPY", "100000.4", ["33333", "33334", "33333"]),
        ("CNY", "100", ["33.33", "33.34", "33.33"]),
        ("KWD", "100", ["33.333", "33.334", "33.333"]),
    ],
)
def test_payments_have_the_decimals_of_their_currency(currency, total, amounts):
    found = plan(total=total, rate="0", count=3, currency=currency)

    assert [str(row.amount) for row in found.instalments] == amounts
    assert found.interest == 0


def test_a_first_payment_is_due_on_the_first_working_day_and_asks_no_interest():
    found = plan(count=4, first_share=Decimal("0.05"), starts_on=date(2026, 10, 1))

    first, second = found.instalments[:2]
    assert tuple(first) == (1, date(2026, 10, 8), Decimal("600.00"), Decimal("0.00"))
    # One month's interest on what is left.
    assert (second.due_on, second.interest) == (date(2026, 11, 2), Decimal("114.00"))


@pytest.mark.parametrize(("share", "first"), [("0.10", "999.99"), ("0.5", "999.99"), ("-1", None)])
def test_a_first_payment_is_at_most_a_tenth_rounded_down(share, first):
    found = plan(total="9999.99", count=12, first_share=Decimal(share))

    payment = found.instalments[0]
    assert (payment.due_on == START, str(payment.amount) if first else None) == (first is not None, first)


def test_the_rate_is_the_highest_that_stays_under_the_cap_on_the_days_of_the_payments():
    found = plan(total="40000", rate="0.30", count=24)

    assert (found.annual_rate, found.all_in_rate) == (Decimal("0.21833"), Decimal("0.23999"))
    # The same payments at one hundred-thousandth more cost more than 24 %.
    monthly = float(found.annual_rate + Decimal("0.00001")) / 12
    payment = Decimal(numpy_financial.pmt(monthly, 24, -40000)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    days = [(row.due_on - START).days for row in found.instalments]
    dearer = sum(payment * (1 + CAP) ** (Decimal(-day) / 365) for day in days)
    assert dearer > 40000


def test_the_cap_counts_the_days_until_the_payment():
    found = plan(total="10000", rate="0.24", count=1, starts_on=date(2027, 1, 29))

    # 28 February 2027 is a Sunday. 31 days at 24 % a year are 1.84376 %: 184.37 of 10,000, a twelfth of 22.124 %.
    assert (found.instalments[0].due_on, found.annual_rate) == (date(2027, 3, 1), Decimal("0.22124"))
    days = (date(2027, 3, 1) - date(2027, 1, 29)).days
    assert effective_rate(total=found.total, amounts=[found.instalments[0].amount], days=[days]) <= CAP


def test_due_days_follow_the_notice_that_staff_have_entered():
    calendar = Calendar(notices=(NOTICE_2027,))
    terms = PlanTerms(total=Decimal(1000), annual_rate=Decimal(0), instalments=1)

    # Friday 8 October 2027 is worked by statute; as entered it is a holiday, and Saturday the 9th is worked.
    days = [
        schedule_plan(terms=terms, starts_on=date(2027, 9, 8), calendar=each).instalments[0].due_on
        for each in (CALENDAR, calendar)
    ]
    assert days == [date(2027, 10, 8), date(2027, 10, 9)]


@pytest.mark.parametrize("count", [0, 61, -1])
def test_schedule_refuses_a_wrong_number_of_instalments(count):
    with pytest.raises(ValueError, match="60"):
        plan(count=count)


@pytest.mark.parametrize(("total", "currency"), [("0", "CNY"), ("-5", "CNY"), ("0.4", "JPY")])
def test_schedule_refuses_an_empty_total(total, currency):
    with pytest.raises(ValueError, match="positive"):
        plan(total=total, currency=currency)
