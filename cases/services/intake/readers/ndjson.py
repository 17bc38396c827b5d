"""
Rows of a file with one JSON object on each line. A number keeps the text in which it is written.

Nested objects and lists are flattened: {"phone": {"home": "1"}} is the column "phone.home", the first entry of a list
"phones.0".
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.rules.profile.records import FileFormat
from cases.services.intake.readers.rows import MAX_COLUMNS, NumberedRow, checked_header, row_problem

# Unless the profile names the columns, they are the keys of the first objects, so many of them.
HEADER_OBJECTS: Final = 1000
MAX_DEPTH: Final = 8


class _KeyTwice(ValueError):
    """An object has a key twice, so it is unclear which value counts."""


class JsonRows:
    """
    The rows of one file: `header`, then batches of (line number, cells). A key that is absent or null is empty.

    Without `columns` in the profile every key that is read must occur in one of the first 1,000 objects.

    :raises InvalidInput: naming the row, if a line is no JSON object or one with too many levels or values.
    """

    def __init__(self, *, stream: BinaryIO, file: FileFormat) -> None:
        self._lines = enumerate(stream, 1)
        for _line in islice(self._lines, file.skip_lines or 0):
            pass
        self._ahead: list[tuple[int, dict[str, str]]] = []
        self._keys = list(file.columns)
        if not self._keys:
            self._ahead = list(islice(self._objects(), HEADER_OBJECTS))
            self._keys = list(dict.fromkeys(key for _number, flat in self._ahead for key in flat))
        self.header = checked_header([key.strip() for key in self._keys])
        self.header_row = 0

    def batches(self, size: int) -> Iterator[list[NumberedRow]]:
        """Yield the remaining rows, at most `size` at a time."""
        rows = self._cells()
        while batch := list(islice(rows, size)):
            yield batch

    def _cells(self) -> Iterator[NumberedRow]:
        keys = self._keys
        ahead, self._ahead = self._ahead, []
        for number, flat in ahead:
            yield number, [flat.get(key, "") for key in keys]
        for number, flat in self._objects():
            yield number, [flat.get(key, "") for key in keys]

    def _objects(self) -> Iterator[tuple[int, dict[str, str]]]:
        for number, line in self._lines:
            if line.isspace():
                continue
            yield number, _flat(_parsed(line, number), number)


def _parsed(line: bytes, row: int) -> dict[str, Any]:
    try:
        value = _DECODER.decode(line.decode("utf-8-sig" if row == 1 else "utf-8").strip())
    except _KeyTwice as error:
        raise row_problem(row=row, field=str(error), what=_("the key stands twice in one object.")) from None
    except json.JSONDecodeError as error:
        raise row_problem(
            row=row,
            what=_("not one JSON object a line ({problem}, character {n}).").format(problem=error.msg, n=error.pos),
        ) from None
    except RecursionError:
        raise _too_deep(row) from None
    if not isinstance(value, dict):
        raise row_problem(row=row, what=_("not one JSON object a line."))
    if b"\\u" in line:
        _check_whole_characters(value, row)
    return value


def _check_whole_characters(value: Any, row: int) -> None:
    """Refuse an escape that writes half of a surrogate pair, which PostgreSQL cannot store."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise row_problem(row=row, what=_("a text holds half of a character (an unpaired surrogate).")) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise _KeyTwice(next(key for key, _value in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


# Numbers stay texts, so none is rounded. NaN and Infinity, which some programs write though they are no JSON, stay texts
# too and are refused with their field when a number is read.
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=str, parse_int=str, parse_constant=str, strict=True
)


def _flat(value: dict[str, Any], row: int) -> dict[str, str]:
    """Return the object as texts by key; at most `MAX_COLUMNS` of them, objects at most `MAX_DEPTH` deep."""
    if len(value) <= MAX_COLUMNS and all(type(v) is str for v in value.values()):
        return value
    flat: dict[str, str] = {}
    _lay_flat(value, "", flat, row, 1)
    return flat


def _lay_flat(value: Any, name: str, flat: dict[str, str], row: int, depth: int) -> None:
    if isinstance(value, dict | list):
        if depth > MAX_DEPTH:
            raise _too_deep(row)
        pairs = value.items() if isinstance(value, dict) else ((str(n), v) for n, v in enumerate(value))
        for key, inner in pairs:
            _lay_flat(inner, f"{name}.{key}" if name else key, flat, row, depth + 1)
        return
    if name in flat:
        raise row_problem(row=row, field=name, what=_("the key stands twice in one object."))
    if len(flat) >= MAX_COLUMNS:
        raise row_problem(row=row, what=_("an object has more than {n} values.").format(n=MAX_COLUMNS))
    flat[name] = "" if value is None else value if isinstance(value, str) else "true" if value else "false"


def _too_deep(row: int) -> InvalidInput:
    return row_problem(row=row, what=_("objects stand more than {n} deep in each other.").format(n=MAX_DEPTH))
