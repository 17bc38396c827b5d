"""A checked profile: the records that reading a profile's TOML yields."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from cases.enums import RecordKind
from cases.rules.profile.conversions import Conversion
from cases.rules.profile.fields import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """
    How the file is written. `format` is csv, ndjson or xlsx, and empty where the content says it. `columns` names them
    where the file has no header; `sheet` is the sheet of a spreadsheet, the first visible one unless named.
    """

    format: str = ""
    sheet: str = ""
    delimiter: str = ","
    quote: str = '"'
    encodings: tuple[str, ...] = ("utf-8-sig", "gb18030")
    columns: tuple[str, ...] = ()
    skip_lines: int = 0
    empty: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one field comes from: columns (the first that is not empty), a template, a constant or a derivation."""

    key: str
    field: Field
    conversion: Conversion
    columns: tuple[str, ...] = ()
    template: str = ""
    derive: str = ""
    constant: object = None
    pattern: str = ""
    words: Mapping[str, object] | None = None
    otherwise: object = None
    default: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One record in a row. A block with `only_if` is left out where that field is empty or zero."""

    section: str
    mappings: Mapping[str, Source]
    only_if: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritoryCard:
    """A territory that the profile makes when it is absent."""

    code: str
    name: str
    name_en: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRule:
    """
    What becomes of the source's accounts that a full snapshot does not name: `missing` closes or flags them.

    Where they are a larger share than `max_share` (0 to 1) of the source's open accounts, a person is asked first.
    """

    missing: str = "close"
    max_share: Decimal = Decimal("0.2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """
    A checked profile. `source` names the system that the accounts come from: profiles of one source speak of one
    portfolio. `mode` says whether a file is a delta or a full snapshot of it, unless the caller says otherwise.
    """

    name: str
    title: str
    kind: RecordKind
    updates_only: bool
    chinese_ids: bool
    file: FileFormat
    blocks: tuple[Block, ...]
    territories: tuple[TerritoryCard, ...]
    # Of the text it was read from: rows read by another wording of it are other rows.
    fingerprint: str = ""
    source: str = ""
    mode: str = "DELTA"
    snapshot: SnapshotRule = SnapshotRule()

    @property
    def columns(self) -> dict[str, str]:
        """Every column that is read, with the key that reads it first."""
        found: dict[str, str] = {}
        for block in self.blocks:
            for mapping in block.mappings.values():
                for column in (*mapping.columns, *template_columns(mapping.template)):
                    found.setdefault(column, mapping.key)
        return found

    def mapped(self, section: str) -> frozenset[str]:
        """The fields of `section` that this profile fills in any block."""
        return frozenset(f for b in self.blocks if b.section == section for f in b.mappings)


def template_columns(template: str) -> tuple[str, ...]:
    """Return the columns that a template such as "uci-{ID}" names."""
    return tuple(name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name)
