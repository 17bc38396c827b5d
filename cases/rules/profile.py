"""
The profile language: a lender's columns mapped to our fields, written as TOML. docs/profiles.md explains it.

A profile is data. It is checked whole when it is read, so that a file is never begun with a profile that cannot end.
"""

import re
import string
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.enums import RecordKind
from cases.rules.conversions import CONVERSIONS, Conversion
from cases.rules.derivations import DERIVATIONS
from cases.rules.profile_fields import (
    PROTECTED_TRAITS,
    RENEWED,
    RENEWED_REQUIRED,
    REPEATED,
    SINGLE,
    Field,
    Section,
)
from cases.rules.profile_parts import Block, FileFormat, Profile, Source, TerritoryCard

MAX_BLOCKS: Final = 36
_TOP: Final = {"title", "kind", "updates_only", "identity_numbers", "file", "territories"}
_FILE: Final = {
    "format", "delimiter", "quote", "encodings", "columns", "skip_lines", "decimal_mark", "thousands_mark", "exponents", "empty", "time_zone",
}  # fmt: skip
_MAPPING: Final = {
    "column", "columns", "template", "derive", "as", "formats", "strip", "scale", "floor", "pattern", "map", "otherwise",
    "default", "add_months", "on_day", "true",
}  # fmt: skip
# A borrower without a second telephone is no mistake.
_LEFT_OUT_WITHOUT: Final = {"phones": "number", "addresses": "line"}
_TERRITORY: Final = {"code", "name", "name_en", "time_zone"}


def parse_profile(*, text: str, name: str) -> Profile:
    """
    Return the profile that `text` (TOML) describes.

    :raises InvalidInput: naming the key and the remedy, if anything in it is unknown, missing or contradictory.
    """
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(name, _("not TOML: {problem}").format(problem=error)) from None
    try:
        kind = RecordKind(str(body.get("kind")))
    except ValueError:
        raise _wrong("kind", _("must be one of: {choices}").format(choices=", ".join(RecordKind.values))) from None
    singles, repeated = SINGLE[kind], REPEATED.get(kind, {})
    _only_known(body, _TOP | set(singles) | set(repeated), where="")
    file, marks = _file_format(body.get("file", {}))
    updates_only = bool(body.get("updates_only", False))
    if body.get("identity_numbers", "") not in ("", "cn"):
        raise _wrong("identity_numbers", _("must be one of: {choices}").format(choices="cn"))
    if updates_only and kind != RecordKind.ACCOUNTS:
        raise _wrong("updates_only", _("is for rows that describe accounts"))
    blocks = []
    for section, fields in singles.items():
        allowed = {n: f for n, f in fields.items() if not updates_only or n in RENEWED[section]}
        table = body.get(section, {})
        if table or not updates_only:
            blocks.append(_block(section, section, table, allowed, marks, required=_required(allowed, updates_only)))
    for section, fields in repeated.items():
        tables = body.get(section, [])
        if not isinstance(tables, list) or len(tables) > MAX_BLOCKS:
            raise _wrong(
                section, _("is a list of at most {n} tables, each [[{name}]]").format(n=MAX_BLOCKS, name=section)
            )
        if tables and updates_only and section not in RENEWED:
            raise _wrong(section, _("cannot be filled by a profile with updates_only"))
        for number, table in enumerate(tables, start=1):
            blocks.append(
                _block(section, f"{section}[{number}]", table, fields, marks, required=_required(fields, False))
            )
    return Profile(
        name=name, title=str(body.get("title", name)), kind=kind, updates_only=updates_only,
        chinese_ids=body.get("identity_numbers") == "cn", file=file, blocks=tuple(blocks),
        territories=_territories(body.get("territories", [])),
    )  # fmt: skip


def check_header(*, profile: Profile, header: list[str]) -> None:
    """
    Pass if every column that the profile reads stands in `header` exactly once.

    :raises InvalidInput: naming the column, the profile's key that reads it, and similar columns.
    """
    for column, key in profile.columns.items():
        times = header.count(column)
        if times == 0:
            # Never the header itself: where it is missing, the first line is somebody's data.
            near = ", ".join(repr(n) for n in get_close_matches(column, header, n=3, cutoff=0.6))
            raise _wrong(
                key,
                _(
                    "the file has no column {column}. Similar columns: {near}. Correct the profile, or the header."
                ).format(column=repr(column), near=near or "-"),
            )
        if times > 1:
            raise _wrong(
                key, _("the file has the column {column} {n} times. Rename one.").format(column=repr(column), n=times)
            )


def _wrong(key: str, what: object) -> InvalidInput:
    return InvalidInput(_("Profile, {key}: {what}").format(key=key, what=what), field=key)


