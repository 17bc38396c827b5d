"""
Dates and moments as lenders write them: year first, as the day number of a spreadsheet, or by a format of strptime.

What can be read in one way only is read without being named. Day first and month first are read only by a format that the
profile names: nobody can tell 03/04/2026 apart.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from cases.rules.profile import refusals
from cases.rules.profile.refusals import Refused

# Words among `formats` that are no format of strptime: day numbers that count from 1900, or from 1904.
EXCEL: Final = "excel"
EXCEL_1904: Final = "excel1904"
_DAY_NUMBER: Final = re.compile(r"\d{1,7}(\.\d*)?", re.ASCII)
# Day numbers from 1927 to 2119, with the fraction of a day.
_LIKELY_DAY_NUMBER: Final = re.compile(r"[1-7]\d{4}(\.\d*)?", re.ASCII)
# No day number has so many digits.
_DAY_AS_DECIMAL: Final = re.compile(r"(\d{8})\.0+", re.ASCII)
_FOURTEEN_DIGITS: Final = re.compile(r"\d{14}", re.ASCII)
_TOGETHER: Final = "%Y%m%d%H%M%S"
# 0000-00-00 and the like, which databases keep where there is no day.
_NO_DAY: Final = re.compile(r"0[0/\-. :T]*", re.ASCII)
_AFTER_LAST_DAY: Final = 2_958_466
_INVENTED_DAY: Final = 60
_YEAR_FIRST: Final = re.compile(
    r"(?:(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年 ?(\d{1,2})月 ?(\d{1,2})日)|(\d{4})(\d{2})(\d{2}))"
    r"(?:(?:[T ] *|(?<=日))(\d.*))?",
    re.ASCII,
)
# Tried in order, to say which format a refused text seems to have.
_COMMON: Final = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%Y年%m月%d日",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b-%Y",
    "%Y-%m",
    "%Y/%m",
    "%Y年%m月",
    "%Y%m",
)
_DAY_OR_MONTH_FIRST: Final = tuple(
    (f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}") for year in ("%Y", "%y") for mark in "/.-"
)
# Between the formats of a refusal.
_BETWEEN: Final = " / "
_TIMES: Final = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S%z", " %H:%M:%S%z")


def plain_text(text: str) -> str:
    """Return a text without what spreadsheets and programs add: 2026-03-02 for '2026-03-02, 20260302 for 20260302.0."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.lstrip("'")
    whole = _DAY_AS_DECIMAL.fullmatch(text)
    return whole[1] if whole else text


def by_formats(formats: tuple[str, ...]) -> Callable[[str], datetime | None]:
    """Return the function that reads a text by the first of `formats` that fits; None if none does."""

    def read(text: str) -> datetime | None:
        for pattern in formats:
            if pattern in (EXCEL, EXCEL_1904):
                moment = moment_of_day_number(text, is_1904=pattern == EXCEL_1904)
            else:
                moment = _by_format(text, pattern)
            if moment is not None:
                return moment
        return None

    return read


def moment_of_day_number(text: str, *, is_1904: bool) -> datetime | None:
    """
    Return a spreadsheet's count of days as a moment, to the second; None for a text that is no such count.

    Counting from 1900, day 60 is a 29 February that did not exist: None. A spreadsheet has no time zone.
    """
    if not _DAY_NUMBER.fullmatch(text):
        return None
    days = float(text)
    if days >= _AFTER_LAST_DAY:
        return None
    if is_1904:
        first = date(1904, 1, 1)
    elif _INVENTED_DAY <= days < _INVENTED_DAY + 1:
        return None
    else:
        first = date(1899, 12, 30 if days > _INVENTED_DAY else 31)
    return datetime.combine(first, time()) + timedelta(seconds=round(days * 86_400))


def year_first(text: str) -> datetime | None:
    """
    Return a text with the year first as a moment, with its offset if it has one; None if it is no such text.

    2026-11-20, 2026/11/20, 2026.11.20, 20261120 and 2026年11月20日, each also with a time after it.
    """
    if text[4:5] == "-" and text[5:6].isdigit():
        # Most texts are ISO already, and a file may hold a million different moments.
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    found = _YEAR_FIRST.fullmatch(text)
    if found is None:
        return None
    year, _mark, *parts, clock = found.groups(default="")
    numbers = [part for part in (year, *parts) if part]
    if clock[1:2] == ":":
        clock = "0" + clock
    try:
        return datetime.fromisoformat("{:0>4}-{:0>2}-{:0>2}".format(*numbers) + (f"T{clock}" if clock else ""))
    except ValueError:
        return None


def day_year_first(text: str) -> date | None:
    """Return a text with the year first as a day; None if it is no such text, or has a time other than midnight."""
    moment = year_first(text)
    return moment.date() if moment is not None and moment.tzinfo is None and moment.time() == time() else None


def refused_date(text: str, *, reason: str, formats: tuple[str, ...]) -> Refused:
    """
    Return the refusal of a text that is no date as `formats` say, with the remedy where one can be guessed.

    `reason` is the refusal without a guess.
    """
    named = _BETWEEN.join(formats)
    guessed, params = _guess(text, named)
    return Refused(guessed or reason, **(params if guessed else {"formats": named}))


# A whole column may be refused, and a guess tries some sixty formats.
@lru_cache(maxsize=4096)
def _guess(text: str, formats: str) -> tuple[str, dict[str, str]]:
    if _LIKELY_DAY_NUMBER.fullmatch(text):
        return refusals.A_DAY_NUMBER, {}
    if _NO_DAY.fullmatch(text):
        return refusals.DATE_OUT_OF_RANGE, {}
    named = formats.split(_BETWEEN)
    if _FOURTEEN_DIGITS.fullmatch(text) and _TOGETHER not in named and _by_format(text, _TOGETHER):
        return refusals.DATE_OF_OTHER_FORMAT, {"formats": formats, "likely": _TOGETHER}
    for clock in _TIMES:
        for pattern in _COMMON:
            if pattern + clock not in named and _by_format(text, pattern + clock):
                return refusals.DATE_OF_OTHER_FORMAT, {"formats": formats, "likely": pattern + clock}
        for pair in _DAY_OR_MONTH_FIRST:
            fitting = [pattern + clock for pattern in pair if _by_format(text, pattern + clock)]
            if len(fitting) == 2:
                return refusals.DAY_OR_MONTH_FIRST, {"first": fitting[0], "other": fitting[1]}
            if fitting and fitting[0] not in named:
                return refusals.DATE_OF_OTHER_FORMAT, {"formats": formats, "likely": fitting[0]}
    return "", {}


def is_format(text: str) -> bool:
    """Return whether `text` may stand among the `formats` of a field: a word for day numbers, or one of strptime."""
    if text in (EXCEL, EXCEL_1904):
        return True
    try:
        datetime.strptime("", text)  # noqa: DTZ007  only the format is looked at
    except ValueError as error:
        return "%" in text and "does not match" in str(error)
    return False


def _by_format(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007  the zone is set by the caller, dates have none
    except ValueError:
        return None
