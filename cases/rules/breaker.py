"""When a run does too much at once: the arithmetic of the circuit breaker."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

# The median of this many runs at the most, and no opinion below the least.
RUNS_LOOKED_AT: Final = 14
RUNS_NEEDED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """
    Bounds for one measure. `max_share` is a fraction of what was judged, `max_multiple` a factor of the median.

    Fewer than `at_least` are never too many.
    """

    max_share: Decimal
    max_multiple: Decimal
    at_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """What went beyond a limit: `count` of `of`, against the share and, where there is one, the median of past runs."""

    count: int
    of: int
    max_share: Decimal
    max_multiple: Decimal
    median: Decimal | None
    is_share: bool
    is_multiple: bool


def excess(*, count: int, of: int, past: Sequence[int], limit: Limit) -> Excess | None:
    """
    Return how a count breaks its limit, None if it does not. `past` are the counts of earlier runs, newest first.

    With fewer than RUNS_NEEDED past runs only the share speaks: a new portfolio has no usual night yet. A median of
    zero gives no multiple either; the share still holds.
    """
    if count < limit.at_least:
        return None
    usual = Decimal(str(median(past[:RUNS_LOOKED_AT]))) if len(past) >= RUNS_NEEDED else None
    is_share = of > 0 and count > limit.max_share * of
    is_multiple = bool(usual) and count > limit.max_multiple * (usual or 0)
    if not is_share and not is_multiple:
        return None
    return Excess(
        count=count,
        of=of,
        max_share=limit.max_share,
        max_multiple=limit.max_multiple,
        median=usual,
        is_share=is_share,
        is_multiple=is_multiple,
    )
