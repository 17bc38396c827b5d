"""
The terms of an account as a function of what stands.

A decision in force is one measure on each term that it touches. The effective value of a term follows from its base (what
the core last said of its own accord) and the measures that stand now, in no order: beginnings, ends, reversals and cures only
change what stands. The ledger does the same in SQL for many accounts (services/decisions/terms_ledger.py); a test compares
the two.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cases.enums import AccountStatus, DecisionKind, MeasureMode, TermsField

# The values of collection and penalty while nothing stands.
NORMAL_COLLECTION: Final = "NORMAL"
PENALTY_CHARGED: Final = "CHARGED"
# The most protective first: CEASE / SPECIAL_CARE > PLAN > GRACE > LEGAL > NORMAL.
COLLECTION_ORDER: Final = (MeasureMode.CEASED, MeasureMode.ON_PLAN, MeasureMode.PAUSED, MeasureMode.LEGAL)
# Rewards and relief together take at most three percentage points off the base rate (domain table b, rate). The rate of a plan
# is agreed with the borrower, and may be lower.
MOST_RATE_OFF: Final = Decimal("0.03")
RATE_STEP: Final = Decimal("0.005")

# What a decision of each kind does, term by term. A decision to close changes no terms, and neither does a waiver: what it lowers once is no term.
MEASURES_OF_KIND: Mapping[DecisionKind, tuple[tuple[TermsField, MeasureMode], ...]] = MappingProxyType(
    {
        DecisionKind.GRACE: (
            (TermsField.COLLECTION, MeasureMode.PAUSED),
            (TermsField.PENALTY, MeasureMode.WAIVED),
        ),
        DecisionKind.PLAN: (
            (TermsField.COLLECTION, MeasureMode.ON_PLAN),
            (TermsField.RATE, MeasureMode.CEILING),
        ),
        DecisionKind.SPECIAL_CARE: ((TermsField.COLLECTION, MeasureMode.CEASED),),
        DecisionKind.LEGAL: ((TermsField.COLLECTION, MeasureMode.LEGAL),),
        DecisionKind.FREEZE: ((TermsField.STATUS, MeasureMode.FROZEN),),
        DecisionKind.LIMIT_CUT: ((TermsField.LIMIT, MeasureMode.CAP),),
        DecisionKind.LIMIT_INCREASE: ((TermsField.LIMIT, MeasureMode.INCREASE),),
        DecisionKind.RATE_REDUCTION: ((TermsField.RATE, MeasureMode.REDUCTION),),
        DecisionKind.RATE_RELIEF: ((TermsField.RATE, MeasureMode.REDUCTION),),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A measure that stands: `amount` as the record has it, in the account's currency or as a share of the year."""

    mode: str
    amount: Decimal = Decimal(0)


def effective_value(*, field: str, base: str, standing: Iterable[Standing]) -> str:
    """
    Return the value of a term, as text, for its base and the measures that stand on this term.

    Limits have two decimals, rates five. Collection is the most protective that stands; an active account is frozen while any
    freeze stands; the limit is the base with all increases, under the lowest cap, never negative; the rate is the base less all
    reductions, by `MOST_RATE_OFF` at most, not above the rate of a plan, never negative.
    """
    measures = tuple(standing)
    modes = {measure.mode for measure in measures}
    if field == TermsField.COLLECTION:
        return next((str(mode) for mode in COLLECTION_ORDER if mode in modes), base)
    if field == TermsField.PENALTY:
        return str(MeasureMode.WAIVED) if MeasureMode.WAIVED in modes else base
    if field == TermsField.STATUS:
        is_frozen = MeasureMode.FROZEN in modes and base == AccountStatus.ACTIVE
        return str(AccountStatus.FROZEN) if is_frozen else base
    if field == TermsField.LIMIT:
        raised = Decimal(base) + _sum(measures, MeasureMode.INCREASE)
        caps = [measure.amount for measure in measures if measure.mode == MeasureMode.CAP]
        return f"{max(min([raised, *caps]), Decimal(0)):.2f}"
    off = min(_sum(measures, MeasureMode.REDUCTION), MOST_RATE_OFF)
    ceilings = [measure.amount for measure in measures if measure.mode == MeasureMode.CEILING]
    return f"{max(min([Decimal(base) - off, *ceilings]), Decimal(0)):.5f}"


def _sum(measures: Iterable[Standing], mode: MeasureMode) -> Decimal:
    return sum((measure.amount for measure in measures if measure.mode == mode), Decimal(0))


class Heard(StrEnum):
    """What a value in the portfolio means beside the instructions."""

    AGREES = "AGREES"
    # The core has not carried out what it was instructed, or the row is older than its answer.
    NOT_YET = "NOT_YET"
    # It answered, and shows an earlier value afterwards.
    DIFFERS = "DIFFERS"
    # A value that nobody instructed.
    OWN_ACCORD = "OWN_ACCORD"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermState:
    """
    What is known of one term: values as text, as `AccountTerm` has them.

    `in_flight` are the values of instructions that the core has not answered; `answered_on` is the local day of its last
    answer, None before the first.
    """

    base: str
    effective: str
    held: str
    held_before: str
    in_flight: Collection[str]
    answered_on: date | None


def heard(*, value: str, as_of: date, term: TermState) -> Heard:
    """Return what it means that the core's own file shows `value` for a term on `as_of` (a closing day)."""
    if value == term.effective:
        return Heard.AGREES
    if value in term.in_flight:
        return Heard.NOT_YET
    if value not in (term.base, term.held, term.held_before):
        return Heard.OWN_ACCORD
    if term.in_flight or term.answered_on is None or as_of <= term.answered_on:
        return Heard.NOT_YET
    return Heard.DIFFERS
