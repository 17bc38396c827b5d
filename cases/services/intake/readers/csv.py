"""Rows of a delimited text file. The csv module reads a million rows in about two seconds."""

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice
from typing import Final, TextIO

from django.utils.translation import gettext_lazy as _

from backoffice.core.canonical.texts import visible
from backoffice.core.errors import InvalidInput
from cases.rules.profile.records import FileFormat
from cases.services.intake.readers.header import SEARCHED_ROWS, HeaderSearch
from cases.services.intake.readers.rows import MAX_COLUMNS, NumberedRow, checked_header, first_too_wide, too_many_cells

# Spreadsheets write this line to name the delimiter, and show no row for it.
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
# DOS and mainframes end a file with it.
_END_OF_FILE: Final = "\x1a"
_DELIMITERS: Final = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar"), "，": _("Chinese comma")}


class CsvRows:
    """
    The rows of one delimited file: `header`, then batches of (row number, cells).

    Rows are numbered as a spreadsheet shows them. `header_row` is the number of the header's row, 0 if the profile names
    the columns. Empty lines count and are left out; so are empty cells behind the last column, and the mark that old
    systems write at the end of a file. A cell ="00123", with which programs keep a spreadsheet from reading a number, is
    00123. `inspect_file` has checked the length of lines; csv.field_size_limit
    bounds a quoted cell that spans several lines.

    :raises InvalidInput: naming the row, if a row cannot be read (an unclosed quote), or if the header has another
        delimiter than the profile.
    """

    def __init__(self, *, stream: TextIO, file: FileFormat, wanted: Collection[str]) -> None:
        # By iteration, as the csv module reads: a text stream does not mix iteration and `readline`.
        for _line in islice(stream, file.skip_lines or 0):
            pass
        self._row = file.skip_lines or 0
        lines = list(islice(stream, SEARCHED_ROWS + 1))
        delimiter = file.delimiter
        named = _SEPARATOR_LINE.fullmatch(lines[0]) if lines and not self._row else None
        if named is not None:
            delimiter = named[1]
            del lines[0]
        self._reader = csv.reader(chain(lines, stream), delimiter=delimiter, quotechar=file.quote, strict=True)
        search = HeaderSearch(file=file, wanted=wanted)
        try:
            self._ahead = self._search_header(search)
        except csv.Error as error:
            _check_delimiter(lines, delimiter, file.quote, wanted, search.names)
            raise self._broken(error, self._row + 1) from None
        if not file.columns:
            _check_delimiter(lines, delimiter, file.quote, wanted, search.names)
        self.header = checked_header(search.names)
        self.header_row = search.row
        self._width = len(self.header)

    def batches(self, size: int) -> Iterator[list[NumberedRow]]:
        """Yield the remaining rows, at most `size` at a time."""
        while self._ahead:
            batch = [(number, self._as_shown(cells)) for number, cells in self._ahead[:size]]
            self._ahead = self._ahead[size:]
            yield batch
        while True:
            rows: list[list[str]] = []
            try:
                # `extend` keeps the rows before the error, so that the row can be counted.
                rows.extend(islice(self._reader, size))
            except csv.Error as error:
                raise self._broken(error, self._row + len(rows) + 1) from None
            if not rows:
                return
            wide = first_too_wide(rows)
            if wide is not None:
                raise too_many_cells(row=self._row + 1 + wide)
            start = self._row + 1
            self._row += len(rows)
            batch = [(number, self._as_shown(cells)) for number, cells in enumerate(rows, start) if cells]
            batch = [row for row in batch if row[1] != [_END_OF_FILE]]
            if batch:
                yield batch

    def _as_shown(self, cells: list[str]) -> list[str]:
        """Return the cells as a spreadsheet would show them."""
        while len(cells) > self._width and not visible(cells[-1]):
            cells.pop()
        if '="' in "\n".join(cells):
            return [cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell for cell in cells]
        return cells

    def _search_header(self, search: HeaderSearch) -> list[NumberedRow]:
        """Read until the header is known; return the rows after it that were read on the way."""
        passed: list[NumberedRow] = []
        while not search.is_over:
            cells = next(self._reader, None)
            if cells is None:
                search.give_up()
                break
            self._row += 1
            search.offer(number=self._row, cells=cells)
            if cells:
                passed.append((self._row, cells))
        after = [(number, cells) for number, cells in passed if number > search.row]
        for number, cells in after:
            if len(cells) > MAX_COLUMNS:
                raise too_many_cells(row=number)
        return after

    def _broken(self, error: csv.Error, row: int) -> InvalidInput:
        return InvalidInput(
            _("Row {row}, line {line}: the row cannot be read ({problem}). Look for an unclosed quote.").format(
                row=row, line=self._reader.line_num, problem=error
            ),
            row=row,
        )


def _check_delimiter(
    lines: Sequence[str], delimiter: str, quote: str, wanted: Collection[str], header: Sequence[str]
) -> None:
    """Pass unless one of the first lines has more of the wanted columns with another delimiter than the header has."""
    most, likely = len(set(wanted) & set(header)), ""
    if most == len(wanted):
        return
    for line in lines:
        for other in _DELIMITERS:
            if other != delimiter and other in line:
                cells = {cell.strip().strip(quote) for cell in line.split(other)}
                if len(cells & set(wanted)) > most:
                    most, likely = len(cells & set(wanted)), other
    if likely:
        raise InvalidInput(
            _(
                "The columns of the header are separated by {found}, and the profile reads {wanted}."
                " Write under [file]: delimiter = {line}"
            ).format(
                found=_DELIMITERS[likely],
                wanted=_DELIMITERS.get(delimiter, repr(delimiter)),
                line='"\\t"' if likely == "\t" else f'"{likely}"',
            ),
            field="file.delimiter",
        )
