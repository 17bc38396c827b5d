"""Whether two figures of one person's income a month can both be true. House values; the risk department must confirm them."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from visits.rules.comparison.matching import Match


class IncomeBasis(StrEnum):
    """What a figure of income a month is: stated or certified, paid into an account, or a base of contributions."""

    STATED = "STATED"
    PAID = "PAID"
    # All that came in, wages or not: income is not more than this.
    INFLOW = "INFLOW"
    BASE = "BASE"


# Stated before tax and paid after it, with a bonus in one month: so far two figures of one income lie apart.
MOST_APART: Final = Decimal("1.35")
# Employers may contribute on less than the whole income, and on last year's: a base says little from above or below.
BASE_MOST_ABOVE: Final = Decimal("1.5")
BASE_MOST_BELOW: Final = Decimal(3)
# Below this, figures are compared by nobody: benefits, odd jobs.
LEAST_COMPARED: Final = Decimal(500)


def compare_incomes(*, left: Decimal, left_basis: IncomeBasis, right: Decimal, right_basis: IncomeBasis) -> Match:
    """
    Return whether two figures of income a month, in one currency, can both be true; UNKNOWN for two bases or two flows.

    A base may lie 1.5 times above or three times below any other figure; what came in may lie above, but not below; any other
    two figures lie at most 1.35 times apart.
    """
    if max(left, right) < LEAST_COMPARED or left < 0 or right < 0:
        return Match.UNKNOWN
    bases = {left_basis, right_basis}
    if bases == {IncomeBasis.BASE}:
        # The two funds have ceilings of their own.
        return _within(left, right, BASE_MOST_BELOW)
    if IncomeBasis.BASE in bases:
        base, other = (left, right) if left_basis == IncomeBasis.BASE else (right, left)
        return Match.DIFFERENT if base > other * BASE_MOST_ABOVE or other > base * BASE_MOST_BELOW else Match.SAME
    if bases == {IncomeBasis.INFLOW}:
        return Match.UNKNOWN
    if IncomeBasis.INFLOW in bases:
        inflow, other = (left, right) if left_basis == IncomeBasis.INFLOW else (right, left)
        return Match.DIFFERENT if other > inflow * MOST_APART else Match.SAME
    return _within(left, right, MOST_APART)


def times_apart(*, left: Decimal, right: Decimal) -> Decimal:
    """Return how many times the larger figure is the smaller one, at most 10."""
    low, high = sorted((left, right))
    return min(high / low, Decimal(10)) if low > 0 else Decimal(10)


def _within(left: Decimal, right: Decimal, most: Decimal) -> Match:
    return Match.SAME if times_apart(left=left, right=right) <= most else Match.DIFFERENT