def _only_known(table: Mapping[str, Any], known: set[str] | frozenset[str], *, where: str) -> None:
    for key in table:
        if key not in known:
            place = f"{where}.{key}" if where else key
            raise _wrong(place, _("unknown. Known here: {known}.").format(known=", ".join(sorted(known))))


def _required(fields: Section, updates_only: bool) -> frozenset[str]:
    if updates_only:
        return RENEWED_REQUIRED & set(fields)
    return frozenset(n for n, f in fields.items() if f.required)


def _file_format(table: Any) -> tuple[FileFormat, dict[str, Any]]:
    if not isinstance(table, dict):
        raise _wrong("file", _("must be a table"))
    _only_known(table, _FILE, where="file")
    if table.get("format", "csv") != "csv":
        raise _wrong("file.format", _("must be one of: {choices}").format(choices="csv"))
    for key in ("delimiter", "quote", "decimal_mark"):
        if key in table and (not isinstance(table[key], str) or len(table[key]) != 1):
            raise _wrong(f"file.{key}", _("must be one character"))
    zone = table.get("time_zone", "Asia/Shanghai")
    try:
        marks = {
            "decimal_mark": table.get("decimal_mark", "."),
            "thousands_mark": table.get("thousands_mark", ","),
            "exponents": table.get("exponents", False) is True,
            "zone": ZoneInfo(zone),
        }
    except (KeyError, ValueError, TypeError, OSError):
        raise _wrong("file.time_zone", _("no such time zone")) from None
    if marks["decimal_mark"] == marks["thousands_mark"]:
        raise _wrong("file.thousands_mark", _("must differ from decimal_mark"))
    encodings = _texts(table.get("encodings", ["utf-8-sig", "gb18030"]), "file.encodings")
    for encoding in encodings:
        try:
            "".encode(encoding)
        except LookupError:
            raise _wrong("file.encodings", _("no such encoding: {name}").format(name=encoding)) from None
    skip = table.get("skip_lines", 0)
    if not isinstance(skip, int) or not 0 <= skip <= 1000:
        raise _wrong("file.skip_lines", _("must be a number from 0 to 1000"))
    file = FileFormat(
        delimiter=table.get("delimiter", ","), quote=table.get("quote", '"'), encodings=encodings, skip_lines=skip,
        columns=_texts(table.get("columns", []), "file.columns"),
        empty=frozenset(_texts(table.get("empty", []), "file.empty")),
    )  # fmt: skip
    return file, marks


