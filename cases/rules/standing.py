"""The arithmetic of the standing job: how far limits and annual rates are raised, cut or lowered."""

from collections.abc import Iterable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

# A rejected or reversed decision of the standing job is not proposed again for this many days. Our own value.
RESPITE_DAYS = 90
# No policy rewards or restricts by figures older than this many days, whatever it says of their age. Our own value.
OLDEST_FIGURES_DAYS = 31
# Domain 5.2: within twelve months, here twelve payments on time, never above the limit before the default.
MONTHS_TO_PASS_OLD_LIMIT = 12
# Limits are multiples of this, in the account's currency.
STEP = Decimal(100)


def raised_limit(
    *, limit: Decimal, percent: Decimal, most: Decimal | None = None, ceiling: Decimal | None = None
) -> Decimal:
    """
    Return `limit` raised by `percent` (10 is 10 %), rounded half up to a multiple of 100.

    At most `most` more than `limit`, not above `ceiling`, and never less than `limit`. All amounts are in the account's
    currency.
    """
    raised = (limit * (100 + percent) / 100 / STEP).quantize(Decimal(1), ROUND_HALF_UP) * STEP
    bounds = [raised] + ([limit + most] if most is not None else []) + ([ceiling] if ceiling is not None else [])
    return max(limit, min(bounds))


def cut_limit(*, limit: Decimal, percent: Decimal, most: Decimal | None = None) -> Decimal:
    """
    Return `limit` cut by `percent` (10 is 10 %), rounded down to a multiple of 100.

    At most `most` less than `limit`, never negative and never more than `limit`. All amounts are in the account's
    currency.
    """
    cut = (limit * (100 - percent) / 100 / STEP).quantize(Decimal(1), ROUND_DOWN) * STEP
    return min(limit, max(cut, limit - most if most is not None else Decimal(0), Decimal(0)))


def lowered_rate(*, rate: Decimal, original: Decimal, points: Decimal, most: Decimal) -> Decimal:
    """
    Return the annual `rate` (0.18 is 18 %) lowered by `points` (0.005 is half a percentage point).

    Not below `original` minus `most`, never negative and never more than `rate`: the standing job raises no price
    (domain, table b).
    """
    return min(rate, max(rate - points, original - most, Decimal(0)))


def within_budget(*, raises: Iterable[Decimal], budget: Decimal, used: Decimal) -> tuple[int, Decimal]:
    """
    Return how many of `raises`, from the first, fit into a budget of which `used` is used already, and their sum.

    All amounts are in one currency. If nothing is used, the first is paid for by any budget above 0, so that a small range is
    not passed over every night.
    """
    count, total = 0, Decimal(0)
    for raised in raises:
        is_first = used + total == 0
        if budget <= 0 or (not is_first and used + total + raised > budget):
            break
        count, total = count + 1, total + raised
    return count, total
