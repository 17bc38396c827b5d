"""
The one form of identity numbers, and the structure of Chinese ones (GB 11643): what a number says of itself.

A sound number proves nothing about who holds the card, and an unsound one is first of all a reading
error. The region is looked at by shape only, because numbers keep the code of districts that are gone.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from operator import mul

from django.utils.translation import gettext_noop as _

from backoffice.core.canonical.texts import visible

CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
_DIGIT_OFFSET = 48 * sum(CHECK_WEIGHTS)
OLDEST_YEARS = 130

# GB/T 2260, first two digits.
PROVINCES = frozenset(
    str(code)
    for codes in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55), range(61, 66), (71,))
    for code in codes
)
RESIDENCE_PERMIT_REGIONS = {"810000": "HONG_KONG", "820000": "MACAO", "830000": "TAIWAN"}
TEST_REGION = "999999"


class NumberKind(StrEnum):
    """Whose number it is, by its first digits."""

    RESIDENT = "RESIDENT"
    RESIDENT_15 = "RESIDENT_15"
    HONG_KONG = "HONG_KONG"
    MACAO = "MACAO"
    TAIWAN = "TAIWAN"
    FOREIGN_RESIDENT = "FOREIGN_RESIDENT"
    TEST = "TEST"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityReading:
    """
    What follows from a number. `problem` is None if its check character fits, else what to look at again.

    The other fields are filled as far as the number could be read. `sex` is "M" or "F".
    """

    number: str
    kind: NumberKind | None = None
    region: str = ""
    born_on: date | None = None
    sex: str = ""
    problem: str | None = None


def folded_number(*, number: str) -> str:
    """Return `number` without blanks, hyphens and leading apostrophes, full-width forms folded, letters in capitals."""
    if not number.isascii():
        number = unicodedata.normalize("NFKC", visible(number))
    return "".join(number.split()).replace("-", "").lstrip("'").upper()


def canonical_identity_number(*, number: str) -> str:
    """
    Return the one form of the number of any identity document: folded, a resident's number of 15 digits as 18.

    Numbers of other documents, and numbers that do not add up, are folded only.
    """
    return long_form(number=folded_number(number=number))


def check_character(*, body: str) -> str:
    """
    Return the check character of GB 11643 (ISO 7064 MOD 11-2) for the first 17 digits.

    :raises ValueError: if `body` is not 17 digits.
    """
    if len(body) != len(CHECK_WEIGHTS) or not _is_digits(body):
        raise ValueError("The body of an identity number has 17 digits.")
    # The byte of an ASCII digit is its value plus 48.
    return CHECK_CHARACTERS[(sum(map(mul, body.encode(), CHECK_WEIGHTS)) - _DIGIT_OFFSET) % 11]


def read_identity_number(*, number: str, on: date) -> IdentityReading:
    """
    Return what follows from an identity number of 18 or 15 characters on the day `on`.

    Covers residents, the residence permits of Hong Kong, Macao and Taiwan residents (810000, 820000,
    830000), foreign permanent residents (first digit 9) and the test region 999999 that belongs to
    nobody. Never raises: a number that does not add up comes back with its `problem`.
    """
    text = folded_number(number=number)
    if len(text) == 18 and _is_digits(text[:17]) and (_is_digits(text[17]) or text[17] == "X"):
        region, birth, sequence = text[:6], text[6:14], text[14:17]
        kind = _kind_of(region=region)
    elif len(text) == 15 and _is_digits(text):
        # The short form ended in 1999; its births are of the 20th century.
        region, birth, sequence = text[:6], "19" + text[6:12], text[12:15]
        kind = NumberKind.RESIDENT_15 if region[:2] in PROVINCES else None
    else:
        return IdentityReading(number=text, problem=_("Not 18 or 15 characters of an identity number."))
    born_on = _date_of(birth)
    problem: str | None = None
    if kind is None:
        problem = _("The region code has no province.")
    elif born_on is None:
        problem = _("The date of birth does not exist.")
    elif not date(on.year - OLDEST_YEARS, 1, 1) <= born_on <= on:
        problem = _("The date of birth is in the future or too long ago.")
    elif len(text) == 18 and check_character(body=text[:17]) != text[17]:
        problem = _("The check digit does not match.")
    return IdentityReading(
        number=text,
        kind=kind,
        region=region,
        born_on=born_on,
        sex="M" if int(sequence[-1]) % 2 else "F",
        problem=problem,
    )


def long_form(*, number: str) -> str:
    """Return the 18 characters of a resident's number of 15 digits; any other number comes back folded."""
    text = folded_number(number=number)
    if len(text) != 15 or not _is_digits(text) or text[:2] not in PROVINCES or _date_of("19" + text[6:12]) is None:
        return text
    body = f"{text[:6]}19{text[6:]}"
    return body + check_character(body=body)


def _kind_of(*, region: str) -> NumberKind | None:
    if region == TEST_REGION:
        return NumberKind.TEST
    if region in RESIDENCE_PERMIT_REGIONS:
        return NumberKind(RESIDENCE_PERMIT_REGIONS[region])
    if region[:2] in PROVINCES:
        return NumberKind.RESIDENT
    # 9, then the province of application, then the nationality.
    if region[0] == "9" and region[1:3] in PROVINCES:
        return NumberKind.FOREIGN_RESIDENT
    return None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


@lru_cache(maxsize=1 << 15)
def _date_of(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
