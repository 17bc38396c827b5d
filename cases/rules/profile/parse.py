"""
Parse a profile: TOML that maps a lender's columns to our fields (docs/profiles.md).

The whole profile is checked before any file is read by it.
"""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS

from backoffice.core.canonical.telephones import DEFAULT_REGION
from cases.enums import RecordKind
from cases.rules.coordinates import DATUMS
from cases.rules.profile.constants import truth, whole, wrong
from cases.rules.profile.field_sources import only_known, source, texts
from cases.rules.profile.fields import (
    PROTECTED_TRAITS,
    RENEWED,
    RENEWED_REQUIRED,
    REPEATED,
    SIGNED,
    SINGLE,
    Section,
)
from cases.rules.profile.portfolio_keys import portfolio_keys
from cases.rules.profile.records import Block, FileFormat, Profile
from cases.rules.profile.territory_cards import territory_cards
from cases.rules.profile.toml_faults import toml_fault

# What `kind` says of a profile of several files (file_sets.py).
KIND_OF_SETS: Final = "SET"
FORMATS: Final = ("csv", "ndjson", "xlsx")
MAX_BLOCKS: Final = 36
# So many columns are named in a refusal.
SHOWN_COLUMNS: Final = 4
_TOP: Final = {
    "title",
    "kind",
    "updates_only",
    "terms_only",
    "identity_numbers",
    "file",
    "territories",
    "source",
    "mode",
    "snapshot",
}
_FILE: Final = {
    "format",
    "sheet",
    "delimiter",
    "quote",
    "encodings",
    "columns",
    "skip_lines",
    "decimal_mark",
    "thousands_mark",
    "exponents",
    "empty",
    "time_zone",
    "phone_region",
    "datum",
    "total_rows",
}
# What a file of terms alone does not give.
FIGURES: Final = ("arrears_amount", "days_past_due", "outstanding_principal")
# A block of these sections is left out of a row in which the field is empty: not every borrower has two telephones.
_LEFT_OUT_WITHOUT: Final = {"phones": "number", "addresses": "line"}


def parse_profile(*, text: str, name: str) -> Profile:
    """
    Return the profile that `text` (TOML) describes.

    :raises InvalidInput: naming the key and the remedy, if anything in it is unknown, missing or contradictory.
    """
    return profile_of(body=profile_body(text=text, name=name), name=name, fingerprint=sha256(text.encode()).hexdigest())


