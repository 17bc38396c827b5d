"""The records of a checked profile, as `parse_profile` returns them."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cases.enums import RecordKind
from cases.rules.profile.arithmetic import Computation
from cases.rules.profile.conversions import Conversion
from cases.rules.profile.fields import Field

# The name of the number of a row, for files whose rows have no key of their own.
ROW_NUMBER: Final = "row_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFormat:
    """
    How the file is written.

    `format` is csv, ndjson or xlsx; if empty the content decides. `columns` are the names of the columns of a file
    without a header. `sheet` is the name of a spreadsheet's sheet; if empty the first visible one is read. `encodings`
    are tried in order. `skip_lines` lines before the header are skipped; if it is None the header is looked for. The texts
    `empty` mean an empty cell. A row with a word of `total_rows` in a cell that identifies nobody is passed over.
    `datum` (wgs84, gcj02 or bd09) is that of coordinates.
    """

    format: str = ""
    sheet: str = ""
    delimiter: str = ","
    quote: str = '"'
    encodings: tuple[str, ...] = ("utf-8-sig", "gb18030")
    columns: tuple[str, ...] = ()
    skip_lines: int | None = None
    empty: frozenset[str] = frozenset()
    datum: str = "wgs84"
    total_rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """
    Where the value of one field comes from: columns (the first that is not empty), a template, a sum of columns
    (`compute`), a constant or a derivation.

    `key` is the field's key in the profile, for messages. `pattern` is a regular expression whose first group is the
    value. `words` maps texts to values, `otherwise` is the value of other texts, `default` that of an empty cell.
    """

    key: str
    field: Field
    conversion: Conversion
    columns: tuple[str, ...] = ()
    template: str = ""
    derive: str = ""
    compute: Computation | None = None
    constant: object = None
    pattern: str = ""
    words: Mapping[str, object] | None = None
    otherwise: object = None
    default: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """
    One record in a row; it is left out if the field `only_if` is empty or zero.

    A record of a list, such as a statement, is also left out if a field that it needs and all of its cells are empty.
    """

    section: str
    mappings: Mapping[str, Source]
    only_if: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the file that its fields are read from."""
        sources = self.mappings.values()
        names = [name for source in sources for name in (*source.columns, *template_columns(source.template))]
        return frozenset(names) - {ROW_NUMBER}


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

    With `terms_only` the rows give limit, rate and the like; arrears and the day of the figures come from another file.
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
    terms_only: bool = False
    version_id: int | None = None

    @property
    def columns(self) -> dict[str, str]:
        """The columns of the file that are read, each with the first key of the profile that reads it."""
        found = self._columns
        found.pop(ROW_NUMBER, None)
        return found

    @property
    def reads_row_number(self) -> bool:
        """Whether a field is filled from the number of the row, as a spreadsheet shows it."""
        return ROW_NUMBER in self._columns

    @property
    def _columns(self) -> dict[str, str]:
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
