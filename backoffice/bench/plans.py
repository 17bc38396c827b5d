"""
Schedules of repayment plans: SCALE plans of 12 to 60 instalments by the three methods, begun on the days of one year.

The rate counts whole schedules: payments, due days on working days, and the search for the rate under the cap. The floor is
a bare loop of the formula in binary numbers for the same plans at the same rates: no money, days, cap or records. Naive is
the same schedule with decimals for every step, as most people write it, for a sample.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Final

from backoffice.bench.registry import ProgressLog, Result
from backoffice.core.collector import collector_by_hand
from cases.enums import PlanMethod
from cases.rules.calendar import Calendar, months_later
from cases.rules.plans.limits import RATE_CAP
from cases.rules.plans.schedule import PlanSchedule, PlanTerms, schedule_plan

FIRST_DAY: Final = date(2026, 3, 2)
YEAR: Final = 365
# Plans that are timed together; the best part says what a core does while nobody else wants it.
PART: Final = 200
NAIVE_SAMPLE: Final = 100
# All-in rates are read by people, one plan at a time; a part of the plans is timed.
READ_SAMPLE: Final = 2_000
# Two of three plans are equal payments.
METHODS: Final = (PlanMethod.EQUAL_PAYMENT,) * 4 + (PlanMethod.EQUAL_PRINCIPAL, PlanMethod.STEPPED)
CENT: Final = Decimal("0.01")

Plan = tuple[PlanTerms, date]


def run(*, scale: int, log_progress: ProgressLog) -> Result:
    """Measure `scale` schedules with one calendar, as a job over many plans has it."""
    plans, calendar = _plans(scale), Calendar()
    log_progress(f"{scale:,} plans")
    cpu_began, began = time.process_time(), time.monotonic()
    found, best = [], 0.0
    with collector_by_hand():
        for first in range(0, scale, PART):
            part, part_began = plans[first : first + PART], time.monotonic()
            found += [schedule_plan(terms=terms, starts_on=starts_on, calendar=calendar) for terms, starts_on in part]
            best = max(best, len(part) / (time.monotonic() - part_began))
    seconds, own = time.monotonic() - began, time.process_time() - cpu_began
    log_progress(f"scheduled in {seconds:.2f} s")
    began = time.monotonic()
    bare = [_bare(terms, schedule) for (terms, _day), schedule in zip(plans, found, strict=True)]
    floor = time.monotonic() - began
    _compare(plans, found, bare)
    sample = plans[:NAIVE_SAMPLE]
    began = time.monotonic()
    for terms, starts_on in sample:
        _naive(terms, starts_on, calendar)
    naive = (time.monotonic() - began) / len(sample) * scale
    read = found[:READ_SAMPLE]
    began = time.monotonic()
    dearest = max(schedule.all_in_rate for schedule in read)
    each = (time.monotonic() - began) / len(read)
    if dearest > RATE_CAP:
        raise RuntimeError(f"A plan costs {dearest} a year.")
    return Result(
        seconds=seconds,
        items=scale,
        floor_seconds=floor,
        naive_seconds=naive,
        extra={
            "instalments": sum(len(schedule.instalments) for schedule in found),
            "lowered": sum(
                schedule.annual_rate < terms.annual_rate for (terms, _day), schedule in zip(plans, found, strict=True)
            ),
            # What the bench's process itself computed; where others use the machine, this is what compares.
            "own_cpu_seconds": round(own, 3),
            "per_own_cpu_second": round(scale / own, 1),
            "best_part_per_s": round(best, 1),
            "all_in_rates_per_s": round(1 / each, 1),
        },
    )


def _plans(scale: int) -> list[Plan]:
    dice = Random(7)
    return [
        (
            PlanTerms(
                total=Decimal(dice.randint(100_000, 30_000_000)) / 100,
                annual_rate=Decimal(dice.randint(6_000, 24_000)) / 100_000,
                instalments=dice.randint(12, 60),
                method=dice.choice(METHODS),
                first_share=Decimal("0.05"),
            ),
            FIRST_DAY + timedelta(days=dice.randrange(YEAR)),
        )
        for _plan in range(scale)
    ]


def _bare(terms: PlanTerms, schedule: PlanSchedule) -> list[tuple[float, float]]:
    """Return amount and interest of each payment at the rate that was found, by the formulas alone."""
    first = float(schedule.instalments[0].amount)
    owed, monthly, count = float(terms.total) - first, float(schedule.annual_rate) / 12, terms.instalments - 1
    rows = []
    if terms.method == PlanMethod.EQUAL_PRINCIPAL:
        part = owed / count
        for _payment in range(count):
            interest = owed * monthly
            rows.append((part + interest, interest))
            owed -= part
        return rows
    rises = terms.step.percent if terms.method == PlanMethod.STEPPED else 0
    shares = [(1 + rises / 100) ** (number // terms.step.every) for number in range(count)]
    payment = owed / sum(share * (1 + monthly) ** -(number + 1) for number, share in enumerate(shares))
    for share in shares:
        interest, amount = owed * monthly, payment * share
        rows.append((amount, interest))
        owed += interest - amount
    return rows


def _compare(plans: Sequence[Plan], found: Sequence[PlanSchedule], bare: Sequence[list[tuple[float, float]]]) -> None:
    for (terms, _day), schedule, rows in zip(plans, found, bare, strict=True):
        if sum(i.amount - i.interest for i in schedule.instalments) != terms.total:
            raise RuntimeError(f"The principal of {terms} does not add up.")
        for ours, (amount, _interest) in zip(schedule.instalments[1:], rows, strict=True):
            if abs(float(ours.amount) - amount) > 0.0151:
                raise RuntimeError(f"Payment {ours.number} of {terms} is {ours.amount}, not {amount}.")


@dataclass(frozen=True)
class _Payment:
    number: int
    due_on: date
    amount: Decimal
    interest: Decimal


def _naive(terms: PlanTerms, starts_on: date, calendar: Calendar) -> list[_Payment]:
    """Schedule with decimals throughout; the rate is lowered by a tenth of a point until the plan is under the cap."""
    rate = terms.annual_rate
    while True:
        rows = _decimal_rows(replace(terms, annual_rate=rate), starts_on, calendar)
        worth = sum(row.amount * (1 + RATE_CAP) ** (Decimal(-(row.due_on - starts_on).days) / YEAR) for row in rows)
        if worth <= terms.total:
            return rows
        rate -= Decimal("0.001")


def _decimal_rows(terms: PlanTerms, starts_on: date, calendar: Calendar) -> list[_Payment]:
    first = (terms.total * terms.first_share).quantize(CENT, ROUND_HALF_UP)
    rows = [_Payment(1, _worked(starts_on, calendar), first, Decimal(0))]
    owed, monthly, count = terms.total - first, terms.annual_rate / 12, terms.instalments - 1
    shares = [
        (1 + Decimal(terms.step.percent) / 100) ** (number // terms.step.every)
        if terms.method == PlanMethod.STEPPED
        else Decimal(1)
        for number in range(count)
    ]
    payment = owed / sum(share * (1 + monthly) ** -(number + 1) for number, share in enumerate(shares))
    part = (owed / count).quantize(CENT, ROUND_HALF_UP)
    for number, share in enumerate(shares, start=1):
        interest = (owed * monthly).quantize(CENT, ROUND_HALF_UP)
        amount = (
            part + interest
            if terms.method == PlanMethod.EQUAL_PRINCIPAL
            else (payment * share).quantize(CENT, ROUND_HALF_UP)
        )
        if number == count:
            amount = owed + interest
        rows.append(_Payment(number + 1, _worked(months_later(starts_on, number), calendar), amount, interest))
        owed -= amount - interest
    return rows


def _worked(day: date, calendar: Calendar) -> date:
    while not calendar.is_working_day(day=day):
        day += timedelta(days=1)
    return day
