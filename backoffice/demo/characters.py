"""Behaviour types of the demo's borrowers. The product never reads them; the demo chooses reactions by them."""

from enum import StrEnum
from itertools import accumulate
from random import Random


class Character(StrEnum):
    """How a borrower pays and how they answer contact."""

    PUNCTUAL = "PUNCTUAL"
    FORGETFUL = "FORGETFUL"
    IN_HARDSHIP = "IN_HARDSHIP"
    UNREACHABLE = "UNREACHABLE"
    EVASIVE = "EVASIVE"
    FALSE_DATA = "FALSE_DATA"
    DISPUTING = "DISPUTING"


# Per character: its share in percent, and the range of its days past due. About 30 % are overdue.
SHARES = {
    Character.PUNCTUAL: (70.0, (0, 0)),
    Character.FORGETFUL: (12.0, (1, 62)),
    Character.IN_HARDSHIP: (7.0, (31, 175)),
    Character.UNREACHABLE: (4.5, (45, 185)),
    Character.EVASIVE: (3.5, (45, 185)),
    Character.FALSE_DATA: (1.5, (35, 150)),
    Character.DISPUTING: (1.5, (31, 100)),
}
_KINDS = tuple(SHARES)
_WEIGHTS = tuple(accumulate(share for share, _days in SHARES.values()))


HOUSEHOLD_EVERY = 20


def borrower_of(*, external_ref: str) -> str:
    """Return the borrower's reference (D000001) for a borrower's or an account's reference (D000001-1)."""
    return external_ref.partition("-")[0]


def head_of_household(*, external_ref: str) -> str:
    """
    Return the reference of the borrower at whose home somebody lives, by the borrower's or an account's reference.

    One borrower in twenty lives with the one numbered before; everybody else is named themselves.
    """
    ref = borrower_of(external_ref=external_ref)
    number = int(ref.removeprefix("D"))
    return ref if number % HOUSEHOLD_EVERY else f"D{number - 1:07d}"


def character_of(*, external_ref: str, seed: int) -> Character:
    """
    Return the character of a borrower, by the borrower's or an account's reference; the same for the same seed.

    Who lives together shares it, as a household shares its income.
    """
    random = Random(f"{seed}:character:{head_of_household(external_ref=external_ref)}")
    return random.choices(_KINDS, cum_weights=_WEIGHTS)[0]
