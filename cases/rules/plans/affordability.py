"""
How large an instalment a borrower's income and expenses leave room for, and the plan that keeps to it.

House values, as the trade's sources name none: at most 70 % of what is left of the income after expenses, so that a plan does not
break at the first surprise, and at most half of the income. The operator's risk department must confirm them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Final

from backoffice.core.currencies import smallest_amount
from cases.rules.plans.amounts import TooSteep
from cases.rules.plans.limits import MAX_FIRST_SHARE, MAX_INSTALMENTS
from cases.rules.plans.schedule import PlanSchedule

SHARE_OF_ROOM: Final = Decimal("0.70")
SHARE_OF_INCOME: Final = Decimal("0.50")
_PERCENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """
    What comes in and goes out in a month, in the account's currency; None where it is unknown.

    `running_plans` is what other plans of the borrower take a month. Of what is left then, a plan may take `share` (0-1).
    `as_of` is the day on which papers proved the figures; None for what somebody only told.
    """

    monthly_income: Decimal | None = None
    monthly_expenses: Decimal | None = None
    running_plans: Decimal = Decimal(0)
    share: Decimal = Decimal(1)
    as_of: date | None = None

    def affordable(self, *, currency: str) -> Decimal | None:
        """Return the largest instalment that the means allow, rounded down; None if income or expenses are unknown."""
        if self.monthly_income is None or self.monthly_expenses is None:
            return None
        room = max(self.monthly_income - self.monthly_expenses, Decimal(0))
        most = min(room * SHARE_OF_ROOM, self.monthly_income * SHARE_OF_INCOME)
        left = max(most - self.running_plans, Decimal(0)) * self.share
        return left.quantize(smallest_amount(currency), ROUND_DOWN)


UNKNOWN_MEANS: Final = Means()


def shared_means(*, means: Means, totals: Mapping[int, Decimal], running: Decimal) -> dict[int, Means]:
    """
    Return the means of each of several plans that are proposed at once, by the key of `totals`: one income pays all of them.

    Each may take the share of what it repays in all of them; `running` is what plans that run already take a month.
    Unknown means stay unknown.
    """
    whole = sum(totals.values(), Decimal(0))
    if means == UNKNOWN_MEANS:
        return dict.fromkeys(totals, means)
    return {
        key: replace(means, running_plans=running, share=total / whole if whole else Decimal(1))
        for key, total in totals.items()
    }


def first_share(*, total: Decimal, wanted: Decimal, affordable: Decimal | None) -> Decimal:
    """
    Return the share of `total` that is paid at once, in whole percent: as wanted, at most 10 %, at most what is affordable.
    """
    share = min(max(wanted, Decimal(0)), MAX_FIRST_SHARE)
    if affordable is not None:
        share = min(share, affordable / total)
    return share.quantize(_PERCENT, ROUND_DOWN)


def shortest_affordable(*, affordable: Decimal, most: int, scheduled: Callable[[int], PlanSchedule]) -> int | None:
    """
    Return the smallest number of instalments, up to `most` (1-60), whose largest one is affordable; None if there is none.

    `scheduled` makes the schedule with a number of instalments. The largest payment falls as instalments are added.
    """

    def fits(count: int) -> bool:
        try:
            return scheduled(count).largest <= affordable
        except TooSteep:
            return False

    low, high = 1, min(most, MAX_INSTALMENTS)
    if not fits(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return low
