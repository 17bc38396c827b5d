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

from backoffice.core.canonical.identity_numbers import canonical_identity_number
from backoffice.core.canonical.references import canonical_reference, is_rounded
from backoffice.core.canonical.telephones import DEFAULT_REGION, ReadTelephones, canonical_telephone, read_telephones
from backoffice.core.canonical.texts import says_nothing
from cases.rules.profile import dates, refusals
from cases.rules.profile.numbers import NumberMarks, is_whole, read_number
from cases.rules.profile.refusals import Refused

# Days of a mean month. Days are rounded up, since two months late is at least two whole months: 31, 61, 92, 122 ...
DAYS_A_MONTH_LATE: Final = 30.4375

_WHOLE = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
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
    `rounds`        whether further decimals of an amount are rounded instead of refused
    `zone`          time zone of moments without an offset
    `region`        country (ISO 3166) of telephone numbers without a country code
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
    rounds: bool = False
    zone: tzinfo = UTC
    region: str = DEFAULT_REGION

    @property
    def number_marks(self) -> NumberMarks:
        """The marks that numbers are read with."""
        return NumberMarks(
            decimal=self.decimal_mark, thousands=self.thousands_mark, exponents=self.exponents, strip=self.strip
        )


def converter(conversion: Conversion, *, is_share: bool = False) -> Callable[[str], object]:
    """
    Return the function that turns a stripped, not empty text into the value, or raises Refused with the reason.

    A decimal that `is_share`, such as a rate, may also be written as percent: 18% is 0.18.
    """
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
        "phones": _phones,
        "reference": _reference,
        "identity": _identity,
    }
    if is_share and conversion.as_ == "decimal":
        return _share(conversion)
    return makers[conversion.as_](conversion)


CONVERSIONS: Final = frozenset(
    {"text", "whole", "decimal", "percent", "months_late", "date", "moment", "flag", "phone"}
)
# Fields with a form of their own: what a profile may write after `as` for them changes nothing.
OWN_FORMS: Final = frozenset({"reference", "identity", "phones"})


def _text(conversion: Conversion) -> Callable[[str], object]:
    strip = conversion.strip

    def read(text: str) -> str:
        if CONTROL.search(text):
            raise Refused(refusals.CONTROL_CHARACTER)
        for mark in strip:
            text = text.replace(mark, "")
        return text.strip()

    return read


def bounded(*, value: Decimal, conversion: Conversion) -> Decimal:
    """Return a number scaled and raised to the floor of its conversion."""
    if conversion.scale is not None:
        value *= conversion.scale
    if conversion.floor is not None and value < conversion.floor:
        return conversion.floor
    return value


def _decimal(conversion: Conversion) -> Callable[[str], object]:
    marks = conversion.number_marks
    return lambda text: bounded(value=read_number(text=text, marks=marks), conversion=conversion)


def _percent(conversion: Conversion) -> Callable[[str], object]:
    marks = conversion.number_marks

    def read(text: str) -> Decimal:
        plain = text.replace("%", "").replace("％", "").strip()
        return bounded(value=read_number(text=plain, marks=marks), conversion=conversion) / 100

    return read


def _share(conversion: Conversion) -> Callable[[str], object]:
    fraction, percent = _decimal(conversion), _percent(conversion)
    return lambda text: percent(text) if text.endswith(("%", "％")) else fraction(text)


def _whole_number(text: str, marks: NumberMarks) -> int:
    if _WHOLE.fullmatch(text) and marks.decimal == ".":
        return int(text.partition(".")[0])
    number = read_number(text=text, marks=marks)
    if not is_whole(value=number) or abs(number) >= 10**18:
        raise Refused(refusals.NOT_WHOLE)
    return int(number)


def _whole(conversion: Conversion) -> Callable[[str], object]:
    marks = conversion.number_marks

    def read(text: str) -> int:
        return int(bounded(value=Decimal(_whole_number(text, marks)), conversion=conversion))

    return read


def _months_late(conversion: Conversion) -> Callable[[str], object]:
    """Return the reader of months late: the least days past due that they stand for, 0 for zero and less."""
    marks = conversion.number_marks
    return lambda text: ceil(max(0, _whole_number(text, marks)) * DAYS_A_MONTH_LATE)


def _flag(conversion: Conversion) -> Callable[[str], object]:
    if conversion.true:
        return lambda text: text in conversion.true

    def read(text: str) -> bool:
        word = unicodedata.normalize("NFKC", text).lstrip("'").lower().removesuffix(".0")
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise Refused(refusals.NOT_A_FLAG)

    return read


def _phone(conversion: Conversion) -> Callable[[str], object]:
    region = conversion.region
    return lambda text: "" if says_nothing(text) else canonical_telephone(text=text, region=region)


def _phones(conversion: Conversion) -> Callable[[str], object]:
    region = conversion.region

    def read(text: str) -> ReadTelephones:
        found = read_telephones(text=text, region=region)
        if not found.telephones and not found.unsound:
            raise Refused(refusals.REQUIRED)
        return found

    return read


def _reference(conversion: Conversion) -> Callable[[str], object]:
    strip = conversion.strip

    def read(text: str) -> str:
        if CONTROL.search(text):
            raise Refused(refusals.CONTROL_CHARACTER)
        for mark in strip:
            text = text.replace(mark, "")
        if is_rounded(text=text):
            raise Refused(refusals.ROUNDED)
        return canonical_reference(text=text)

    return read


def _identity(conversion: Conversion) -> Callable[[str], object]:
    strip = conversion.strip

    def read(text: str) -> str:
        for mark in strip:
            text = text.replace(mark, "")
        if says_nothing(text):
            return ""
        if CONTROL.search(text):
            raise Refused(refusals.CONTROL_CHARACTER)
        if is_rounded(text=text):
            raise Refused(refusals.ROUNDED)
        return canonical_identity_number(number=text)

    return read


def _date(conversion: Conversion) -> Callable[[str], object]:
    formats = conversion.formats
    parsed: Callable[[str], date | None] = dates.by_formats(formats) if formats else dates.day_year_first

    # A file holds few different days, so most calls are answered by the cache.
    @lru_cache(maxsize=4096)
    def read(text: str) -> date:
        text = dates.plain_text(text)
        day = parsed(text)
        if day is None:
            raise dates.refused_date(text, reason=refusals.NOT_A_DATE, formats=formats or ("%Y-%m-%d",))
        if isinstance(day, datetime):
            # A moment with its offset is of the day that it is for the lender.
            day = (day.astimezone(conversion.zone) if day.tzinfo else day).date()
        return _checked(_moved(day, conversion))

    return read


def _moment(conversion: Conversion) -> Callable[[str], object]:
    formats = conversion.formats
    parsed = dates.by_formats(formats) if formats else dates.year_first

    def read(text: str) -> datetime:
        text = dates.plain_text(text)
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
