"""
The payments of a schedule in whole minor units (fen, yen, fils), exactly: integers only.

Every method follows one rule of rounding. What is owed after each payment is worked out exactly and rounded to the minor
unit, halves up; the principal of a payment is the difference of two such balances, so the principals add up to the
total. The payment itself is the exact one, rounded; its interest is the rest. So every payment of a step is equal, the
last one too, and no remainder of rounding is left for the last. Only where the rest would be negative (interest of less than
a minor unit) a payment is its principal alone.

The exact level payment is P m / (1 - (1 + m)^-n) with m = annual rate / 12, as in spreadsheets (PMT, IPMT) and
numpy-financial (`pmt`, `fv`); payments and balances equal theirs to the minor unit, interest within one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import add, sub
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.enums import PlanMethod

# Rates are whole hundred-thousandths of a year's share: 0.24 is 24,000. One month's share has this denominator.
RATE_UNITS: Final = 100_000
_MONTHLY: Final = 12 * RATE_UNITS
# Bits behind the point of exact balances, of the monthly rate, and of sums of discounted shares.
_GUARD: Final = 48
_RATE_BITS: Final = 64
_SUM_BITS: Final = 96
_HALF: Final = 1 << (_GUARD - 1)

# Amounts and the interest in each of them, in minor units.
Payments = tuple[list[int], list[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How a stepped plan rises: after every `every` instalments (1-60) by `percent` (1-50) of the instalment before."""

    every: int = 6
    percent: int = 5


HOUSE_STEP: Final = Step()


class TooSteep(InvalidInput):
    """The first payments of a stepped plan would not even pay its interest."""

    def __init__(self) -> None:
        text = _("The first payments would not pay the interest: choose smaller steps or fewer instalments.")
        super().__init__(text, field="step_percent")


def payments(*, method: str, principal: int, rate: int, count: int, step: Step) -> Payments:
    """
    Return the monthly payments for `principal` (minor units) at `rate` (hundred-thousandths a year).

    :raises TooSteep: if a stepped plan begins with payments below its interest.
    """
    if method == PlanMethod.EQUAL_PRINCIPAL or (rate == 0 and method == PlanMethod.EQUAL_PAYMENT):
        return _equal_principal(principal, rate, count)
    if method == PlanMethod.EQUAL_PAYMENT:
        exact = [_level_payment(principal, rate, count)] * count
        amounts = [(exact[0] + _HALF) >> _GUARD] * count
    else:
        exact = _stepped(principal, rate, count, step)
        amounts = [(each + _HALF) >> _GUARD for each in exact]
    owed = _balances(principal, rate, exact)
    parts = list(map(sub, owed, owed[1:]))
    if min(parts) < 0:
        raise TooSteep
    interest = list(map(sub, amounts, parts))
    if rate == 0 or min(interest) < 0:
        interest = [max(each, 0) if rate else 0 for each in interest]
        amounts = list(map(add, parts, interest))
    return amounts, interest


def _level_payment(principal: int, rate: int, count: int) -> int:
    """Return the exact level payment with `_GUARD` bits, from whole numbers alone."""
    grown: int = (_MONTHLY + rate) ** count
    plain: int = _MONTHLY**count
    return ((principal * rate * grown) << _GUARD) // (_MONTHLY * (grown - plain))


def _balances(principal: int, rate: int, exact: Sequence[int]) -> list[int]:
    """Return what is owed before the first and after each payment: exact balances, each rounded, the last one zero."""
    monthly, owed = (rate << _RATE_BITS) // _MONTHLY, principal << _GUARD
    found = [principal]
    for payment in exact[:-1]:
        owed += (owed * monthly >> _RATE_BITS) - payment
        found.append((owed + _HALF) >> _GUARD)
    return [*found, 0]


def _equal_principal(principal: int, rate: int, count: int) -> Payments:
    owed = [(2 * principal * left + count) // (2 * count) for left in range(count, -1, -1)]
    interest = [(2 * before * rate + _MONTHLY) // (2 * _MONTHLY) for before in owed[:-1]]
    return list(map(add, map(sub, owed, owed[1:]), interest)), interest


def _stepped(principal: int, rate: int, count: int, step: Step) -> list[int]:
    """Return the exact payments of a stepped plan, with `_GUARD` bits: each step is the one before and some percent."""
    discount = (_MONTHLY << _SUM_BITS) // (_MONTHLY + rate)
    share, shares, worth, today = 1 << _GUARD, [], 1 << _SUM_BITS, 0
    for first in range(0, count, step.every):
        of_step, worths = min(step.every, count - first), 0
        for _payment in range(of_step):
            worth = (worth * discount) >> _SUM_BITS
            worths += worth
        today += share * worths
        shares.append((share, of_step))
        share = share * (100 + step.percent) // 100
    # The payments are worth the principal today: its share of the sum of all discounted shares.
    found: list[int] = []
    for share, of_step in shares:
        found += [((principal * share) << (_GUARD + _SUM_BITS)) // today] * of_step
    return found
