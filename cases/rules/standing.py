"""What good standing earns and broken faith costs: the arithmetic of limits and rates, and its bounds."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

# A turned-down or reversed decision of the standing job is not put forward again for this long. House value.
RESPITE_DAYS = 90
# Domain 5.2: never above the limit before default within twelve months, here twelve payments on time.
MONTHS_TO_PASS_OLD_LIMIT = 12
STEP = Decimal(100)


def raised_limit(
    *, limit: Decimal, percent: Decimal, most: Decimal | None = None, ceiling: Decimal | None = None
) -> Decimal:
    """
    Return `limit` raised by `percent` (10 = 10 %), rounded to a hundred, by at most `most`, not above `ceiling`.

    Never less than it was.
    """
    raised = (limit * (100 + percent) / 100 / STEP).quantize(Decimal(1), ROUND_HALF_UP) * STEP
    bounds = [raised] + ([limit + most] if most is not None else []) + ([ceiling] if ceiling is not None else [])
    return max(limit, min(bounds))


def cut_limit(*, limit: Decimal, percent: Decimal, most: Decimal | None = None) -> Decimal:
    """Return `limit` cut by `percent`, rounded down to a hundred, by at most `most`; never negative or more."""
    cut = (limit * (100 - percent) / 100 / STEP).quantize(Decimal(1), ROUND_DOWN) * STEP
    return min(limit, max(cut, limit - most if most is not None else Decimal(0), Decimal(0)))


def lowered_rate(*, rate: Decimal, original: Decimal, points: Decimal, most: Decimal) -> Decimal:
    """
    Return `rate` lowered by `points` (0.005 is half a percentage point), not below `original` minus `most`.

    Never negative and never more than it was: standing raises no price (table b).
    """
    return min(rate, max(rate - points, original - most, Decimal(0)))
