"""COPY text: whole columns of values as the text that PostgreSQL's COPY reads."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, Final

Column = Sequence[Any] | None
NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_text(*, columns: Sequence[Column], kinds: Sequence[str], count: int) -> str:
    """
    Return `count` lines of COPY text, empty for no rows.

    A column holds `count` values; one that is None is null in every line, as is a value None. `kinds` are the SQL types
    of the columns.
    """
    if not count:
        return ""
    cells = [_cells(column, kind, count) for column, kind in zip(columns, kinds, strict=True)]
    return "\n".join(map("\t".join, zip(*cells, strict=True))) + "\n"


def _cells(column: Column, kind: str, count: int) -> Iterable[str]:
    if column is None:
        return repeat(NULL, count)
    if kind == "text":
        return _texts(column)
    if kind == "bytea":
        return [NULL if value is None else "\\\\x" + value.hex() for value in column]
    return [NULL if value is None else str(value) for value in column]


def _texts(column: Sequence[str | None]) -> Iterable[str]:
    """Return the texts of a column with COPY's escapes; one search over all of them finds that none is needed."""
    try:
        together = "".join(column)  # type: ignore[arg-type]
    except TypeError:
        # Some values are None.
        return [NULL if value is None else value.translate(_ESCAPES) for value in column]
    if "\\" in together or "\t" in together or "\n" in together or "\r" in together:
        return [value.translate(_ESCAPES) for value in column]  # type: ignore[union-attr]
    return column  # type: ignore[return-value]
