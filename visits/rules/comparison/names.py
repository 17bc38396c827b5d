"""Whether two names or identity numbers can be one person's."""

import re
import unicodedata
from typing import Final

from backoffice.core.canonical.identity_numbers import canonical_identity_number, folded_number
from backoffice.core.canonical.texts import is_chinese, says_nothing, visible
from visits.rules.comparison.matching import Match

# Between the parts of names of minorities and foreigners, in many forms.
_DOTS: Final = re.compile(r"[\s·•・‧∙.\-'’]")

_HIDDEN: Final = "*"


def compare_names(*, left: str, right: str) -> Match:
    """
    Return whether two names can be one person's: without blanks, dots, case and width; Latin names in any order of their words.

    UNKNOWN if one is empty or masked (张*), or one is in Chinese and the other is not.
    """
    if says_nothing(left) or says_nothing(right) or _HIDDEN in left + right:
        return Match.UNKNOWN
    if is_chinese(left) != is_chinese(right):
        return Match.UNKNOWN
    return Match.SAME if _folded_name(left) == _folded_name(right) else Match.DIFFERENT


def compare_id_numbers(*, left: str, right: str) -> Match:
    """
    Return whether two identity numbers are one; one of 15 digits counts as its long form.

    UNKNOWN if one is empty or masked, or one is a resident's and the other a passport's: a person can have both.
    """
    first, second = (canonical_identity_number(number=folded_number(number=each)) for each in (left, right))
    if not first or not second or _HIDDEN in first + second:
        return Match.UNKNOWN
    if _is_of_other_document(first) != _is_of_other_document(second):
        return Match.UNKNOWN
    return Match.SAME if first.upper() == second.upper() else Match.DIFFERENT


def is_near(*, left: str, right: str) -> bool:
    """Return whether two texts differ in one character or in two neighbours that changed places: first of all a misreading."""
    first, second = _folded_name(left), _folded_name(right)
    if len(first) != len(second) or len(first) < 2:
        return False
    odd = [position for position, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    swapped = (
        len(odd) == 2 and odd[1] == odd[0] + 1 and first[odd[0]] == second[odd[1]] and first[odd[1]] == second[odd[0]]
    )
    return len(odd) == 1 or swapped


def _folded_name(name: str) -> str:
    text = unicodedata.normalize("NFKC", visible(name)).casefold()
    if is_chinese(text):
        return _DOTS.sub("", text)
    return " ".join(sorted(word for word in _DOTS.sub(" ", text.replace(",", " ")).split() if word))


def _is_of_other_document(number: str) -> bool:
    """Return whether a number has letters that no resident's identity number has: only its last character can be X."""
    return any(letter.isalpha() for letter in number[:-1])
