"""What the readers of every file format share: the shape of their rows and the bounds of a row."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput

NumberedRow = tuple[int, list[str]]
MAX_COLUMNS: Final = 2000


class Rows(Protocol):
    """One open file: `header`, then batches of (row number, cells). An iterator: what was read is gone."""

    header: list[str]

    def batches(self, size: int) -> Iterator[list[NumberedRow]]:
        """Yield lists of at most `size` rows until none is left; memory does not grow with the file."""
        ...


class Openable(Protocol):
    """A file at rest: a path, or something stored sealed that opens as plain bytes. It can be opened again and again."""

    def open(self, mode: Any = ...) -> Any:
        """Return a seekable stream of bytes."""
        ...


def checked_header(cells: list[str]) -> list[str]:
    """
    Return the names of the columns without blanks around them.

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
    return [c.strip() for c in cells]


def first_too_wide(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the position of the first row with more than `MAX_COLUMNS` cells; None if there is none."""
    if max(map(len, rows)) <= MAX_COLUMNS:
        return None
    return next(position for position, cells in enumerate(rows) if len(cells) > MAX_COLUMNS)


def too_many_cells(*, row: int) -> InvalidInput:
    """Return the refusal of a file with a row that is no row of a portfolio."""
    return InvalidInput(
        _("Row {row} has more than {limit} cells. Look for the right separator.").format(row=row, limit=MAX_COLUMNS),
        row=row,
        field="file.delimiter",
    )


def damaged(problem: object) -> InvalidInput:
    """Return the refusal of a packed file that does not unpack; `problem` is what the library says of its structure."""
    return InvalidInput(
        _("The file is damaged or was cut off ({problem}). Send it again.").format(problem=problem), field="file"
    )


def row_problem(*, row: int, what: Any, field: str = "") -> InvalidInput:
    """Return the refusal of a file for one of its rows, naming row and column."""
    if field:
        told = _("Row {row}, column {column}: {what}").format(row=row, column=field, what=what)
    else:
        told = _("Row {row}: {what}").format(row=row, what=what)
    return InvalidInput(told, row=row, field=field)
