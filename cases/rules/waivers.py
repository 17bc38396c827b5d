"""
How much of penalty interest or interest may be waived, and under which condition.

Sources: domain notes 5.3 and table b ("waiver": penalty 100 %, interest at most 50 %, principal by committee, valid 31 days). A
waiver lowers once what is owed, and only if the borrower pays the rest in time, so no waiver can raise the all-in rate of an
account (row 47 of the conduct rules).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.currencies import rounded, smallest_amount
from backoffice.core.errors import InvalidInput
from cases.enums import BudgetPeriod, WaiverPart

# The largest share of what is due of each part.
MOST_SHARE: Final[Mapping[str, Decimal]] = {WaiverPart.PENALTY: Decimal(1), WaiverPart.INTEREST: Decimal("0.50")}
VALID_DAYS: Final = 31
# House value: files of repayments come up to three days late, so a waiver lapses no earlier. Payments after the day do not count.
FILE_DAYS: Final = 3
# House value: a second waiver within so many days of one that was earned is approved by two people.
REPEATED_DAYS: Final = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverWish:
    """
    What an officer wants to waive. Money is in the account's currency.

    `due` is what is owed of the `part` by the core's own statement, which `evidence_ref` (cut to 80 characters) names: the
    files of the core give arrears as one sum. None for `amount` is the most that may be waived, None for `pay` all the rest.
    """

    part: str
    due: Decimal
    evidence_ref: str
    settle_by: date
    amount: Decimal | None = None
    pay: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownParts:
    """The most that may be due of each part by the instalments that the core's files give; None where they give none."""

    penalty: Decimal | None = None
    interest: Decimal | None = None

    def most(self, part: str) -> Decimal | None:
        """Return the most that may be due of a part."""
        return self.penalty if part == WaiverPart.PENALTY else self.interest


NOTHING_KNOWN: Final = KnownParts()


def waiver_terms(*, wish: WaiverWish, arrears: Decimal, currency: str) -> dict[str, object]:
    """
    Return the terms of a waiver as the decision keeps them, amounts as text and the day as ISO date.

    Whether they fit the account is asked by `waiver_codes`.

    :raises InvalidInput: if the part is none of `WaiverPart`, the statement is not named, more is due than the arrears, or an amount is not positive or has
        more decimals than its currency.
    """
    if wish.part not in WaiverPart.values:
        raise InvalidInput(
            _(
                "Penalty interest or interest is waived here. Principal is waived by the committee only, outside of this program."
            ),
            field="part",
        )
    if not wish.evidence_ref.strip():
        raise InvalidInput(_("Name the core's statement of what is due."), field="evidence_ref")
    if wish.due.is_finite() and wish.due > arrears:
        raise InvalidInput(_("More is named as due than the account shows for it."), field="due")
    amount = rounded_down(wish.due * MOST_SHARE[wish.part], currency) if wish.amount is None else wish.amount
    pay = arrears - amount if wish.pay is None else wish.pay
    for field, value in (("due", wish.due), ("amount", amount), ("pay", pay)):
        if not value.is_finite() or value <= 0 or value != rounded(value, currency):
            raise InvalidInput(
                _("Give an amount of more than nothing, with the decimals of its currency."), field=field
            )
    return {
        "part": str(wish.part),
        "due": str(rounded(wish.due, currency)),
        "amount": str(rounded(amount, currency)),
        "pay": str(rounded(pay, currency)),
        "settle_by": wish.settle_by.isoformat(),
    }


def rounded_down(amount: Decimal, currency: str) -> Decimal:
    """Return `amount` with the decimals of `currency`, never more than it was."""
    return amount.quantize(smallest_amount(currency), ROUND_DOWN)


def waiver_codes(*, terms: Mapping[str, object], arrears: Decimal, known: KnownParts, on: date) -> Iterator[str]:
    """Return why a waiver does not fit its account on `on`, as codes of `cases.rules.approval`."""
    due, amount, pay = (Decimal(str(terms[name])) for name in ("due", "amount", "pay"))
    most = known.most(str(terms["part"]))
    if due > arrears or (most is not None and due > most):
        yield "MORE_THAN_DUE"
    if amount > MOST_SHARE[str(terms["part"])] * due:
        yield "WAIVED_TOO_MUCH"
    if amount + pay > arrears:
        yield "PAYS_TOO_MUCH"
    if not on <= date.fromisoformat(str(terms["settle_by"])) <= on + timedelta(days=VALID_DAYS):
        yield "DAY_OUT_OF_RANGE"


def waives_above(*, terms: Mapping[str, object], share: Decimal) -> bool:
    """Return whether interest is waived beyond a share (0..1) of what is due of it."""
    due, amount = (Decimal(str(terms[name])) for name in ("due", "amount"))
    return terms["part"] == WaiverPart.INTEREST and amount > share * due


def leaves_arrears(*, terms: Mapping[str, object], arrears: Decimal) -> bool:
    """Return whether something stays overdue after the borrower has paid and the waiver counts."""
    return Decimal(str(terms["amount"])) + Decimal(str(terms["pay"])) < arrears


def period_end(*, starts_on: date, period: str) -> date:
    """Return the last day of the month or quarter that begins on `starts_on`, the first of a month."""
    months = 3 if period == BudgetPeriod.QUARTER else 1
    year, month = divmod(starts_on.year * 12 + starts_on.month - 1 + months, 12)
    return date(year, month + 1, 1) - timedelta(days=1)
