"""
The one form of telephone numbers: E.164, with the extension of a switchboard apart.

Numbering plans come from `phonenumbers`. Mobile numbers of mainland China, nearly all numbers of a portfolio, take a
shorter way, since the library needs 60 microseconds for a number. Their prefixes are not compared with those that are
assigned today: new ones are added every year.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

from backoffice.core.canonical.texts import says_nothing, visible

# The country of numbers without a country code where nothing else is said.
DEFAULT_REGION: Final = "CN"
_E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_MAINLAND_MOBILE: Final = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})", re.ASCII)
_MARKS: Final = re.compile(r"[\s\-‐-―−().·/]+")
# Between the numbers of a list. A slash or comma also stands within one number: then neither half is a number.
_BETWEEN_NUMBERS: Final = re.compile(r"[/;,|、\n\r]+|\s+(?:或|和|及|or|and)\s+")
_EXTENSION: Final = re.compile(r"\s*(?:转|轉|分机|分機|内线|ext\.?|extension|x|#)\s*:?\s*(\d{1,6})\s*$", re.IGNORECASE)
# A program that took the column for decimals writes 13900000000.0.
_WHOLE_AS_DECIMAL: Final = re.compile(r"^(\+?\d+)\.0$", re.ASCII)
_TRAILING_DIGITS: Final = re.compile(r"^(.*\d)\s*[-‐-―−]\s*(\d{1,6})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephone:
    """A telephone number as E.164 ("+862155551234"), and the digits dialled after it ("" for none)."""

    number: str
    extension: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTelephones:
    """The telephones of a text, in its order, and the parts of it that are no sound number."""

    telephones: tuple[Telephone, ...]
    unsound: tuple[str, ...] = ()


def read_telephones(*, text: str, region: str) -> ReadTelephones:
    """
    Return the telephones in a cell: one number, or a list with ; , / 、 or a line end between the numbers.

    `region` (ISO 3166, such as CN) is the country of numbers without a country code. A part that is no number of its
    country's plan comes back in `unsound`, as it was written.
    """
    mobile = _MAINLAND_MOBILE.fullmatch(text) if region == "CN" else None
    if mobile:
        return ReadTelephones(telephones=(Telephone(number="+86" + mobile[1]),))
    return _read(visible(text), region)


def canonical_telephone(*, text: str, region: str) -> str:
    """
    Return the number in `text` as E.164 without its extension; what is no sound number comes back as its characters.

    The characters are those of NFKC without spaces, hyphens, points and brackets, so that equal spellings stay equal.
    Of a list the first number counts.
    """
    if _E164.fullmatch(text):
        return text
    found = read_telephones(text=text, region=region).telephones
    return found[0].number if found else _MARKS.sub("", unicodedata.normalize("NFKC", visible(text))).upper()


@lru_cache(maxsize=4096)
def _read(text: str, region: str) -> ReadTelephones:
    if says_nothing(text):
        return ReadTelephones(telephones=())
    text = _WHOLE_AS_DECIMAL.sub(r"\1", unicodedata.normalize("NFKC", text).lstrip("'").strip())
    whole = _one(text, region)
    if whole is not None:
        return ReadTelephones(telephones=(whole,))
    found: dict[Telephone, None] = {}
    unsound = []
    for part in map(str.strip, _BETWEEN_NUMBERS.split(text)):
        if says_nothing(part):
            continue
        telephone = _one(part, region)
        # Two whole numbers with nothing but a space between them.
        telephones = [telephone] if telephone else [_one(word, region) for word in part.split()]
        if all(telephones):
            found.update(dict.fromkeys(filter(None, telephones)))
        else:
            unsound.append(part)
    if not found and unsound:
        unsound = [text]
    return ReadTelephones(telephones=tuple(found), unsound=tuple(unsound))


def _one(text: str, region: str) -> Telephone | None:
    """Return the one telephone that `text` is, or None."""
    written = _EXTENSION.search(text)
    if written:
        number = _number(text[: written.start()], region)
        return Telephone(number=number, extension=written[1]) if number else None
    number = _number(text, region)
    if number:
        return Telephone(number=number)
    # 021-55551234-801: the number itself is sound, the digits after its last hyphen are the extension.
    tail = _TRAILING_DIGITS.match(text)
    number = _number(tail[1], region) if tail else ""
    return Telephone(number=number, extension=tail[2]) if tail and number else None


def _number(text: str, region: str) -> str:
    """Return one number without extension as E.164, or "" if it is not sound."""
    plain = _MARKS.sub("", text)
    if not re.fullmatch(r"\+?\d{5,17}", plain, re.ASCII) or _holds_two(text):
        return ""
    if region == "CN" and (mobile := _MAINLAND_MOBILE.fullmatch(plain)):
        return "+86" + mobile[1]
    try:
        # 00 is dialled before a country code from most countries, China among them.
        parsed = phonenumbers.parse("+" + plain[2:] if plain.startswith("00") else plain, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _holds_two(text: str) -> bool:
    """Return whether a mark that separates numbers stands between digits."""
    return re.search(r"\d\s*[/;,|、]\s*\+?\d", text) is not None
