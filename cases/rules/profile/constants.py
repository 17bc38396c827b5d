"""A constant that a profile gives for a field: checked, and refused with the line as it should be written."""

import json
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import gettext

from backoffice.core.errors import InvalidInput
from cases.rules.profile.dates import day_year_first
from cases.rules.profile.fields import Field
from cases.rules.profile.text_forms import form_problem

_TRUE: Final = frozenset({"true", "yes", "是"})
_FALSE: Final = frozenset({"false", "no", "否"})
_KINDS: Final = {
    "whole": _("whole number"),
    "decimal": _("decimal number"),
    "flag": _("truth value"),
    "date": _("date"),
    "moment": _("date with time and offset"),
    "phone": _("text"),
    "phones": _("text"),
    "identity": _("text"),
    "reference": _("text"),
    "text": _("text"),
}
_EXAMPLES: Final = {
    "whole": "30",
    "decimal": "0.18",
    "flag": "true",
    "date": "2026-03-01",
    "moment": "2026-03-01T08:00:00+08:00",
    "phone": '"13900000000"',
    "phones": '"13900000000"',
    "identity": '"11010519491231002X"',
    "reference": '"L0001"',
    "text": '"…"',
}


def wrong(key: str, what: object) -> InvalidInput:
    """Return the refusal of a profile for one of its keys."""
    return InvalidInput(_("Profile, {key}: {what}").format(key=key, what=what), field=key)


def decimal(key: str, value: Any) -> Decimal:
    """
    Return a number of the profile, which may be written as a text.

    :raises InvalidInput: naming `key`, if it is no finite number.
    """
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise wrong(key, _("must be a number")) from None
    if not number.is_finite():
        raise wrong(key, _("must be a number"))
    return number


def whole(value: Any) -> int | None:
    """Return a whole number of the profile, which may be written as a text ("30"); None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    text = str(value).strip()
    return int(text) if isinstance(value, str) and text.isascii() and text.removeprefix("-").isdecimal() else None


def truth(value: Any) -> bool | None:
    """Return true or false of the profile, which may be written as a text ("true", "no", "是"); None if it is neither."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def constant(key: str, value: Any, field: Field, *, line: str) -> object:
    """
    Return a constant of the profile as the field's value. A number, a day or a truth may be written as a text.

    `line` is how the profile writes the constant, with {} in its place.

    :raises InvalidInput: naming `key` and the line as it should be, if the constant has another type or is out of bounds.
    """
    found = _value(value, field)
    if found is None:
        raise wrong(
            key,
            _("{value} is not a {kind}. Write: {line}. A column is named as {example}.").format(
                value=_written(value),
                kind=_KINDS[field.as_],
                line=line.format(_corrected(value, field)),
                example='{ column = "…" }',
            ),
        )
    if isinstance(found, str) and field.choices is not None and found not in field.choices:
        raise wrong(
            key,
            _("must be one of: {choices}. Write: {line}.").format(
                choices=", ".join(sorted(field.choices)), line=line.format(_corrected(found, field))
            ),
        )
    if isinstance(found, str) and len(found) > field.longest:
        raise wrong(key, _("is longer than {n} characters").format(n=field.longest))
    problem = form_problem(form=field.form, text=found) if isinstance(found, str) else ""
    if problem:
        raise wrong(key, gettext(problem).format())
    if isinstance(found, int | Decimal) and not isinstance(found, bool):
        _check_bounds(key, found, field)
    return found


def _value(value: Any, field: Field) -> object:
    """Return the value in the field's type, None if it has another."""
    if field.as_ == "flag":
        return truth(value)
    if field.as_ == "whole":
        return whole(value)
    if field.as_ == "decimal":
        return _finite(value)
    if field.as_ == "date":
        if isinstance(value, str):
            return day_year_first(value.strip())
        return value if isinstance(value, date) and not isinstance(value, datetime) else None
    if field.as_ == "moment":
        return value if isinstance(value, datetime) and value.tzinfo is not None else None
    return value if isinstance(value, str) else None


def _finite(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _check_bounds(key: str, number: int | Decimal, field: Field) -> None:
    if field.minimum is not None and number < field.minimum:
        raise wrong(key, _("must be at least {bound}").format(bound=f"{field.minimum:f}"))
    if field.above is not None and number <= field.above:
        raise wrong(key, _("must be above {bound}").format(bound=f"{field.above:f}"))
    if field.below is not None and number >= field.below:
        raise wrong(key, _("must be below {bound}").format(bound=f"{field.below:f}"))


def _written(value: Any) -> str:
    """Return a value as TOML writes it; tables and lists are not repeated."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value[:40], ensure_ascii=False)
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return "{…}" if isinstance(value, dict) else "[…]"


def _corrected(value: Any, field: Field) -> str:
    """Return what the profile should say instead, as TOML: the value as a text, or an example of the field's type."""
    if field.choices is not None:
        return json.dumps(sorted(field.choices)[0], ensure_ascii=False)
    if field.as_ in ("text", "phone", "reference", "identity") and isinstance(value, int | float | date):
        return json.dumps(_written(value), ensure_ascii=False)
    if field.as_ == "date" and isinstance(value, datetime):
        return value.date().isoformat()
    return _EXAMPLES[field.as_]
