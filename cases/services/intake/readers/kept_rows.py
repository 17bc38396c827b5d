"""The rows of a file without those that describe nothing: blank rows, headers of further pages, rows of totals."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cases.rules.profile.records import ROW_NUMBER, Profile
from cases.rules.profile.row_kinds import RowKind, RowKinds
from cases.services.intake.readers.rows import NumberedRow, Rows

# Further rows that look like totals are read like others, and rejected: no portfolio has so many.
MOST_DOUBTFUL: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulRow:
    """A row that looks like one of totals: its number as a spreadsheet shows it, its cells, and its word."""

    number: int
    cells: list[str]
    word: str


@dataclass(slots=True, kw_only=True)
class FileContents:
    """
    How many rows of each kind a file has, as far as it was read.

    `rows` are those that are read, without `doubtful`; the others count what was passed over, `blank` also headers that are
    printed again.
    """

    header: list[str]
    rows: int = 0
    blank: int = 0
    totals: int = 0
    doubtful: list[DoubtfulRow] = field(default_factory=list)


class KeptRows:
    """The rows of an open file that are read. `contents` counts them and what was passed over."""

    def __init__(self, *, rows: Rows, profile: Profile) -> None:
        self._rows = rows
        self._numbers_rows = profile.reads_row_number and ROW_NUMBER not in rows.header
        self.header = [*rows.header, ROW_NUMBER] if self._numbers_rows else rows.header
        self.header_row = rows.header_row
        self.contents = FileContents(header=rows.header)
        self._kinds = RowKinds(profile=profile, header=rows.header)

    def batches(self, size: int) -> Iterator[list[NumberedRow]]:
        """Yield the remaining rows, at most `size` at a time."""
        for batch in self._rows.batches(size):
            suspects = self._kinds.suspects(batch)
            passed_over = {position for position in suspects if not self._is_kept(*batch[position])}
            if passed_over:
                batch = [row for position, row in enumerate(batch) if position not in passed_over]
            if batch:
                self.contents.rows += len(batch)
                yield self._numbered(batch) if self._numbers_rows else batch

    def _numbered(self, batch: list[NumberedRow]) -> list[NumberedRow]:
        """Add the number of each row as its last cell; a row of another width stays as it is and is refused."""
        width = len(self.header) - 1
        return [(number, [*cells, str(number)] if len(cells) == width else cells) for number, cells in batch]

    def _is_kept(self, number: int, cells: list[str]) -> bool:
        kind, word = self._kinds.kind(cells)
        contents = self.contents
        if kind in (RowKind.BLANK, RowKind.HEADER):
            contents.blank += 1
        elif kind is RowKind.TOTAL:
            contents.totals += 1
        elif kind is RowKind.DOUBTFUL and len(contents.doubtful) < MOST_DOUBTFUL:
            contents.doubtful.append(DoubtfulRow(number=number, cells=cells, word=word))
        else:
            return True
        return False
