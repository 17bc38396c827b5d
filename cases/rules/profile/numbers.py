"""Numbers as lenders write them: with the marks that the profile names, or refused; never guessed."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from cases.rules.profile import refusals
from cases.rules.profile.refusals import Refused

LONGEST: Final = 40
# Currencies without a smaller unit (ISO 4217).
WHOLE_CURRENCIES: Final = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"})
_PLAIN: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
# Spreadsheets and R write round numbers so; read only if the profile allows exponents.
_EXPONENT: Final = re.compile(r"[+-]?\d(\.\d*)?[eE]\+?\d{1,2}", re.ASCII)
_IN_BRACKETS: Final = re.compile(r"\(\s*([^()+-]+)\s*\)")
_MINUS_BEHIND: Final = re.compile(r"([^+-]+)-")
_DIGITS_AND_MARKS: Final = re.compile(r"[+-]?[\d.,'’٫٬ _]*\d[\d.,'’٫٬ _]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberMarks:
    """The marks of a profile: before the decimals, between groups of three digits, and texts that are taken off."""

    decimal: str = "."
    thousands: str = ","
    exponents: bool = False
    strip: tuple[str, ...] = ()


def read_number(*, text: str, marks: NumberMarks) -> Decimal:
    """
    Return the number that `text` is. Negative are -5, 5- and (5), as bookkeeping systems write them.

    :raises Refused: if it is none, or has marks that the profile does not name: 12,00 is not 1200 where a comma stands
        between thousands. NaN, Infinity and, unless the profile allows them, exponents are none.
    """
    if marks.decimal == "." and len(text) <= LONGEST and _PLAIN.fullmatch(text):
        # Most cells are plain numbers already.
        return Decimal(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    for mark in marks.strip:
        text = text.replace(mark, "")
    # A spreadsheet puts an apostrophe before a number that is kept as text.
    text = text.strip().lstrip("'")
    negative = _IN_BRACKETS.fullmatch(text) or _MINUS_BEHIND.fullmatch(text)
    if negative:
        text = "-" + negative[1].strip()
    if len(text) > LONGEST:
        raise Refused(refusals.NOT_A_NUMBER)
    if _with_marks(marks.decimal, marks.thousands).fullmatch(text):
        if marks.thousands:
            text = text.replace(marks.thousands, "")
        return Decimal(text.replace(marks.decimal, "."))
    if marks.exponents and _EXPONENT.fullmatch(text.replace(marks.decimal, ".")):
        return Decimal(text.replace(marks.decimal, "."))
    if _EXPONENT.fullmatch(text):
        raise Refused(refusals.EXPONENT)
    if _DIGITS_AND_MARKS.fullmatch(text):
        raise Refused(refusals.OTHER_MARKS, decimal=marks.decimal, thousands=marks.thousands)
    raise Refused(refusals.NOT_A_NUMBER)


@lru_cache(maxsize=64)
def _with_marks(decimal: str, thousands: str) -> re.Pattern[str]:
    group = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|" if thousands else ""
    point = re.escape(decimal)
    return re.compile(rf"[+-]?(?:(?:{group}\d+)(?:{point}\d*)?|{point}\d+)", re.ASCII)


def with_decimals(*, value: Decimal, decimals: int, rounds: bool, is_scaled: bool) -> Decimal:
    """
    Return `value` with at most `decimals` decimals; further ones must be noughts, unless `rounds` (half away from 0).

    Exactly three decimals are refused even if they are noughts, unless the value was scaled: 100.000 may be a hundred
    thousand with a mark that the profile does not name.

    :raises Refused: if digits would be lost.
    """
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -decimals:
        return value
    shorter = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if rounds or (shorter == value and (is_scaled or exponent != -3)):
        return shorter
    raise Refused(refusals.TOO_MANY_DECIMALS, decimals=str(decimals))


def is_whole(*, value: Decimal) -> bool:
    """Return whether a number has no decimals but noughts."""
    return value == value.to_integral_value()
