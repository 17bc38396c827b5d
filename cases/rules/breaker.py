"""The arithmetic of the circuit breaker: when a run would do too much at once."""

from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresLimit:
    """
    How old the figures of a source may be: more than `max_age_days` days are too old.

    `max_share` (0..1) of all accounts judged, and `at_least` accounts, exceed the limit. The defaults are house values.
    """

    max_age_days: int = 3
    max_share: Decimal = Decimal("0.01")
    at_least: int = 1

    def older(self, ages: Mapping[int, int]) -> int:
        """Return how many accounts have too old figures; `ages` are numbers of accounts by the age of figures in days."""
        return sum(count for age, count in ages.items() if age > self.max_age_days)

    def is_exceeded(self, *, older: int, of: int) -> bool:
        """Return whether `older` accounts with too old figures, of `of` that were judged, are too many."""
        return older > 0 and older >= self.at_least and older >= self.max_share * of


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFigures:
    """
    A source with too old figures: `count` accounts older than `limit` allows, of `of` judged accounts of all sources.

    `newest_age_days` is the age of the source's newest figures.
    """

    source: str
    count: int
    of: int
    newest_age_days: int
    limit: FiguresLimit


def old_figures(*, ages: Mapping[str, Mapping[int, int]], limits: Mapping[str, FiguresLimit]) -> list[OldFigures]:
    """
    Return the sources whose figures are too old for too many accounts, by name.

    `ages` are numbers of accounts by source and age in days; `limits` are by source, that of "" for sources without one.
    """
    of = sum(sum(of_source.values()) for of_source in ages.values())
    found = []
    for source, of_source in sorted(ages.items()):
        limit = limits.get(source) or limits.get("") or FiguresLimit()
        older = limit.older(of_source)
        if limit.is_exceeded(older=older, of=of):
            found.append(OldFigures(source=source, count=older, of=of, newest_age_days=min(of_source), limit=limit))
    return found


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
