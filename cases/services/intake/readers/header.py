"""
Find the header of a file: titles, notes and blank rows may stand above it.

Names of columns are compared without what nobody sees: blanks around them, line breaks, byte order marks, characters of
no width.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from backoffice.core.canonical.texts import visible
from cases.rules.profile.records import FileFormat
from cases.rules.profile.row_kinds import is_blank_row

# So many rows with content are searched for the header.
SEARCHED_ROWS: Final = 20
_BREAK: Final = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]+\s*")
_BLANKS: Final = re.compile(r"[\s\u00a0\u3000]+")


def column_name(cell: str) -> str:
    """
    Return the name of a column as it is compared.

    A line break within a name counts for nothing, between two words of ASCII letters as a space.
    """
    return _BLANKS.sub(" ", _BREAK.sub(_joint, visible(cell)))


def _joint(found: re.Match[str]) -> str:
    text = found.string
    return " " if text[found.start() - 1].isascii() and text[found.end()].isascii() else ""


class HeaderSearch:
    """
    Takes the first rows of a file one by one until its header is known.

    The header is the first of the first 20 rows with content that has every column which the profile reads; if there is
    none, the row with most of them. With `skip_lines` in the profile it is the first row with content, with `columns`
    there is none in the file. `names` are the columns of the header, `row` is its number; both are empty until then.
    """

    def __init__(self, *, file: FileFormat, wanted: Collection[str]) -> None:
        self.names: list[str] = [column.strip() for column in file.columns]
        self.row = 0
        self._known = {column_name(column): column for column in wanted}
        self._columns = frozenset(wanted)
        self._takes_first = file.skip_lines is not None or not wanted
        self._searched = 0
        self._best: tuple[int, int, list[str]] = (-1, 0, [])

    @property
    def is_over(self) -> bool:
        """Whether the header is known."""
        return bool(self.names)

    def offer(self, *, number: int, cells: Sequence[str]) -> None:
        """Look at the next row; blank ones count for nothing."""
        if is_blank_row(cells):
            return
        names = self._named(cells)
        found = len(self._columns & set(names))
        if self._takes_first or found == len(self._columns):
            self.row, self.names = number, names
            return
        self._searched += 1
        if found > self._best[0]:
            self._best = (found, number, names)
        if self._searched == SEARCHED_ROWS:
            self.give_up()

    def give_up(self) -> None:
        """Take the row with most of the columns: no other row can be the header."""
        if not self.names:
            _found, self.row, self.names = self._best

    def _named(self, cells: Sequence[str]) -> list[str]:
        """Return the names of columns, each as the profile writes it."""
        names = [column_name(cell) for cell in cells]
        return [self._known.get(name, name) for name in names]
