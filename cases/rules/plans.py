"""
Repayment plans: at most 60 instalments, priced under the cap, a small first payment.

Sources: card measures art. 70 (60 instalments, contents of the deal), 法发〔2017〕22号 (24 % all-in), table b of the
domain notes (first payment 0-10 %, broken at two missed instalments or 30 days). The operator's lawyers must confirm them.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MAX_INSTALMENTS = 60
RATE_CAP = Decimal("0.24")
MAX_FIRST_SHARE = Decimal("0.10")
BREAK_AT_MISSED = 2
BREAK_AT_DAYS = 30
# An instalment paid up to three days late counts as paid on time; a day without banking business moves to the next working
# day first.
GRACE_DAYS = 3

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One payment of a schedule; `interest` is the part of `amount` that is no principal."""

    number: int
    due_on: date
    amount: Decimal
    interest: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSchedule:
    """A whole schedule. Principal parts add up to `total` to the cent."""

    total: Decimal
    annual_rate: Decimal
    instalments: tuple[Instalment, ...]

    @property
    def interest(self) -> Decimal:
        """All interest that the borrower would pay."""
        return sum((i.interest for i in self.instalments), Decimal(0))


def months_later(day: date, months: int) -> date:
    """Return the same day `months` later, the last of the month where it has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def allowed_rate(annual_rate: Decimal) -> Decimal:
    """Return the rate that a plan may carry: never negative, never above the cap (24 % a year)."""
    return min(max(annual_rate, Decimal(0)), RATE_CAP)


def allowed_count(*, total: Decimal, wanted: int, least_amount: Decimal = Decimal(100)) -> int:
    """
    Return how many instalments a plan may have: 1 to 60, none of them below `least_amount` (CNY 100).

    A total below `least_amount` is one instalment.
    """
    by_amount = int(total // least_amount) if least_amount > 0 else MAX_INSTALMENTS
    return max(1, min(wanted, by_amount, MAX_INSTALMENTS))


def schedule_plan(
    *, total: Decimal, annual_rate: Decimal, instalments: int, starts_on: date, first_share: Decimal = Decimal(0)
) -> PlanSchedule:
    """
    Return equal monthly instalments for `total` (principal, in the account's currency).

    With a `first_share` above 0 (at most 0.10) the first instalment is that share, due on `starts_on` and free of
    interest; the rest follow monthly. Without one the first is due a month after the start. `annual_rate` is a
    fraction, cut to the cap. The last instalment takes up the rounding.

    :raises ValueError: if the total is not positive, or there are fewer than 1 or more than 60 instalments.
    """
    if total <= 0:
        raise ValueError("A plan needs a positive total.")
    if not 1 <= instalments <= MAX_INSTALMENTS:
        raise ValueError("A plan has 1 to 60 instalments.")
    rate = allowed_rate(annual_rate)
    share = min(max(first_share, Decimal(0)), MAX_FIRST_SHARE)
    first = (total * share).quantize(CENT, ROUND_HALF_UP) if instalments > 1 else Decimal(0)
    rows = []
    if first > 0:
        rows.append(Instalment(number=1, due_on=starts_on, amount=first, interest=Decimal(0)))
    remaining, count = total - first, instalments - len(rows)
    monthly = rate / 12
    level = _level_payment(remaining, monthly, count)
    for step in range(1, count + 1):
        # Rounded down, so that the sum never exceeds what the rate allows.
        interest = (remaining * monthly).quantize(CENT, "ROUND_DOWN")
        principal = remaining if step == count else min(max(level - interest, Decimal(0)), remaining)
        remaining -= principal
        due_on = months_later(starts_on, step)
        rows.append(Instalment(number=len(rows) + 1, due_on=due_on, amount=principal + interest, interest=interest))
    return PlanSchedule(total=total, annual_rate=rate, instalments=tuple(rows))


def _level_payment(principal: Decimal, monthly: Decimal, count: int) -> Decimal:
    if monthly == 0:
        return (principal / count).quantize(CENT, ROUND_HALF_UP)
    factor = monthly / (1 - (1 + monthly) ** -count)
    return (principal * factor).quantize(CENT, ROUND_HALF_UP)
