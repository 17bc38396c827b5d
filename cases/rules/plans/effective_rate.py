"""
What a plan costs a year, all in, on the actual days of its payments (XIRR): a year of compounding has 365 days.

Whether a plan stays under the cap is decided with whole numbers: its payments, discounted by the cap, must not be worth
more than what is owed today. The figure that people read is found by a bracketed search.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal
from functools import cache
from operator import mul
from typing import Final

from cases.rules.plans.limits import RATE_CAP

YEAR_DAYS: Final = 365
# More than sixty months and the days by which a due day moves.
_MOST_DAYS: Final = 2_400
_BITS: Final = 60
_ONE: Final = 1 << _BITS
_HIGHEST: Final = 1e6
_SHOWN: Final = Decimal("0.00001")


@cache
def _discounts() -> tuple[int, ...]:
    """Return what one unit is worth today at the cap, by days from today, with 60 bits; rounded up, against the lender."""
    exact = Context(prec=60)
    a_day = exact.power(1 + RATE_CAP, exact.divide(Decimal(-1), Decimal(YEAR_DAYS)))
    worth, found = Decimal(1), []
    for _day in range(_MOST_DAYS):
        found.append(
            int(
                exact.to_integral_value(exact.multiply(worth, Decimal(_ONE)).quantize(Decimal(1), ROUND_CEILING, exact))
            )
        )
        worth = exact.multiply(worth, a_day)
    return tuple(found)


def discounts(*, starts_on: date, due_days: Iterable[date]) -> list[int]:
    """Return what one unit paid on each day is worth on `starts_on` at the cap, with 60 bits; at most 2,399 days later."""
    worth, began = _discounts(), starts_on.toordinal()
    return [worth[day - began] for day in map(date.toordinal, due_days)]


def excess_at_cap(*, amounts: Iterable[int], discounts: Iterable[int], total: int) -> int:
    """
    Return by how much payments in minor units are worth more today than `total`, at the cap, with 60 bits.

    Zero or less: the all-in rate is at most the cap.
    """
    worth: int = sum(map(mul, amounts, discounts))
    return worth - (total << _BITS)


def effective_rate(*, total: Decimal, amounts: Sequence[Decimal], days: Sequence[int]) -> Decimal:
    """
    Return the annual rate at which the payments are worth `total` today, a share with five decimals.

    Accurate to half of the last decimal: the search is over binary64 numbers until the bracket is narrower than 1e-9.
    Zero if the payments are not more than the total. `days` count from the start of the plan.

    :raises ValueError: if the rate lies above a million.
    """
    if sum(amounts) <= total:
        return Decimal(0)
    flows = [(float(amount), day / YEAR_DAYS) for amount, day in zip(amounts, days, strict=True)]
    owed = float(total)

    def excess(rate: float) -> float:
        return float(sum(amount * (1 + rate) ** -years for amount, years in flows)) - owed

    low, high = 0.0, 0.25
    while excess(high) > 0:
        low, high = high, high * 4
        if high > _HIGHEST:
            raise ValueError("The payments are due at once.")
    while high - low > 1e-9 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return Decimal((low + high) / 2).quantize(_SHOWN, ROUND_HALF_UP)
