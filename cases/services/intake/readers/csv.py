"""Rows of a delimited file. The csv module reads the text stream itself: a million rows take about two seconds."""

import csv
from collections.abc import Iterator
from itertools import islice
from typing import TextIO

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.rules.profile.records import FileFormat
from cases.services.intake.readers.rows import NumberedRow, checked_header, first_too_wide, too_many_cells


class CsvRows:
    """
    The rows of one delimited file: `header`, then batches of (row number, cells).

    Rows are numbered as a spreadsheet shows them: the header is row 1 where there is one and nothing is skipped.
    Empty lines are counted and passed over. Lines must be bounded already (`intake_reading.inspect_file` sees to it);
    a quoted cell that runs over lines is bounded by csv.field_size_limit.

    :raises InvalidInput: naming the row, if a row cannot be read at all (unclosed quote).
    """

    def __init__(self, *, stream: TextIO, file: FileFormat) -> None:
        # Read by iteration, as the csv module does: `readline` would take the stream's buffer from it.
        for _line in islice(stream, file.skip_lines):
            pass
        self._row = file.skip_lines
        self._reader = csv.reader(stream, delimiter=file.delimiter, quotechar=file.quote, strict=True)
        self.header = checked_header(list(file.columns) or self._first())

    def _first(self) -> list[str]:
        try:
            for cells in self._reader:
                self._row += 1
                if cells:
                    return cells
        except csv.Error as error:
            raise self._broken(error, self._row + 1) from None
        return []

    def batches(self, size: int) -> Iterator[list[NumberedRow]]:
        """Yield the rows that are left, `size` at a time (fewer where lines are empty), until none is left."""
        while True:
            rows: list[list[str]] = []
            try:
                # A list keeps what came before an error, so that the row can be named.
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
            batch = [(number, cells) for number, cells in enumerate(rows, start) if cells]
            if batch:
                yield batch

    def _broken(self, error: csv.Error, row: int) -> InvalidInput:
        return InvalidInput(
            _("Row {row}, line {line}: the row cannot be read ({problem}). Look for an unclosed quote.").format(
                row=row, line=self._reader.line_num, problem=error
            ),
            row=row,
        )
