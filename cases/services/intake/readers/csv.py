"""Rows of a delimited text file. The csv module reads a million rows in about two seconds."""

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

    Rows are numbered as a spreadsheet shows them: the header is row 1 if no lines are skipped. Empty lines count and
    are left out. `inspect_file` has checked the length of lines; csv.field_size_limit bounds a quoted cell that spans
    several lines.

    :raises InvalidInput: naming the row, if a row cannot be read (an unclosed quote).
    """

    def __init__(self, *, stream: TextIO, file: FileFormat) -> None:
        # By iteration, as the csv module reads: a text stream does not mix iteration and `readline`.
        for _line in islice(stream, file.skip_lines or 0):
            pass
        self._row = file.skip_lines or 0
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
        """Yield the remaining rows, at most `size` at a time."""
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
