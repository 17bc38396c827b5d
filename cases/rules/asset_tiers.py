"""
The five tiers of an account by its days past due, and how long a cured one is observed (domain notes, 1.5 and row 48).

Cards follow article 92 of the card measures, everything else the measures on risk classification of 2023. A short delay
for technical reasons stays with the lender's judgement: any day past due is at least special mention here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from cases.enums import AssetTier, Product

ORDER: Final = tuple(AssetTier)
_LOAN: Final = ((361, AssetTier.LOSS), (271, AssetTier.DOUBTFUL), (91, AssetTier.SUBSTANDARD))
_CARD: Final = ((181, AssetTier.LOSS), (121, AssetTier.DOUBTFUL), (91, AssetTier.SUBSTANDARD))
# By product: from so many days past due on, the tier, the worst first. Any earlier day is special mention.
TABLE: Final[Mapping[str, tuple[tuple[int, AssetTier], ...]]] = MappingProxyType(
    {Product.CONSUMER: _LOAN, Product.CASH: _LOAN, Product.CARD: _CARD}
)
# A non-performing account is observed for so many periods paid in time before it counts as better (house value).
OBSERVED_PERIODS: Final = 6
# A restructured account is at least special mention for so many months from the start of its plan.
RESTRUCTURED_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TierReading:
    """The tier that counts, and the one that the days past due alone would give."""

    tier: AssetTier
    by_days: AssetTier

    @property
    def is_observed(self) -> bool:
        """Whether the account has been cured but is still observed."""
        return self.tier is not self.by_days


def tier_by_days(*, product: str, days_past_due: int) -> AssetTier:
    """Return the tier that days past due give an account of a product."""
    if days_past_due <= 0:
        return AssetTier.NORMAL
    return next((tier for start, tier in TABLE[product] if days_past_due >= start), AssetTier.SPECIAL_MENTION)


def read_tier(
    *, product: str, days_past_due: int, closed: Sequence[int], restructured_on: date | None, on: date
) -> TierReading:
    """
    Return the tier of an account on the day `on`.

    `closed` are the days past due at the close of its periods, the newest first; periods without use are left out.
    `restructured_on` is the start of its latest repayment plan. A better tier than a non-performing one counts only once
    six periods in a row were paid in time.
    """
    by_days = tier_by_days(product=product, days_past_due=days_past_due)
    worst, clean = by_days, 0
    for days in closed:
        clean = clean + 1 if days == 0 else 0
        if clean == OBSERVED_PERIODS:
            break
        tier = tier_by_days(product=product, days_past_due=days)
        if ORDER.index(tier) >= ORDER.index(AssetTier.SUBSTANDARD):
            worst = max(worst, tier, key=ORDER.index)
    if restructured_on is not None and on < _months_after(restructured_on, RESTRUCTURED_MONTHS):
        worst = max(worst, AssetTier.SPECIAL_MENTION, key=ORDER.index)
    return TierReading(tier=worst, by_days=by_days)


def _months_after(day: date, months: int) -> date:
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    # The 31st of a shorter month is its last day; 28 is one that each month has.
    for last in range(day.day, 27, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, day.day)
