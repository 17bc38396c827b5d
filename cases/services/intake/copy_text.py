"""COPY text: columns of values as PostgreSQL's COPY takes them, put together for a whole batch at once."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, Final

Column = Sequence[Any] | None
NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_text(*, columns: Sequence[Column], kinds: Sequence[str], count: int) -> str:
    """
    Return `count` lines of COPY text. A column is None where the feed does not say it; `kinds` are the staged types.
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
        return [NULL if v is None else "\\\\x" + v.hex() for v in column]
    return [NULL if v is None else str(v) for v in column]


def _texts(column: Sequence[str | None]) -> Iterable[str]:
    try:
        together = "".join(column)  # type: ignore[arg-type]
    except TypeError:
        # Some are absent.
        return [NULL if v is None else v.translate(_ESCAPES) for v in column]
    if "\\" in together or "\t" in together or "\n" in together or "\r" in together:
        return [v.translate(_ESCAPES) for v in column]  # type: ignore[union-attr]
    return column  # type: ignore[return-value]
