"""The lines of a price card: what may be agreed, and how a new line from a day on changes those before it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from visits.enums import FeeBasis
from visits.rules.scorecard import FeeConfig, fee_problems

AMOUNT_MAX: Final = Decimal("99999999.99")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """A line of the card that counts, by its number, with its days; both included, None is open."""

    pk: int
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """What a new line changes: the line that ends the day before it, and the new line's own last day."""

    ends: int | None
    ends_on: date
    valid_to: date | None


def amount_problem(*, basis: str, amount: Decimal) -> str | Promise | None:
    """
    Return why an amount may not be agreed for a basis, None if it may.

    A share of recovery is percent of the agency's pay and at most 50 (card measures, art. 66).
    """
    if not amount.is_finite() or not 0 < amount <= AMOUNT_MAX or amount != round(amount, 2):
        return _("Give an amount above zero with at most two decimals.")
    if basis == FeeBasis.RECOVERY_SHARE:
        # The rest of the pay is for visits made.
        weights = {FeeBasis.RECOVERY_SHARE.value: amount, FeeBasis.PER_VISIT.value: 100 - amount}
        for problem in fee_problems(fees=FeeConfig(weights=weights)):
            return problem.message
    return None


def line_change(*, lines: Collection[PriceLine], begins: date) -> LineChange | None:
    """
    Return what a line of the same basis and currency changes that counts from `begins` on.

    None if a line begins on that very day: two lines of one day cannot both count.
    """
    if any(line.valid_from == begins for line in lines):
        return None
    before = [line for line in lines if line.valid_from < begins]
    after = [line.valid_from for line in lines if line.valid_from > begins]
    day_before = begins - timedelta(days=1)
    last = max(before, key=lambda line: line.valid_from, default=None)
    is_open = last is not None and (last.valid_to is None or last.valid_to >= begins)
    return LineChange(
        ends=last.pk if last is not None and is_open else None,
        ends_on=day_before,
        valid_to=min(after) - timedelta(days=1) if after else None,
    )
