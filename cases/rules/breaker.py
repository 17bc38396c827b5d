"""The arithmetic of the circuit breaker: when a run would do too much at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

# The median is of at most RUNS_LOOKED_AT past runs; with fewer than RUNS_NEEDED it is not used.
RUNS_LOOKED_AT: Final = 14
RUNS_NEEDED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """
    The limits of one measure: a share (0..1) of what was judged, and a multiple of the median of past runs.

    A count below `at_least` never exceeds them.
    """

    max_share: Decimal
    max_multiple: Decimal
    at_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """
    A count that exceeds a limit: `count` of `of` judged.

    `is_share` and `is_multiple` name the exceeded limits; `median` is of past runs, None with too few of them.
    """

    count: int
    of: int
    max_share: Decimal
    max_multiple: Decimal
    median: Decimal | None
    is_share: bool
    is_multiple: bool


def excess(*, count: int, of: int, past: Sequence[int], limit: Limit) -> Excess | None:
    """
    Return how a count exceeds its limit; None if it does not. `past` are the counts of earlier runs, newest first.

    With fewer than RUNS_NEEDED past runs only the share is compared: a new portfolio has no usual count yet. With a
    median of 0 as well, since every count is a multiple of it.
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
