"""What the readers of all formats share: numbered rows, the bound of a row, and the refusals that name a row."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput

# The row's number as a spreadsheet shows it, and its cells.
NumberedRow = tuple[int, list[str]]
MAX_COLUMNS: Final = 2000


class Rows(Protocol):
    """
    One open file: `header`, then batches of (row number, cells), which can be read once.

    `header_row` is the number of the row that was taken as the header, 0 if the file has none.
    """

    header: list[str]
    header_row: int

    def batches(self, size: int) -> Iterator[list[NumberedRow]]:
        """Yield the remaining rows, at most `size` at a time; memory does not grow with the file."""
        ...


class Openable(Protocol):
    """A file that can be opened several times: a path, or a sealed file that opens as plain bytes."""

    def open(self, mode: Any = ...) -> Any:
        """Return a seekable stream of bytes."""
        ...


def checked_header(cells: list[str]) -> list[str]:
    """
    Return the names of the columns.

    :raises InvalidInput: if there are none, or more than `MAX_COLUMNS`.
    """
    if not any(c.strip() for c in cells):
        raise InvalidInput(_("The file has no header."))
    if len(cells) > MAX_COLUMNS:
        raise InvalidInput(
            _("The header has {n} columns; at most {limit} are read. Look for the right separator.").format(
                n=len(cells), limit=MAX_COLUMNS
            ),
            field="file.delimiter",
        )
    return cells


def first_too_wide(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the position of the first row with more than `MAX_COLUMNS` cells; None if there is none."""
    if max(map(len, rows)) <= MAX_COLUMNS:
        return None
    return next(position for position, cells in enumerate(rows) if len(cells) > MAX_COLUMNS)


def too_many_cells(*, row: int) -> InvalidInput:
    """Return the refusal of a file for a row with more than `MAX_COLUMNS` cells."""
    return InvalidInput(
        _("Row {row} has more than {limit} cells. Look for the right separator.").format(row=row, limit=MAX_COLUMNS),
        row=row,
        field="file.delimiter",
    )


def damaged(problem: object) -> InvalidInput:
    """Return the refusal of a compressed file that cannot be unpacked; `problem` is the technical cause."""
    return InvalidInput(
        _("The file is damaged or was cut off ({problem}). Send it again.").format(problem=problem), field="file"
    )


def row_problem(*, row: int, what: Any, field: str = "") -> InvalidInput:
    """Return the refusal of a file for one of its rows, naming the row and, with `field`, the column."""
    if field:
        message = _("Row {row}, column {column}: {what}").format(row=row, column=field, what=what)
    else:
        message = _("Row {row}: {what}").format(row=row, what=what)
    return InvalidInput(message, row=row, field=field)
