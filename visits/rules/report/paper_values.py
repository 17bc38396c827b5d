"""The values that were read from a paper: each of the type that the table of fields says, or a problem in words."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.core.canonical.identity_numbers import folded_number
from visits.enums import DocumentKind
from visits.rules.conduct.clauses import Words
from visits.rules.report.paper_fields import MOST_AMOUNTS, MOST_MONTHS, PAPER_FIELDS, FieldType, PaperField

Value = str | list[str]
_CENT = Decimal("0.01")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_OLDEST_YEAR, _LATEST_YEAR = 1900, 2199


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFields:
    """What was given for a paper: values by field in the order of the table, and what is wrong with the others."""

    values: Mapping[str, Value]
    problems: Mapping[str, Words]


class _Wrong(Exception):
    """A value does not fit its field. Carries words, never the value."""

    def __init__(self, words: Words) -> None:
        self.words = words
        super().__init__("a value does not fit its field")


def read_fields(*, kind: str, given: Mapping[str, Any]) -> ReadFields:
    """
    Return the values that were given for a paper of `kind`, and a problem for each that does not fit or is unknown.

    Empty values count as not given. Words of problems never repeat a value.
    """
    values: dict[str, Value] = {}
    problems: dict[str, Words] = {}
    fields = PAPER_FIELDS[DocumentKind(kind)]
    for field in fields:
        value = given.get(field.name)
        if value is None or value in ("", []):
            continue
        try:
            values[field.name] = _READERS[field.type](field, value)
        except _Wrong as wrong:
            problems[field.name] = wrong.words
    known = {field.name for field in fields}
    for name in given:
        if name not in known:
            problems[str(name)[:60]] = _("This kind of paper has no such field.")
    return ReadFields(values=values, problems=problems)


def text_of(*, values: Mapping[str, Value]) -> str:
    """Return the values as they are kept sealed; empty if there are none."""
    return json.dumps(dict(values), ensure_ascii=False) if values else ""


def values_of(*, text: str | None) -> dict[str, Value]:
    """Return the values from the sealed text of a paper that was opened; empty where there is none."""
    return dict(json.loads(text)) if text else {}


def _text(field: PaperField, value: object) -> str:
    if not isinstance(value, str) or not value.strip().isprintable():
        raise _Wrong(_("A text in one line is expected."))
    text = value.strip()
    if not text or len(text) > field.longest:
        raise _Wrong(format_lazy(_("1 to {n} characters are expected."), n=field.longest))
    return text


def _id_number(_field: PaperField, value: object) -> str:
    text = folded_number(number=value) if isinstance(value, str) else ""
    if not (6 <= len(text) <= 20 and text.isascii() and text.isalnum()):
        raise _Wrong(_("An identity number is expected: 6 to 20 letters and digits."))
    return text


def _day(_field: PaperField, value: object) -> str:
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            pass
        else:
            if _OLDEST_YEAR <= day.year <= _LATEST_YEAR:
                return day.isoformat()
    raise _Wrong(_("A day is expected: YYYY-MM-DD."))


def _months(_field: PaperField, value: object) -> list[str]:
    words = format_lazy(_("A list of 1 to {n} months is expected: YYYY-MM."), n=MOST_MONTHS)
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_MONTHS:
        raise _Wrong(words)
    for month in value:
        if not isinstance(month, str) or not _MONTH.fullmatch(month) or not 1 <= int(month[5:]) <= 12:
            raise _Wrong(words)
        if not _OLDEST_YEAR <= int(month[:4]) <= _LATEST_YEAR:
            raise _Wrong(words)
    return sorted(set(value))


def _amount(field: PaperField, value: object) -> str:
    # A float has lost its last digits on the way; a bool is an int in Python.
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _Wrong(_("An amount is expected, with at most two decimals, as text."))
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) > Decimal(10) ** 15 or amount != amount.quantize(_CENT):
        raise _Wrong(_("An amount is expected, with at most two decimals, as text."))
    if not field.least <= amount <= field.most:
        raise _Wrong(format_lazy(_("Between {least} and {most}."), least=field.least, most=field.most))
    return f"{amount:.2f}"


def _amounts(field: PaperField, value: object) -> list[str]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_AMOUNTS:
        raise _Wrong(format_lazy(_("A list of 1 to {n} amounts is expected."), n=MOST_AMOUNTS))
    return [_amount(field, each) for each in value]


def _choice(field: PaperField, value: object) -> str:
    if not isinstance(value, str) or value not in field.choices:
        raise _Wrong(format_lazy(_("One of: {words}."), words=", ".join(field.choices)))
    return value


_READERS: Mapping[FieldType, Callable[[PaperField, object], Value]] = {
    FieldType.TEXT: _text,
    FieldType.CODE: _text,
    FieldType.ID_NUMBER: _id_number,
    FieldType.DATE: _day,
    FieldType.MONTHS: _months,
    FieldType.AMOUNT: _amount,
    FieldType.AMOUNTS: _amounts,
    FieldType.CHOICE: _choice,
}
