"""Turn a cell's text into a value: the closed list of conversions that a profile may name."""

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

from cases.rules.profile import dates, refusals
from cases.rules.profile.refusals import Refused

# Days of a mean month. Days are rounded up, since two months late is at least two whole months: 31, 61, 92, 122 ...
DAYS_A_MONTH_LATE: Final = 30.4375

_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
# Spreadsheets and R write round numbers so; read only if the profile allows exponents.
_EXPONENT = re.compile(r"[+-]?\d(\.\d*)?[eE]\+?\d{1,2}", re.ASCII)
_PHONE = re.compile(r"\+?\d{5,18}", re.ASCII)
# Control characters, and halves of surrogate pairs, which PostgreSQL refuses.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_YES = frozenset({"1", "y", "yes", "true", "t", "是", "有"})
_NO = frozenset({"0", "n", "no", "false", "f", "否", "无"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """
    A conversion with its options.

    `as_`           one of `CONVERSIONS`
    `strip`         texts that are removed, such as a currency
    `scale`         factor of numbers; `floor` replaces numbers below it
    `formats`       of dates and moments, as Python's strptime, or excel and excel1904; the first that fits
    `add_months`    moves a date; `on_day` (1 to 31, or "last") sets its day
    `true`          texts that mean yes; then every other text means no
    `zone`          time zone of moments without an offset
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
    """Return the function that turns a stripped, not empty text into the value, or raises Refused with the reason."""
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
    """Return a number's text with ASCII digits, a decimal point, and without thousands marks and stripped texts."""
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
        # Most cells are plain numbers already.
        return _bounded(Decimal(text), conversion)
    plain = _plain(text, conversion)
    # NaN and Infinity are refused, and so are exponents unless the profile allows them: a spreadsheet may have rounded.
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
    """Return the reader of months late: the least days past due that they stand for, 0 for zero and less."""
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
    formats = conversion.formats
    parsed: Callable[[str], date | None] = dates.by_formats(formats) if formats else dates.day_year_first

    # A file holds few different days, so most calls are answered by the cache.
    @lru_cache(maxsize=4096)
    def read(text: str) -> date:
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text)
        day = parsed(text)
        if day is None:
            raise dates.refused_date(text, reason=refusals.NOT_A_DATE, formats=formats or ("%Y-%m-%d",))
        return _checked(_moved(day.date() if isinstance(day, datetime) else day, conversion))

    return read


def _moment(conversion: Conversion) -> Callable[[str], object]:
    formats = conversion.formats
    parsed = dates.by_formats(formats) if formats else dates.year_first

    def read(text: str) -> datetime:
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text)
        moment = parsed(text)
        if moment is None:
            raise dates.refused_date(text, reason=refusals.NOT_A_MOMENT, formats=formats or ("2026-03-02 14:05:00",))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=conversion.zone)
        _checked(moment.date())
        return moment.astimezone(UTC)

    return read


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
