"""How heavy a contradiction is, which sign it gives, and the one document that would decide it. A table of house values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from cases.enums import SignalKind
from visits.contradiction_enums import Origin, Subject
from visits.enums import DocumentKind
from visits.rules.contradictions.claims import Claim

_WHO: Final = (DocumentKind.IDENTITY_CARD, DocumentKind.HOUSEHOLD_REGISTER, DocumentKind.SOCIAL_SECURITY)
_WHERE: Final = (DocumentKind.RESIDENCE_PERMIT, DocumentKind.UTILITY_BILL, DocumentKind.LEASE)
_WORKS_AT: Final = (DocumentKind.SOCIAL_SECURITY, DocumentKind.HOUSING_FUND, DocumentKind.INCOME_PROOF)
_EARNS: Final = (DocumentKind.BANK_STATEMENT, DocumentKind.INCOME_PROOF, DocumentKind.SOCIAL_SECURITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """`weight` is a share 0 to 1. The first of `deciders` that is neither of the two sources decides."""

    weight: Decimal
    signal: SignalKind
    deciders: tuple[DocumentKind, ...]


def _row(weight: str, signal: SignalKind, *deciders: DocumentKind) -> Consequence:
    return Consequence(weight=Decimal(weight), signal=signal, deciders=deciders)


CONSEQUENCES: Final[Mapping[Subject, Consequence]] = MappingProxyType(
    {
        Subject.NAME: _row("0.70", SignalKind.FALSE_IDENTITY, *_WHO),
        Subject.ID_NUMBER: _row("0.85", SignalKind.FALSE_IDENTITY, *_WHO),
        Subject.LIFE: _row("0.90", SignalKind.FALSE_IDENTITY, *_WHO),
        Subject.IDENTITY_VERDICT: _row("0.60", SignalKind.FALSE_IDENTITY, *_WHO),
        Subject.HOME: _row("0.60", SignalKind.FALSE_ADDRESS, *_WHERE),
        Subject.PLACE: _row("0.50", SignalKind.FALSE_ADDRESS, *_WHERE),
        Subject.RESIDENCE_VERDICT: _row("0.50", SignalKind.FALSE_ADDRESS, *_WHERE),
        # Cards are not renewed at a move of the household: the register says where it is now.
        Subject.REGISTERED: _row(
            "0.30", SignalKind.FALSE_ADDRESS, DocumentKind.HOUSEHOLD_REGISTER, DocumentKind.RESIDENCE_PERMIT
        ),
        Subject.EMPLOYER: _row("0.60", SignalKind.FALSE_EMPLOYER, *_WORKS_AT),
        Subject.WORK: _row("0.60", SignalKind.FALSE_EMPLOYER, *_WORKS_AT, DocumentKind.BANK_STATEMENT),
        Subject.INCOME: _row("0.50", SignalKind.FALSE_INCOME, *_EARNS),
        Subject.RENT: _row("0.40", SignalKind.FALSE_INCOME, *_EARNS),
        Subject.CAPACITY_VERDICT: _row("0.40", SignalKind.FALSE_INCOME, *_EARNS),
        # Married people own together: the certificate says whether it is the spouse's.
        Subject.TITLE: _row("0.40", SignalKind.DOCUMENT_DOUBTFUL, DocumentKind.MARRIAGE_CERTIFICATE),
        Subject.PROPERTY: _row("0.70", SignalKind.DOCUMENT_DOUBTFUL, DocumentKind.PROPERTY_DEED),
        Subject.VEHICLE: _row("0.70", SignalKind.DOCUMENT_DOUBTFUL, DocumentKind.VEHICLE_REGISTRATION),
    }
)
# Kept by others than the borrower: what they say weighs more.
INDEPENDENT: Final = frozenset(
    {
        DocumentKind.SOCIAL_SECURITY,
        DocumentKind.HOUSING_FUND,
        DocumentKind.RESIDENCE_PERMIT,
        DocumentKind.BANK_STATEMENT,
    }
)
INDEPENDENT_ADDS: Final = Decimal("0.10")
# One character or digit off is first of all a misreading.
NEAR: Final = Decimal("0.40")
# An application of more than a year ago may have been true.
OLD_APPLICATION: Final = timedelta(days=365)
OLD_COUNTS: Final = Decimal("0.70")
# A base of contributions is a weak witness of income.
BASE_WEIGHT: Final = Decimal("0.40")
INCOME_STEP, INCOME_MOST = Decimal("0.10"), Decimal("0.80")
MOST: Final = Decimal("0.95")
_CENT: Final = Decimal("0.01")


def weight_of(*, left: Claim, right: Claim, is_near: bool, times: Decimal, has_base: bool) -> Decimal:
    """
    Return how heavy a contradiction of two claims is, a share 0 to 1.

    `is_near`: the values are one misreading apart. `times`: how many times one income is the other; 1 for other subjects.
    """
    weight = CONSEQUENCES[left.subject].weight
    if is_near:
        weight = NEAR
    elif has_base:
        weight = BASE_WEIGHT
    elif times > 1:
        weight = min(weight + INCOME_STEP * (times - 1), INCOME_MOST)
    if {left.source, right.source} & INDEPENDENT:
        weight += INDEPENDENT_ADDS
    if _is_old(left, right):
        weight *= OLD_COUNTS
    return min(weight, MOST).quantize(_CENT)


def decider_of(*, left: Claim, right: Claim) -> DocumentKind:
    """Return the kind of document that would decide between two claims: one that is neither of them, where there is one."""
    deciders = CONSEQUENCES[left.subject].deciders
    return next((kind for kind in deciders if kind not in (left.source, right.source)), deciders[0])


def _is_old(left: Claim, right: Claim) -> bool:
    if Origin.APPLICATION not in (left.source, right.source) or left.on is None or right.on is None:
        return False
    return abs(left.on - right.on) > OLD_APPLICATION
