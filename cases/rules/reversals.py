"""Which bookings that take a repayment back are sound, and how much each takes back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cases.rules.profile import refusals
from cases.rules.profile.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReversal:
    """
    One row that takes back the repayment `repayment`, or `amount` of it; None asks for the whole rest.

    `account` is the reference of the account where the row names one, `section` the part of the profile for messages.
    """

    ref: str
    repayment: str
    amount: Decimal | None
    reversed_on: date
    reason: str | None = None
    account: str | None = None
    section: str = "reversal"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRepayment:
    """A stored repayment: its account's reference, its amount and its day."""

    account: str
    amount: Decimal
    paid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownReversal:
    """A reversal that stands: the reference of its repayment, and how much it takes back."""

    repayment: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What each asked reversal takes back, and the refusals of the others; both by reference."""

    amounts: dict[str, Decimal] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)


def rule_on_reversals(
    *,
    asked: Iterable[AskedReversal],
    repayments: Mapping[str, KnownRepayment],
    standing: Mapping[str, KnownReversal],
) -> Ruling:
    """
    Return what each of `asked` takes back, one after the other; a refused one takes back nothing.

    `standing` are the stored reversals by reference: those of the repayments, and those that `asked` corrects. All
    reversals of a repayment together never exceed it.
    """
    ruling = Ruling()
    now = dict(standing)
    taken: dict[str, Decimal] = {}
    for each in now.values():
        taken[each.repayment] = taken.get(each.repayment, Decimal(0)) + each.amount
    for row in asked:
        repayment, before = repayments.get(row.repayment), now.get(row.ref)
        others = taken.get(row.repayment, Decimal(0)) - (before.amount if before is not None else Decimal(0))
        problem = _problem(row, repayment, before, others)
        if problem is not None:
            ruling.refused[row.ref] = problem
            continue
        assert repayment is not None  # noqa: S101  else there was a problem
        amount = repayment.amount - others if row.amount is None else row.amount
        ruling.amounts[row.ref] = amount
        now[row.ref] = KnownReversal(repayment=row.repayment, amount=amount)
        taken[row.repayment] = others + amount
    return ruling


def _problem(
    row: AskedReversal, repayment: KnownRepayment | None, before: KnownReversal | None, others: Decimal
) -> Refused | None:
    """Return why a row is refused; `others` is what the repayment's other reversals take back."""
    names = "repayment" if row.section == "reversal" else "reverses"
    amount = "" if row.amount is None else str(row.amount)
    if repayment is None:
        return Refused(refusals.NO_SUCH_REPAYMENT, field=f"{row.section}.{names}", value=row.repayment)
    if row.account is not None and row.account != repayment.account:
        return Refused(refusals.REPAYMENT_OF_ANOTHER, field=f"{row.section}.account", value=row.account)
    if before is not None and before.repayment != row.repayment:
        return Refused(refusals.REVERSES_ANOTHER, field=f"{row.section}.external_ref", value=row.ref)
    if row.reversed_on < repayment.paid_on:
        return Refused(
            refusals.REVERSED_BEFORE_PAID,
            field=f"{row.section}.{'reversed_on' if row.section == 'reversal' else 'paid_on'}",
            value=row.reversed_on.isoformat(),
            paid_on=repayment.paid_on.isoformat(),
        )
    rest = repayment.amount - others
    if rest <= 0:
        return Refused(refusals.NOTHING_LEFT, field=f"{row.section}.{names}", value=row.repayment)
    if row.amount is not None and row.amount > rest:
        return Refused(refusals.MORE_THAN_IS_LEFT, field=f"{row.section}.amount", value=amount, rest=str(rest))
    return None
