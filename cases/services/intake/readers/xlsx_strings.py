"""The shared strings of a spreadsheet, stored in a temporary file."""

import tempfile
from array import array
from mmap import ACCESS_READ, mmap
from types import TracebackType
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.services.intake.readers.rows import damaged
from cases.services.intake.readers.xlsx_parts import MAX_CELL_CHARACTERS, local, unescaped


class SharedStrings:
    """
    The texts that cells refer to by number, counted from 0.

    They are written to an unnamed temporary file; each text takes eight bytes of memory.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by `__exit__`
        self._ends = array("Q", [0])
        self._map: mmap | None = None
        self._parts: list[str] = []
        self._size = 0
        self._collects_text = self._in_phonetic = False

    def __enter__(self) -> "SharedStrings":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._map is not None:
            self._map.close()
        self._file.close()

    def handle(self, parser: Any) -> None:
        """Set the handlers of a parser that reads the part of shared strings."""
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self._ends) - 1:
            raise damaged(_("a cell points to a text that is not there"))
        if self._map is None:
            self._file.flush()
            if not self._ends[-1]:
                return ""
            self._map = mmap(self._file.fileno(), 0, access=ACCESS_READ)
        return self._map[self._ends[number] : self._ends[number + 1]].decode("utf-8", "replace")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "rPh":
            self._in_phonetic = True
        self._collects_text = tag == "t" and not self._in_phonetic

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "rPh":
            self._in_phonetic = False
        elif tag == "si":
            body = unescaped("".join(self._parts)).encode("utf-8", "replace")
            self._parts, self._size = [], 0
            self._file.write(body)
            self._ends.append(self._ends[-1] + len(body))
        self._collects_text = False

    def _characters(self, text: str) -> None:
        if self._collects_text:
            self._size += len(text)
            if self._size > MAX_CELL_CHARACTERS:
                raise InvalidInput(_("A cell holds more than {n} characters.").format(n=MAX_CELL_CHARACTERS))
            self._parts.append(text)
