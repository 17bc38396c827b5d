"""Parse the mapping of one field: where its text comes from, and how it becomes a value."""

import json
import re
import string
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.rules.profile.arithmetic import Computation, parse_computation
from cases.rules.profile.constants import constant, decimal, wrong
from cases.rules.profile.conversions import CONVERSIONS, OWN_FORMS, Conversion
from cases.rules.profile.dates import is_format
from cases.rules.profile.derivations import DERIVATIONS
from cases.rules.profile.fields import Field
from cases.rules.profile.records import Source

_MAPPING: Final = {
    "column",
    "columns",
    "template",
    "derive",
    "compute",
    "as",
    "formats",
    "strip",
    "scale",
    "floor",
    "pattern",
    "map",
    "otherwise",
    "default",
    "add_months",
    "on_day",
    "true",
    "round",
}


def only_known(table: Mapping[str, Any], known: set[str] | frozenset[str], *, where: str) -> None:
    """
    Pass if every key of `table` is in `known`; `where` is the key of the table itself.

    :raises InvalidInput: naming the first other key, and those that are known.
    """
    for key in table:
        if key not in known:
            place = f"{where}.{key}" if where else key
            raise wrong(place, _("unknown. Known here: {known}.").format(known=", ".join(sorted(known))))


def texts(value: Any, key: str) -> tuple[str, ...]:
    """
    Return a text or a list of texts as a tuple.

    :raises InvalidInput: naming `key`, if it is neither.
    """
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise wrong(key, _("must be a list of texts"))
    return tuple(values)


def source(key: str, value: Any, field: Field, marks: Mapping[str, Any], section: str) -> Source:
    """
    Return the source of one field from its value in the profile, a table or a constant.

    `marks` are the file's decimal mark, thousands mark, exponents and time zone.

    :raises InvalidInput: naming the key and the remedy, if the value is not allowed.
    """
    if not isinstance(value, dict):
        return Source(
            key=key,
            field=field,
            conversion=Conversion(as_=field.as_, **marks),
            constant=constant(key, value, field, line=f"{key.rpartition('.')[2]} = {{}}"),
        )
    only_known(value, _MAPPING, where=key)
    sources = [name for name in ("column", "columns", "template", "derive", "compute") if name in value]
    if len(sources) != 1:
        raise wrong(key, _("names exactly one of column, columns, template, compute and derive"))
    columns = texts(value.get("columns", value.get("column", [])), key)
    template = value.get("template", "")
    if template and (not isinstance(template, str) or not _template_is_plain(template)):
        raise wrong(f"{key}.template", _("names columns in braces: {example}").format(example="uci-{ID}"))
    derive = value.get("derive", "")
    if derive and (section != "account" or derive not in DERIVATIONS):
        raise wrong(
            f"{key}.derive", _("is for accounts, one of: {choices}").format(choices=", ".join(sorted(DERIVATIONS)))
        )
    compute = _computation(f"{key}.compute", value["compute"], field) if "compute" in value else None
    if compute is not None:
        columns = compute.columns
    as_ = field.as_ if field.as_ in OWN_FORMS else value.get("as", field.as_)
    if value.get("as", "text") not in CONVERSIONS:
        raise wrong(f"{key}.as", _("must be one of: {choices}").format(choices=", ".join(sorted(CONVERSIONS))))
    words = value.get("map")
    if words is not None and not isinstance(words, dict):
        raise wrong(f"{key}.map", _("must be a table"))
    _pattern(key, value.get("pattern", ""))
    return Source(
        key=key,
        field=field,
        columns=columns,
        template=template,
        derive=derive,
        compute=compute,
        pattern=value.get("pattern", ""),
        words=None if words is None else _words(key, words, field),
        otherwise=_constant_in_table(key, "otherwise", value, field),
        default=_constant_in_table(key, "default", value, field),
        conversion=_conversion(key, as_, value, marks),
    )


def _computation(key: str, text: Any, field: Field) -> Computation:
    computation = None
    if field.as_ in ("decimal", "whole") and isinstance(text, str):
        with suppress(ValueError):
            computation = parse_computation(text=text)
    if computation is None:
        example = '"{principal} + {interest} - {paid}"'
        raise wrong(
            key,
            _("is for numbers, with columns in braces, + - * / ( ), min and max: {example}").format(example=example),
        )
    return computation


def _words(key: str, words: dict[str, Any], field: Field) -> dict[str, object]:
    """Return the values of a map by their texts."""
    found = {}
    for word, value in words.items():
        # Doubled braces: the line is a format for the corrected value.
        written = json.dumps(word, ensure_ascii=False).replace("{", "{{").replace("}", "}}")
        found[word] = constant(f"{key}.map", value, field, line=f"map = {{{{ {written} = {{}} }}}}")
    return found


def _constant_in_table(key: str, name: str, table: Mapping[str, Any], field: Field) -> object:
    if name not in table:
        return None
    return constant(f"{key}.{name}", table[name], field, line=f"{name} = {{}}")


def _template_is_plain(template: str) -> bool:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return False
    return any(name for _text, name, _spec, _conversion in parts) and all(
        name is None or (name and not spec and not conversion) for _text, name, spec, conversion in parts
    )


def _pattern(key: str, pattern: Any) -> None:
    try:
        re.compile(pattern)
    except (re.error, TypeError):
        raise wrong(f"{key}.pattern", _("is not a regular expression")) from None


def _conversion(key: str, as_: str, value: Mapping[str, Any], marks: Mapping[str, Any]) -> Conversion:
    on_day = value.get("on_day")
    if on_day is not None and on_day != "last" and not (isinstance(on_day, int) and 1 <= on_day <= 31):
        raise wrong(f"{key}.on_day", _('is a day from 1 to 31, or "last"'))
    add_months = value.get("add_months", 0)
    if not isinstance(add_months, int):
        raise wrong(f"{key}.add_months", _("must be a whole number"))
    return Conversion(
        as_=as_,
        strip=texts(value.get("strip", []), f"{key}.strip"),
        formats=_formats(key, value.get("formats", [])),
        scale=_decimal(f"{key}.scale", value.get("scale")),
        floor=_decimal(f"{key}.floor", value.get("floor")),
        add_months=add_months,
        on_day=on_day,
        true=frozenset(texts(value.get("true", []), f"{key}.true")),
        rounds=_rounds(key, value.get("round", False), as_),
        **marks,
    )


def _rounds(key: str, value: Any, as_: str) -> bool:
    if not isinstance(value, bool) or (value and as_ != "decimal"):
        raise wrong(f"{key}.round", _("is true or false, and is for amounts"))
    return value


def _decimal(key: str, value: Any) -> Decimal | None:
    return None if value is None else decimal(key, value)


def _formats(key: str, value: Any) -> tuple[str, ...]:
    formats = texts(value, f"{key}.formats")
    for text in formats:
        if not is_format(text):
            raise wrong(
                f"{key}.formats",
                _("{text} is no format of dates. Write it as {example}, or excel for day numbers.").format(
                    text=repr(text), example='"%Y-%m-%d"'
                ),
            )
    return formats