def profile_body(*, text: str, name: str) -> dict[str, Any]:
    """
    Return the tables of a profile's text.

    :raises InvalidInput: naming the line and the remedy, if the text is no TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise wrong(name, toml_fault(text=text, error=error)) from None


def profile_of(*, body: Mapping[str, Any], name: str, fingerprint: str) -> Profile:
    """
    Return the profile of one kind of files that the tables of `body` describe; `fingerprint` stands for its text.

    :raises InvalidInput: as `parse_profile` does.
    """
    if body.get("kind") == KIND_OF_SETS:
        raise wrong("kind", _("the profile reads a set of files: take in their folder, or a .zip of it"))
    try:
        kind = RecordKind(str(body.get("kind")))
    except ValueError:
        raise wrong("kind", _("must be one of: {choices}").format(choices=", ".join(RecordKind.values))) from None
    singles, repeated = SINGLE[kind], REPEATED.get(kind, {})
    only_known(body, _TOP | set(singles) | set(repeated), where="")
    file, marks = file_format(body.get("file", {}))
    updates_only = _truth(body, "updates_only")
    if body.get("identity_numbers", "") not in ("", "cn"):
        raise wrong("identity_numbers", _("must be one of: {choices}").format(choices="cn"))
    terms_only = _truth(body, "terms_only")
    for key, is_set in (("updates_only", updates_only), ("terms_only", terms_only)):
        if is_set and kind != RecordKind.ACCOUNTS:
            raise wrong(key, _("is for rows that describe accounts"))
    if terms_only:
        for name in FIGURES:
            if name in body.get("account", {}):
                raise wrong(f"account.{name}", _("is no term of the contract: leave it out, or leave out terms_only"))
    blocks = []
    for section, fields in singles.items():
        table = body.get(section, {})
        if table and updates_only and section not in RENEWED:
            raise wrong(section, _("cannot be filled by a profile with updates_only"))
        renewed = RENEWED.get(section, frozenset())
        allowed = {name: field for name, field in fields.items() if not updates_only or name in renewed}
        if section == "repayment" and isinstance(table, dict) and "reverses" in table:
            allowed["amount"] = SIGNED
        required = _required(allowed, updates_only)
        if table or (required and not updates_only):
            blocks.append(_block(section, section, table, allowed, marks, required=required))
    for section, fields in repeated.items():
        tables = body.get(section, [])
        if not isinstance(tables, list) or len(tables) > MAX_BLOCKS:
            raise wrong(
                section, _("is a list of at most {n} tables, each [[{name}]]").format(n=MAX_BLOCKS, name=section)
            )
        if tables and updates_only and section not in RENEWED:
            raise wrong(section, _("cannot be filled by a profile with updates_only"))
        for number, table in enumerate(tables, start=1):
            blocks.append(
                _block(section, f"{section}[{number}]", table, fields, marks, required=_required(fields, False))
            )
    return Profile(
        name=name,
        title=str(body.get("title", name)),
        kind=kind,
        updates_only=updates_only,
        terms_only=terms_only,
        chinese_ids=body.get("identity_numbers") == "cn",
        file=file,
        blocks=tuple(blocks),
        territories=territory_cards(tables=body.get("territories", [])),
        **portfolio_keys(body=body, kind=kind, name=name),
        fingerprint=fingerprint,
    )


def check_header(*, profile: Profile, header: list[str], row: int = 0) -> None:
    """
    Pass if every column that the profile reads stands in `header` exactly once.

    `row` is the number of the row that was taken as the header, 0 if the file has none.

    :raises InvalidInput: naming the missing columns, the profile's key that reads the first one, and similar columns.
    """
    columns = profile.columns
    missing = [column for column in columns if column not in header]
    if missing:
        # Only similar columns are named: a file without a header has a borrower's data in the first line.
        near = [repr(n) for column in missing for n in get_close_matches(column, header, n=3, cutoff=0.6)]
        text = _("the file has no column {column}. Similar columns: {near}. Correct the profile, or the header.")
        if row:
            text = _(
                "the file has no column {column}. Similar columns: {near}. Row {row} was taken as the header. If another"
                " row is, write file.skip_lines; if none is, file.columns; or correct the profile."
            )
        named = ", ".join(repr(column) for column in missing[:SHOWN_COLUMNS])
        raise wrong(
            columns[missing[0]],
            text.format(
                column=named + (" …" if len(missing) > SHOWN_COLUMNS else ""),
                near=", ".join(dict.fromkeys(near[:SHOWN_COLUMNS])) or "-",
                row=row,
            ),
        )
    for column, key in columns.items():
        times = header.count(column)
        if times > 1:
            raise wrong(
                key, _("the file has the column {column} {n} times. Rename one.").format(column=repr(column), n=times)
            )


def _truth(table: Mapping[str, Any], key: str, *, where: str = "") -> bool:
    found = truth(table.get(key, False))
    if found is None:
        raise wrong(f"{where}{key}", _("must be true or false. Write: {line}").format(line=f"{key} = true"))
    return found


def _required(fields: Section, updates_only: bool) -> frozenset[str]:
    if updates_only:
        return RENEWED_REQUIRED & set(fields)
    return frozenset(name for name, field in fields.items() if field.required)


def file_format(table: Any) -> tuple[FileFormat, dict[str, Any]]:
    """
    Return how a file is written by the table `file` of a profile, and the marks and time zone of its values.

    :raises InvalidInput: naming the key and the remedy, if anything in it is unknown or wrong.
    """
    if not isinstance(table, dict):
        raise wrong("file", _("must be a table"))
    only_known(table, _FILE, where="file")
    if table.get("format", "csv") not in FORMATS:
        raise wrong("file.format", _("must be one of: {choices}").format(choices=", ".join(FORMATS)))
    if not isinstance(table.get("sheet", ""), str):
        raise wrong("file.sheet", _("must be a text"))
    for key in ("delimiter", "quote", "decimal_mark"):
        if key in table and (not isinstance(table[key], str) or len(table[key]) != 1):
            raise wrong(f"file.{key}", _("must be one character"))
    zone = table.get("time_zone", "Asia/Shanghai")
    try:
        marks = {
            "decimal_mark": table.get("decimal_mark", "."),
            "thousands_mark": table.get("thousands_mark", ","),
            "exponents": _truth(table, "exponents", where="file."),
            "zone": ZoneInfo(zone),
            "region": table.get("phone_region", DEFAULT_REGION),
        }
    except (KeyError, ValueError, TypeError, OSError):
        raise wrong("file.time_zone", _("no such time zone")) from None
    if marks["region"] not in SUPPORTED_REGIONS:
        raise wrong("file.phone_region", _("is the code of a country with two letters, such as CN"))
    if marks["decimal_mark"] == marks["thousands_mark"]:
        raise wrong("file.thousands_mark", _("must differ from decimal_mark"))
    encodings = texts(table.get("encodings", ["utf-8-sig", "gb18030"]), "file.encodings")
    for encoding in encodings:
        try:
            "".encode(encoding)
        except LookupError:
            raise wrong("file.encodings", _("no such encoding: {name}").format(name=encoding)) from None
    skip = whole(table["skip_lines"]) if "skip_lines" in table else None
    if "skip_lines" in table and (skip is None or not 0 <= skip <= 1000):
        raise wrong("file.skip_lines", _("must be a number from 0 to 1000"))
    if table.get("datum", "wgs84") not in DATUMS:
        raise wrong("file.datum", _("must be one of: {choices}").format(choices=", ".join(sorted(DATUMS))))
    file = FileFormat(
        format=table.get("format", ""),
        sheet=table.get("sheet", ""),
        delimiter=table.get("delimiter", ","),
        quote=table.get("quote", '"'),
        encodings=encodings,
        skip_lines=skip,
        columns=texts(table.get("columns", []), "file.columns"),
        empty=frozenset(texts(table.get("empty", []), "file.empty")),
        datum=table.get("datum", "wgs84"),
        total_rows=texts(table.get("total_rows", []), "file.total_rows"),
    )
    return file, marks


def _block(
    section: str, where: str, table: Any, fields: Section, marks: Mapping[str, Any], *, required: frozenset[str]
) -> Block:
    if not isinstance(table, dict):
        raise wrong(where, _("must be a table"))
    table = dict(table)
    only_if = table.pop("only_if", _LEFT_OUT_WITHOUT.get(section, ""))
    for name in table:
        if name in PROTECTED_TRAITS:
            raise wrong(f"{where}.{name}", _("is never taken in: it must not become an input of any decision"))
    only_known(table, set(fields), where=where)
    mappings = {name: source(f"{where}.{name}", value, fields[name], marks, section) for name, value in table.items()}
    for name in sorted(required - set(mappings)):
        raise wrong(f"{where}.{name}", _("is required"))
    if only_if and only_if not in mappings:
        raise wrong(f"{where}.only_if", _("names a field of this block"))
    # `only_if` is read first: if it leaves the block out, no other field of the block is read.
    mappings = dict(sorted(mappings.items(), key=lambda item: item[0] != only_if))
    if ("latitude" in mappings) != ("longitude" in mappings):
        raise wrong(where, _("needs both latitude and longitude, or neither"))
    return Block(section=section, mappings=mappings, only_if=only_if)
