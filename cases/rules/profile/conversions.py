"""How a cell's text becomes a value: the closed list of conversions that a profile may name."""

import calendar
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from math import ceil
from typing import Final

from cases.rules.profile import refusals
from cases.rules.profile.refusals import Refused

# The mean month. Two months late is at least two whole months, so days are rounded up: 31, 61, 92, 122 ...
DAYS_A_MONTH_LATE: Final = 30.4375

_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
# As spreadsheets and R write round numbers; only where the profile says so.
_EXPONENT = re.compile(r"[+-]?\d(\.\d*)?[eE]\+?\d{1,2}", re.ASCII)
_PHONE = re.compile(r"\+?\d{5,18}", re.ASCII)
# Controls, and halves of surrogate pairs, which no database takes.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_YES = frozenset({"1", "y", "yes", "true", "t", "是", "有"})
_NO = frozenset({"0", "n", "no", "false", "f", "否", "无"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """
    A conversion with its options.

    `scale` multiplies numbers, `floor` raises those below it, `add_months` and `on_day` (1-31 or "last") move dates,
    `zone` is where moments without an offset were written.
    """

    as_: str
    strip: tuple[str, ...] = ()
    decimal_mark: str = "."
    thousands_mark: str = ","
    exponents: bool = False
    scale: Decimal | None = None
    floor: Decimal | None = None
    formats: tuple[str, ...] = ()
    add_months: int = 0
    on_day: int | str | None = None
    true: frozenset[str] = field(default_factory=frozenset)
    zone: tzinfo = UTC


def converter(conversion: Conversion) -> Callable[[str], object]:
    """Return the function that turns a text (stripped, not empty) into the value, or raises Refused."""
    makers: dict[str, Callable[[Conversion], Callable[[str], object]]] = {
        "text": _text,
        "whole": _whole,
        "decimal": _decimal,
        "percent": _percent,
        "months_late": _months_late,
        "date": _date,
        "moment": _moment,
        "flag": _flag,
        "phone": _phone,
    }
    return makers[conversion.as_](conversion)


CONVERSIONS: Final = frozenset(
    {"text", "whole", "decimal", "percent", "months_late", "date", "moment", "flag", "phone"}
)


def _plain(text: str, conversion: Conversion) -> str:
    """Return a number's text without marks: full width folded, "NT$", "%", "元" and thousands taken off."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    for mark in conversion.strip:
        text = text.replace(mark, "")
    if conversion.thousands_mark:
        text = text.replace(conversion.thousands_mark, "")
    if conversion.decimal_mark != ".":
        text = text.replace(conversion.decimal_mark, ".")
    return text.strip()


def _text(conversion: Conversion) -> Callable[[str], object]:
    strip = conversion.strip

    def read(text: str) -> str:
        if CONTROL.search(text):
            raise Refused(refusals.CONTROL_CHARACTER)
        for mark in strip:
            text = text.replace(mark, "")
        return text.strip()

    return read


def _bounded(value: Decimal, conversion: Conversion) -> Decimal:
    if conversion.scale is not None:
        value *= conversion.scale
    if conversion.floor is not None and value < conversion.floor:
        return conversion.floor
    return value


def _number(text: str, conversion: Conversion) -> Decimal:
    if conversion.decimal_mark == "." and len(text) <= 40 and _DECIMAL.fullmatch(text):
        # Most cells need nothing taken off.
        return _bounded(Decimal(text), conversion)
    plain = _plain(text, conversion)
    # No NaN, no Infinity; no exponents unless the profile vouches for them, since a spreadsheet loses digits so.
    if len(plain) > 40 or not (_DECIMAL.fullmatch(plain) or (conversion.exponents and _EXPONENT.fullmatch(plain))):
        raise Refused(refusals.NOT_A_NUMBER)
    return _bounded(Decimal(plain), conversion)


def _decimal(conversion: Conversion) -> Callable[[str], object]:
    return lambda text: _number(text, conversion)


def _percent(conversion: Conversion) -> Callable[[str], object]:
    def read(text: str) -> Decimal:
        return _number(text.replace("%", "").replace("％", "").strip(), conversion) / 100

    return read


def _whole_number(text: str, conversion: Conversion) -> int:
    plain = _plain(text, conversion)
    if not _WHOLE.fullmatch(plain):
        raise Refused(refusals.NOT_WHOLE)
    return int(plain.partition(".")[0])


def _whole(conversion: Conversion) -> Callable[[str], object]:
    def read(text: str) -> int:
        return int(_bounded(Decimal(_whole_number(text, conversion)), conversion))

    return read


def _months_late(conversion: Conversion) -> Callable[[str], object]:
    """Months late become the days past due that they are at the least; zero and less is not late."""
    return lambda text: ceil(max(0, _whole_number(text, conversion)) * DAYS_A_MONTH_LATE)


def _flag(conversion: Conversion) -> Callable[[str], object]:
    if conversion.true:
        return lambda text: text in conversion.true

    def read(text: str) -> bool:
        word = text.lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise Refused(refusals.NOT_A_FLAG)

    return read


def _phone(conversion: Conversion) -> Callable[[str], object]:
    def read(text: str) -> str:
        if text.isascii() and text.isdigit() and 5 <= len(text) <= 18:
            return text
        plain = re.sub(r"[\s\-()]+", "", unicodedata.normalize("NFKC", text))
        if not _PHONE.fullmatch(plain):
            raise Refused(refusals.NOT_A_PHONE)
        return plain

    return read


def _date(conversion: Conversion) -> Callable[[str], object]:
    formats = conversion.formats or ("%Y-%m-%d",)
    told = " / ".join(formats)

    # A feed repeats its days: the cache makes a date as cheap as a look-up.
    @lru_cache(maxsize=4096)
    def read(text: str) -> date:
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text)
        day = _parsed(text, formats)
        if day is None:
            raise Refused(refusals.NOT_A_DATE, formats=told)
        return _checked(_moved(day.date(), conversion))

    return read


def _moment(conversion: Conversion) -> Callable[[str], object]:
    formats = conversion.formats
    told = " / ".join(formats) or "2026-03-02 14:05:00"

    def read(text: str) -> datetime:
        if formats:
            moment = _parsed(text, formats)
        else:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                moment = None
        if moment is None:
            raise Refused(refusals.NOT_A_MOMENT, formats=told)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=conversion.zone)
        _checked(moment.date())
        return moment.astimezone(UTC)

    return read


def _parsed(text: str, formats: tuple[str, ...]) -> datetime | None:
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  the zone is set by the caller, dates have none
        except ValueError:
            continue
    return None


def _checked(day: date) -> date:
    if not 1900 <= day.year < 2100:
        raise Refused(refusals.DATE_OUT_OF_RANGE)
    return day


def _moved(day: date, conversion: Conversion) -> date:
    if conversion.add_months:
        months = day.year * 12 + day.month - 1 + conversion.add_months
        year, month = divmod(months, 12)
        if not 1 <= year <= 9998:
            raise Refused(refusals.DATE_OUT_OF_RANGE)
        day = date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
    if conversion.on_day is None:
        return day
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=last if conversion.on_day == "last" else min(int(conversion.on_day), last))


def first_of_month(day: date) -> date:
    """Return the first day of the month of `day`."""
    return day - timedelta(days=day.day - 1)