def _texts(value: Any, key: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise _wrong(key, _("must be a list of texts"))
    return tuple(values)


def _territories(tables: Any) -> tuple[TerritoryCard, ...]:
    if not isinstance(tables, list):
        raise _wrong("territories", _("is a list of tables, each [[territories]]"))
    cards = []
    for number, table in enumerate(tables, start=1):
        where = f"territories[{number}]"
        _only_known(table, _TERRITORY, where=where)
        values = {key: table.get(key, "") for key in _TERRITORY}
        if not all(isinstance(v, str) for v in values.values()) or not values["code"] or not values["name"]:
            raise _wrong(where, _("needs a code and a name"))
        if len(values["code"]) > 20 or len(values["name"]) > 60 or len(values["name_en"]) > 60:
            raise _wrong(where, _("code has at most 20, name 60 characters"))
        zone = values["time_zone"] or "Asia/Shanghai"
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise _wrong(f"{where}.time_zone", _("no such time zone")) from None
        cards.append(TerritoryCard(code=values["code"], name=values["name"], name_en=values["name_en"], time_zone=zone))
    return tuple(cards)


def _block(
    section: str, where: str, table: Any, fields: Section, marks: Mapping[str, Any], *, required: frozenset[str]
) -> Block:
    if not isinstance(table, dict):
        raise _wrong(where, _("must be a table"))
    table = dict(table)
    only_if = table.pop("only_if", _LEFT_OUT_WITHOUT.get(section, ""))
    for name in table:
        if name in PROTECTED_TRAITS:
            raise _wrong(f"{where}.{name}", _("is never taken in: it must not become an input of any decision"))
    _only_known(table, set(fields), where=where)
    mappings = {n: _mapping(f"{where}.{n}", value, fields[n], marks, section) for n, value in table.items()}
    for name in sorted(required - set(mappings)):
        raise _wrong(f"{where}.{name}", _("is required"))
    if only_if and only_if not in mappings:
        raise _wrong(f"{where}.only_if", _("names a field of this block"))
    # Read first: where it is empty, nothing else of the block is looked at.
    mappings = dict(sorted(mappings.items(), key=lambda item: item[0] != only_if))
    if ("latitude" in mappings) != ("longitude" in mappings):
        raise _wrong(where, _("needs both latitude and longitude, or neither"))
    return Block(section=section, mappings=mappings, only_if=only_if)


def _mapping(key: str, value: Any, field: Field, marks: Mapping[str, Any], section: str) -> Source:
    if not isinstance(value, dict):
        return Source(
            key=key, field=field, conversion=Conversion(as_=field.as_, **marks), constant=_constant(key, value, field)
        )
    _only_known(value, _MAPPING, where=key)
    sources = [s for s in ("column", "columns", "template", "derive") if s in value]
    if len(sources) != 1:
        raise _wrong(key, _("names exactly one of column, columns, template and derive"))
    columns = _texts(value.get("columns", value.get("column", [])), key)
    template = value.get("template", "")
    if template and (not isinstance(template, str) or not _template_is_plain(template)):
        raise _wrong(f"{key}.template", _("names columns in braces: {example}").format(example="uci-{ID}"))
    derive = value.get("derive", "")
    if derive and (section != "account" or derive not in DERIVATIONS):
        raise _wrong(
            f"{key}.derive", _("is for accounts, one of: {choices}").format(choices=", ".join(sorted(DERIVATIONS)))
        )
    as_ = value.get("as", field.as_)
    if as_ not in CONVERSIONS:
        raise _wrong(f"{key}.as", _("must be one of: {choices}").format(choices=", ".join(sorted(CONVERSIONS))))
    words = value.get("map")
    if words is not None and not isinstance(words, dict):
        raise _wrong(f"{key}.map", _("must be a table"))
    _pattern(key, value.get("pattern", ""))
    return Source(
        key=key, field=field, columns=columns, template=template, derive=derive, pattern=value.get("pattern", ""),
        words=None if words is None else {w: _constant(f"{key}.map", v, field) for w, v in words.items()},
        otherwise=_constant(f"{key}.otherwise", value["otherwise"], field) if "otherwise" in value else None,
        default=_constant(f"{key}.default", value["default"], field) if "default" in value else None,
        conversion=_conversion(key, as_, value, marks),
    )  # fmt: skip


def _template_is_plain(template: str) -> bool:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return False
    return any(name for _t, name, _s, _c in parts) and all(
        name is None or (name and not spec and not conversion) for _t, name, spec, conversion in parts
    )


def _pattern(key: str, pattern: Any) -> None:
    try:
        re.compile(pattern)
    except (re.error, TypeError):
        raise _wrong(f"{key}.pattern", _("is not a regular expression")) from None


def _conversion(key: str, as_: str, value: Mapping[str, Any], marks: Mapping[str, Any]) -> Conversion:
    on_day = value.get("on_day")
    if on_day is not None and on_day != "last" and not (isinstance(on_day, int) and 1 <= on_day <= 31):
        raise _wrong(f"{key}.on_day", _('is a day from 1 to 31, or "last"'))
    add_months = value.get("add_months", 0)
    if not isinstance(add_months, int):
        raise _wrong(f"{key}.add_months", _("must be a whole number"))
    return Conversion(
        as_=as_, strip=_texts(value.get("strip", []), f"{key}.strip"), formats=_texts(value.get("formats", []), f"{key}.formats"),
        scale=_decimal(f"{key}.scale", value.get("scale")), floor=_decimal(f"{key}.floor", value.get("floor")),
        add_months=add_months, on_day=on_day, true=frozenset(_texts(value.get("true", []), f"{key}.true")), **marks,
    )  # fmt: skip


def _decimal(key: str, value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise _wrong(key, _("must be a number")) from None
    if not number.is_finite():
        raise _wrong(key, _("must be a number"))
    return number


def _constant(key: str, value: Any, field: Field) -> object:
    """Return a constant as the field holds it, or say that it cannot be one."""
    if field.as_ == "date" and isinstance(value, date) and not isinstance(value, datetime):
        return value
    if field.as_ == "moment" and isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if field.as_ == "flag" and isinstance(value, bool):
        return value
    if field.as_ == "whole" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if field.as_ == "decimal" and isinstance(value, int | float) and not isinstance(value, bool):
        return _decimal(key, value)
    if field.as_ in ("text", "phone") and isinstance(value, str):
        if field.choices is not None and value not in field.choices:
            raise _wrong(key, _("must be one of: {choices}").format(choices=", ".join(sorted(field.choices))))
        if len(value) > field.longest:
            raise _wrong(key, _("is longer than {n} characters").format(n=field.longest))
        return value
    raise _wrong(
        key,
        _("a constant must be a {kind}; a column is named as {example}").format(
            kind=field.as_, example='{ column = "…" }'
        ),
    )
