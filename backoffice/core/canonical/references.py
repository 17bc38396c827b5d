"""The one form of references: account numbers, customer numbers, transaction numbers."""

import re
import unicodedata
from typing import Final

from backoffice.core.canonical.texts import visible

# A text of these characters alone is in its form already: ASCII without space, apostrophe, point and plus sign.
PLAIN: Final = re.compile(r"[!-&(-*,/-~-]+", re.ASCII)
_ROUNDED: Final = re.compile(r"[+-]?\d(\.\d*)?[eE]\+\d{1,3}", re.ASCII)
_WHOLE_AS_DECIMAL: Final = re.compile(r"(\d+)\.0+", re.ASCII)


def canonical_reference(*, text: str) -> str:
    """
    Return a reference in its one form: no invisible characters, one space between words, full-width forms folded.

    The apostrophe that a spreadsheet puts before a number kept as text is taken off, and so is the ".0" that a program
    writes after a whole number. Letter case and leading zeros stay: systems tell references apart by them.
    """
    text = visible(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = " ".join(text.split()).lstrip("'").lstrip()
    whole = _WHOLE_AS_DECIMAL.fullmatch(text)
    return whole[1] if whole else text


def is_rounded(*, text: str) -> bool:
    """Return whether a spreadsheet has written a long number as 6.22848E+18, so that its last digits are lost."""
    return _ROUNDED.fullmatch(text) is not None
