"""The records of a checked profile, as `parse_profile` returns them."""

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
    How the file is written.

    `format` is csv, ndjson or xlsx; if empty the content decides. `columns` are the names of the columns of a file
    without a header. `sheet` is the name of a spreadsheet's sheet; if empty the first visible one is read. `encodings`
    are tried in order, `skip_lines` lines before the header are skipped, and the texts `empty` mean an empty cell.
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
    """
    Where the value of one field comes from: columns (the first that is not empty), a template, a constant or a derivation.

    `key` is the field's key in the profile, for messages. `pattern` is a regular expression whose first group is the
    value. `words` maps texts to values, `otherwise` is the value of other texts, `default` that of an empty cell.
    """

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
    """One record in a row; it is left out if the field `only_if` is empty or zero."""

    section: str
    mappings: Mapping[str, Source]
    only_if: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritoryCard:
    """A territory that the intake creates if it does not exist."""

    code: str
    name: str
    name_en: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRule:
    """
    What becomes of the source's accounts that a full snapshot does not name: `missing` is close or flag.

    If they are a larger share than `max_share` (0 to 1) of the source's open accounts, a person decides.
    """

    missing: str = "close"
    max_share: Decimal = Decimal("0.2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """
    A checked profile.

    `source` names the system that the accounts come from; profiles of one source describe one portfolio. `mode` is
    DELTA or SNAPSHOT and counts unless the caller names another. `fingerprint` is the SHA-256 of the profile's text: it
    is part of every row digest, so that rows are read again after the profile has changed. `version_id` is the stored
    version that the text is of; None for a shipped profile or a file.
    """

    name: str
    title: str
    kind: RecordKind
    updates_only: bool
    chinese_ids: bool
    file: FileFormat
    blocks: tuple[Block, ...]
    territories: tuple[TerritoryCard, ...]
    fingerprint: str = ""
    source: str = ""
    mode: str = "DELTA"
    snapshot: SnapshotRule = SnapshotRule()
    version_id: int | None = None

    @property
    def columns(self) -> dict[str, str]:
        """The columns that are read, each with the first key of the profile that reads it."""
        found: dict[str, str] = {}
        for block in self.blocks:
            for mapping in block.mappings.values():
                for column in (*mapping.columns, *template_columns(mapping.template)):
                    found.setdefault(column, mapping.key)
        return found

    def mapped(self, section: str) -> frozenset[str]:
        """Return the fields of `section` that this profile fills in any block."""
        return frozenset(name for block in self.blocks if block.section == section for name in block.mappings)


def template_columns(template: str) -> tuple[str, ...]:
    """Return the columns that a template such as "uci-{ID}" names."""
    return tuple(name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name)
