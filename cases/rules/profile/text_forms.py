"""Forms that texts of a field must have: names of people, codes of currencies."""

import re
from typing import Final

from cases.rules.profile import refusals

# What stands for a character that the encoding of an export did not have.
_NOT_IN_NAMES: Final = re.compile("[?？\ufffd]")
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
# Names of the trade that are no codes.
_NO_CURRENCIES: Final = frozenset({"RMB", "NTD"})


def form_problem(*, form: str, text: str) -> str:
    """
    Return why a text does not have the form of its field, "" if it has.

    `form` is "name", "currency", or "" for any text. A currency that no policy can convert would meet no rule.
    """
    if form == "name":
        spoilt = text and (_NOT_IN_NAMES.search(text) or not any(map(str.isalpha, text)))
        return refusals.NOT_A_NAME if spoilt else ""
    if form == "currency":
        return refusals.NOT_A_CURRENCY if not _CURRENCY.fullmatch(text) or text in _NO_CURRENCIES else ""
    return ""
