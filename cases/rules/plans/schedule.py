"""The schedule of a repayment plan: payments of three methods, due on working days, never dearer than the cap."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from functools import partial
from typing import Any, Final, NamedTuple

from backoffice.core.currencies import rounded, smallest_amount
from cases.enums import PlanMethod
from cases.rules.calendar import Calendar
from cases.rules.plans.amounts import HOUSE_STEP, RATE_UNITS, Payments, Step, payments
from cases.rules.plans.effective_rate import discounts, effective_rate, excess_at_cap
from cases.rules.plans.limits import MAX_FIRST_SHARE, MAX_INSTALMENTS, allowed_rate

# Twelve months at a twelfth of 21.705 % compound to 24 %.
COMPOUNDS_TO_CAP: Final = 21_705
# Then the search halves what is open: amounts of a few minor units do not follow a line.
STRAIGHT_TRIES: Final = 8


class Instalment(NamedTuple):
    """One payment of a schedule; `interest` is the part of `amount` that is no principal."""

    number: int
    due_on: date
    amount: Decimal
    interest: Decimal


# A row made without Python's own step: a plan has up to sixty, and several plans are compared.
_INSTALMENT: Final[Callable[[Iterable[Any]], Instalment]] = partial(tuple.__new__, Instalment)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTerms:
    """
    What a plan is calculated from: the amount owed in its currency, the nominal annual rate (a share), and the number of
    instalments. `first_share` (0 to 0.10) of the amount is paid on the first day, free of interest.
    """

    total: Decimal
    annual_rate: Decimal
    instalments: int
    currency: str = "CNY"
    method: str = PlanMethod.EQUAL_PAYMENT
    first_share: Decimal = Decimal(0)
    step: Step = HOUSE_STEP


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSchedule:
    """A whole schedule. Principal parts add up to `total` to the minor unit; `annual_rate` is what it was calculated at."""

    total: Decimal
    annual_rate: Decimal
    starts_on: date
    instalments: tuple[Instalment, ...]

    @property
    def interest(self) -> Decimal:
        """All interest that the borrower would pay."""
        return sum((i.interest for i in self.instalments), Decimal(0))

    @property
    def largest(self) -> Decimal:
        """The largest monthly payment; one on the first day, which asks no interest, is left out."""
        return max(i.amount for i in self.instalments if i.due_on > self.starts_on or len(self.instalments) == 1)

    @property
    def all_in_rate(self) -> Decimal:
        """What the plan costs a year on the days of its payments, a share with five decimals; at most the cap."""
        days = [(i.due_on - self.starts_on).days for i in self.instalments]
        return effective_rate(total=self.total, amounts=[i.amount for i in self.instalments], days=days)


def schedule_plan(*, terms: PlanTerms, starts_on: date, calendar: Calendar) -> PlanSchedule:
    """
    Return the monthly payments of a plan, the first a month after `starts_on`, or on it where there is a first share.

    A due day without banking business moves to the next working day of `calendar`; interest is reckoned by months and
    does not grow by it. The rate is cut to the cap, and where the plan would cost more than the cap on the days of its
    payments (XIRR), to the highest rate of five decimals at which it does not. How amounts are rounded stands in amounts.py.

    :raises TooSteep: if a stepped plan begins with payments below its interest.
    :raises ValueError: if the total is not positive, or there are fewer than 1 or more than 60 instalments.
    """
    unit = smallest_amount(terms.currency)
    total = rounded(terms.total, terms.currency)
    if total <= 0:
        raise ValueError("A plan needs a positive total.")
    if not 1 <= terms.instalments <= MAX_INSTALMENTS:
        raise ValueError("A plan has 1 to 60 instalments.")
    owed = int(total / unit)
    share = min(max(terms.first_share, Decimal(0)), MAX_FIRST_SHARE)
    first = int((owed * share).to_integral_value(ROUND_DOWN)) if terms.instalments > 1 else 0
    due_days = calendar.monthly_days(starts_on=starts_on, count=terms.instalments)
    due_days = due_days[:-1] if first else due_days[1:]
    plan = _Unscheduled(
        terms=terms, owed=owed, first=first, discounts=discounts(starts_on=starts_on, due_days=due_days)
    )
    rate, (amounts, interest) = plan.dearest_allowed()
    # Most payments are equal, their interest is not.
    money = {each: each * unit for each in set(amounts)}
    parts = [each * unit for each in interest]
    rows = zip(range(1, len(amounts) + 1), due_days, map(money.__getitem__, amounts), parts, strict=True)
    return PlanSchedule(
        total=total,
        annual_rate=Decimal(rate) / RATE_UNITS,
        starts_on=starts_on,
        instalments=tuple(map(_INSTALMENT, rows)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unscheduled:
    """
    A plan whose rate is searched for. `owed` and the `first` payment are in minor units; `discounts` are those of the cap
    for the days of its payments.
    """

    terms: PlanTerms
    owed: int
    first: int
    discounts: Sequence[int]

    def payments(self, rate: int) -> Payments:
        """Return all payments at a rate in hundred-thousandths, the first one too."""
        terms = self.terms
        count = terms.instalments - 1 if self.first else terms.instalments
        amounts, interest = payments(
            method=terms.method, principal=self.owed - self.first, rate=rate, count=count, step=terms.step
        )
        return ([self.first, *amounts], [0, *interest]) if self.first else (amounts, interest)

    def excess(self, amounts: Sequence[int]) -> int:
        """Return by how much the payments cost more than the cap; zero or less is allowed."""
        return excess_at_cap(amounts=amounts, discounts=self.discounts, total=self.owed)

    def dearest_allowed(self) -> tuple[int, Payments]:
        """
        Return the highest rate, at most the plan's own, at which it costs no more than the cap, and its payments.

        The excess grows almost in a straight line with the rate, so each try is where the line through the last two meets
        zero, kept inside of what is still open; the second is the nominal rate whose months compound to the cap. Without
        interest the payments are the principal, so a rate of zero is always allowed.
        """
        rate = int(allowed_rate(self.terms.annual_rate) * RATE_UNITS)
        rows = self.payments(rate)
        excess = self.excess(rows[0])
        if excess <= 0:
            return rate, rows
        low, high, allowed, guess, tries = 0, rate, None, COMPOUNDS_TO_CAP, 0
        while high - low > 1:
            before = (rate, excess)
            rate = min(max(guess, low + 1), high - 1) if tries < STRAIGHT_TRIES else (low + high) // 2
            rows = self.payments(rate)
            excess = self.excess(rows[0])
            if excess <= 0:
                low, allowed = rate, rows
            else:
                high = rate
            slope = excess - before[1]
            guess = rate - excess * (rate - before[0]) // slope if slope else (low + high) // 2
            tries += 1
        return low, self.payments(low) if allowed is None else allowed
