"""How many there are, from a sample of blocks of neighbours: the estimate and where the true number lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Final

# Two-sided 95 %.
Z: Final = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number of accounts, and the bounds within which the true one lies with 95 % confidence (equal if counted)."""

    value: int
    low: int
    high: int


def counted(*, value: int) -> Estimate:
    """Return a number that was counted, not estimated."""
    return Estimate(value=value, low=value, high=value)


def estimated(*, blocks: Sequence[tuple[int, int]], population: int) -> Estimate:
    """
    Return how many of `population` rows have a property, from sampled blocks of (rows with it, rows).

    A ratio estimate. Rows of a block resemble each other, so the number of independent observations is that of the
    rows divided by what the spread between the blocks shows; Wilson's interval over it stays sound at 0 and at all.
    What is rare and comes in crowds that no block met is underestimated: a sample cannot know of it.
    """
    hits, rows = sum(h for h, _n in blocks), sum(n for _h, n in blocks)
    if rows == 0:
        return Estimate(value=0, low=0, high=population)
    share = hits / rows
    observations = rows / max(1.0, _design_effect(blocks, share, rows))
    centre = (share + Z**2 / (2 * observations)) / (1 + Z**2 / observations)
    spread = Z / (1 + Z**2 / observations) * sqrt(share * (1 - share) / observations + Z**2 / (4 * observations**2))
    # What was seen is certain: the rest is what the interval is about.
    low = max(hits, floor((centre - spread) * population))
    high = min(population - (rows - hits), ceil((centre + spread) * population))
    value = min(max(round(share * population), low), max(low, high))
    return Estimate(value=value, low=low, high=max(low, high))


def _design_effect(blocks: Sequence[tuple[int, int]], share: float, rows: int) -> float:
    """Return by how much the blocks vary more than as many rows drawn one by one would."""
    plain = share * (1 - share) / rows
    if plain == 0 or len(blocks) < 2:
        return 1.0
    between = sum((hits - share * n) ** 2 for hits, n in blocks) * len(blocks) / (len(blocks) - 1) / rows**2
    return between / plain
