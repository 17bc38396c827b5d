"""What a column of a sample looks like: its first values, empty cells, and whether they are dates, money, telephones or others."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from backoffice.core.canonical.texts import says_nothing

DATE_FORMATS: Final = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y年%m月%d日",
    "%Y.%m.%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%b %d, %Y",
    "%d %b %Y",
    "%Y-%m",
    "%Y/%m",
    "%Y年%m月",
    "%Y%m",
    "%b-%Y",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y%m%d%H%M%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
)
# strptime reads fewer digits than a format means; a text of digits alone fits one of them by its length.
_DIGITS: Final = {"%Y%m%d": 8, "%Y%m": 6, "%Y%m%d%H%M%S": 14}
# Marks around numbers, longer ones first.
MARKS: Final = (
    "人民币",
    "NT$",
    "HK$",
    "US$",
    "RMB",
    "CNY",
    "USD",
    "万元",
    "¥",
    "￥",
    "$",
    "元",
    "天",
    "日",
    "期",
    "万",
)
_TENTHOUSAND: Final = ("万元", "万")
_NUMBER: Final = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|[+-]?\.\d+", re.ASCII)
_PHONE: Final = re.compile(r"(\+?86|0086)?1[3-9]\d{9}|0\d{2,3}\d{7,8}(转?\d{1,6})?", re.ASCII)
_ID_NUMBER: Final = re.compile(r"\d{17}[\dXx]|\d{15}", re.ASCII)
# This share of the values decides what the column looks like; the others are problems of their rows.
_MOST: Final = 0.6
SHOWN_VALUES: Final = 5
KEPT_VALUES: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """
    What the values of a column look like.

    `kind` is empty, date, number, phone, id_number or text. `formats` are those of dates, the most frequent first.
    `strip` are marks around numbers, `scale` is 10000 if all are written in ten thousands, `percent` tells whether they
    have percent signs, `largest` is the largest number.
    """

    kind: str = ""
    formats: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    scale: int | None = None
    percent: bool = False
    largest: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a sample: `values` are its first distinct ones (at most 60), `empty` is the share of empty cells from 0 to 1."""

    name: str
    values: tuple[str, ...]
    distinct: int
    empty: float
    looks: Looks


def columns_of(*, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """Return the columns of a sample in their order; a header that stands twice gives two columns of one name."""
    found = []
    for position, name in enumerate(header):
        cells = [row[position].strip() if position < len(row) else "" for row in rows]
        filled = [cell for cell in cells if cell]
        distinct = list(dict.fromkeys(filled))
        found.append(
            Column(
                name=name,
                values=tuple(distinct[:KEPT_VALUES]),
                distinct=len(distinct),
                empty=1 - len(filled) / len(cells) if cells else 1.0,
                looks=looks_of(values=filled),
            )
        )
    return found


def looks_of(*, values: Sequence[str]) -> Looks:
    """Return what most of the filled cells of a column look like; words such as NULL and - count as empty."""
    plain = [unicodedata.normalize("NFKC", value).strip() for value in values if not says_nothing(value)]
    if not plain:
        return Looks()
    enough = _MOST * len(plain)
    if sum(1 for value in plain if _ID_NUMBER.fullmatch(value)) >= enough:
        return Looks(kind="id_number")
    formats = date_formats(values=plain)
    if formats:
        return Looks(kind="date", formats=formats)
    if sum(1 for value in plain if _PHONE.fullmatch(re.sub(r"[\s\-().]", "", value))) >= enough:
        return Looks(kind="phone")
    return _numbers(plain, enough) or Looks(kind="text")


def date_formats(*, values: Sequence[str]) -> tuple[str, ...]:
    """Return the fewest known formats that read most of the values, the one that reads the most first; none if they are no dates."""
    left, chosen = list(values), []
    while left:
        fitting = {pattern: sum(1 for value in left if _is_date(value, pattern)) for pattern in DATE_FORMATS}
        best = max(DATE_FORMATS, key=lambda pattern: fitting[pattern])
        if not fitting[best]:
            break
        chosen.append(best)
        left = [value for value in left if not _is_date(value, best)]
    return tuple(chosen) if values and len(values) - len(left) >= _MOST * len(values) else ()


def _is_date(value: str, pattern: str) -> bool:
    if pattern in _DIGITS and len(value) != _DIGITS[pattern]:
        return False
    try:
        return 1900 <= datetime.strptime(value, pattern).year < 2100  # noqa: DTZ007  only tried, not kept
    except ValueError:
        return False


def _numbers(values: Sequence[str], enough: float) -> Looks | None:
    numbers, marks, percent, tenthousands = [], set(), False, 0
    for value in values:
        text, found = value.replace(" ", ""), set()
        is_percent = "%" in text
        text = text.replace("%", "")
        for mark in MARKS:
            if mark in text:
                text = text.replace(mark, "")
                found.add(mark)
        if _NUMBER.fullmatch(text):
            numbers.append(Decimal(text.replace(",", "")))
            marks |= found
            percent = percent or is_percent
            tenthousands += bool(found & set(_TENTHOUSAND))
    if len(numbers) < enough:
        return None
    # Where only some values are in ten thousands the mark stays, and those rows are rejected: no one factor is right.
    in_tenthousands = tenthousands == len(numbers)
    if not in_tenthousands:
        marks -= set(_TENTHOUSAND)
    return Looks(
        kind="number",
        strip=tuple(mark for mark in MARKS if mark in marks),
        scale=10_000 if in_tenthousands else None,
        percent=percent,
        largest=max(numbers),
    )
