"""Estimate a number of accounts from a sample of blocks of neighbouring rows, with its confidence interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Final

# Two-sided 95 %.
Z: Final = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number of accounts with its 95 % confidence bounds, which are equal to it if it was counted."""

    value: int
    low: int
    high: int


def counted(*, value: int) -> Estimate:
    """Return an exact count as an estimate without uncertainty."""
    return Estimate(value=value, low=value, high=value)


def estimated(*, blocks: Sequence[tuple[int, int]], population: int) -> Estimate:
    """
    Return how many of `population` rows have a property, from sampled blocks of (rows with it, rows).

    A ratio estimate with Wilson's interval, which is valid for shares near 0 and 1. Rows of one block resemble each
    other, so the number of independent observations is the number of rows divided by the design effect. A rare property
    that occurs in clusters outside of all sampled blocks is underestimated.
    """
    hits, rows = sum(h for h, _n in blocks), sum(n for _h, n in blocks)
    if rows == 0:
        return Estimate(value=0, low=0, high=population)
    share = hits / rows
    observations = rows / max(1.0, _design_effect(blocks, share, rows))
    centre = (share + Z**2 / (2 * observations)) / (1 + Z**2 / observations)
    spread = Z / (1 + Z**2 / observations) * sqrt(share * (1 - share) / observations + Z**2 / (4 * observations**2))
    # Rows that were sampled are certain; the interval is about the rest.
    low = max(hits, floor((centre - spread) * population))
    high = min(population - (rows - hits), ceil((centre + spread) * population))
    value = min(max(round(share * population), low), max(low, high))
    return Estimate(value=value, low=low, high=max(low, high))


def _design_effect(blocks: Sequence[tuple[int, int]], share: float, rows: int) -> float:
    """Return the design effect: the variance between blocks divided by the variance of as many independent rows."""
    plain = share * (1 - share) / rows
    if plain == 0 or len(blocks) < 2:
        return 1.0
    between = sum((hits - share * n) ** 2 for hits, n in blocks) * len(blocks) / (len(blocks) - 1) / rows**2
    return between / plain
