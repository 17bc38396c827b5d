"""How well a policy separates accounts that turned out badly from the rest: precision, recall and lift with intervals."""

from dataclasses import dataclass
from math import exp, sqrt
from typing import Final

# 95 % of a normal distribution lie within this many standard deviations.
Z: Final = 1.959964

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A share or ratio with the bounds between which it lies with 95 % confidence."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """
    Counts of accounts with a known outcome: all `observed`, `flagged` by a policy, `bad` in the end, and `both`.

    :raises ValueError: if the counts contradict each other.
    """

    observed: int
    bad: int
    flagged: int
    both: int

    def __post_init__(self) -> None:
        if not (0 <= self.both <= min(self.bad, self.flagged) and self.bad + self.flagged - self.both <= self.observed):
            raise ValueError("Counts of outcomes contradict each other.")

    @property
    def base_rate(self) -> Measured | None:
        """Return the share of accounts that turned out badly, flagged or not."""
        return _share(self.bad, self.observed)

    @property
    def precision(self) -> Measured | None:
        """Return the share of flagged accounts that turned out badly; None if none was flagged."""
        return _share(self.both, self.flagged)

    @property
    def recall(self) -> Measured | None:
        """Return the share of bad accounts that were flagged; None if none turned out badly."""
        return _share(self.both, self.bad)

    @property
    def lift(self) -> Measured | None:
        """
        Return how many times as often flagged accounts turned out badly as all accounts; None if no flagged one did.

        The interval is that of the logarithm by the delta method. Flagged accounts are part of all accounts, so the
        two shares are not independent, and the usual formula for a ratio of risks would be too wide.
        """
        if self.both == 0:
            return None
        a, b, c = self.both, self.flagged - self.both, self.bad - self.both
        value = a * self.observed / (self.flagged * self.bad)
        # The slopes of log(a) - log(a + b) - log(a + c) in the three cells, squared and weighted; their mean is -1.
        in_both = 1 / a - 1 / self.flagged - 1 / self.bad
        spread = a * in_both**2 + b / self.flagged**2 + c / self.bad**2 - 1 / self.observed
        half = Z * sqrt(max(spread, 0.0))
        return Measured(value=value, low=value * exp(-half), high=value * exp(half))


def wilson(*, part: int, whole: int) -> Interval | None:
    """
    Return the 95 % interval of the share `part` of `whole`, as fractions; None if `whole` is 0.

    Wilson (1927): it stays within 0 and 1 and holds for few cases, where the usual formula does not.
    """
    if whole == 0:
        return None
    share, square = part / whole, Z * Z
    middle = share + square / (2 * whole)
    half = Z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    scale = 1 + square / whole
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def differ(*, one: Measured, other: Measured) -> bool:
    """Return whether the intervals do not overlap, so that a difference is more than chance."""
    return one.low > other.high or other.low > one.high


def _share(part: int, whole: int) -> Measured | None:
    within = wilson(part=part, whole=whole)
    return None if within is None else Measured(value=part / whole, low=within[0], high=within[1])
