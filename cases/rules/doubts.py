"""What a doubtful value is a sign of, and what becomes of it when a person has looked at it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cases.enums import SignalKind
from cases.rules.profile.refusals import CONTROL_CHARACTER, ROUNDED, TOO_LONG

SOURCE_OF_FILES: Final = "INTAKE"
SOURCE_OF_DESK: Final = "DESK"
# Signals of two sources that cannot both be true; the two follow behind a colon.
SOURCE_OF_CONTRADICTIONS: Final = "CONTRADICTION"
# A number that does not add up is first of all a slip of the pen; confirmed by a person it carries a visit (table b: 0.7).
UNCONFIRMED: Final = Decimal("0.50")
CONFIRMED: Final = Decimal("0.80")
# By field, else by section.
_KINDS: Final = {
    "addresses": SignalKind.FALSE_ADDRESS,
    "application.employer": SignalKind.FALSE_EMPLOYER,
    "application.monthly_income": SignalKind.FALSE_INCOME,
    "application.monthly_expenses": SignalKind.FALSE_INCOME,
    "application.stated_on": SignalKind.DOCUMENT_DOUBTFUL,
}
# What happened to the export says nothing about the borrower.
_FAULTS_OF_EXPORT: Final = frozenset({ROUNDED, CONTROL_CHARACTER, TOO_LONG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A suspicion signal: its kind, and how sure it is (0 to 1)."""

    kind: SignalKind
    confidence: Decimal


def sign_at_intake(*, field: str, reason: str) -> Sign | None:
    """Return the sign that a doubtful value gives by itself; None if it gives none before a person has confirmed it."""
    if field == "borrower.id_number" and reason not in _FAULTS_OF_EXPORT:
        return Sign(kind=SignalKind.FALSE_IDENTITY, confidence=UNCONFIRMED)
    return None


def sign_when_false(*, field: str) -> Sign:
    """Return the sign of a value that a person has found to be false."""
    section = field.partition(".")[0]
    return Sign(kind=_KINDS.get(field) or _KINDS.get(section, SignalKind.FALSE_IDENTITY), confidence=CONFIRMED)


def field_of(*, key: str) -> str:
    """Return the field that a key of a profile names, without the number of its block: phones[2].number."""
    section, bracket, rest = key.partition("[")
    return section + rest.partition("]")[2] if bracket else key


# Fields whose value can be corrected here, since the borrower's record holds it.
CORRECTABLE: Final = frozenset({"borrower.name", "borrower.id_number", "phones.number", "addresses.line"})
