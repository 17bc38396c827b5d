"""Reading a delimited file row by row, in bounded memory, whatever is in it."""

import codecs
import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput, Missing
from cases.rules.profile_parts import FileFormat

BLOCK_BYTES = 1 << 20
# A longer line is no row of a portfolio but an unclosed quote or another kind of file.
MAX_LINE_CHARACTERS = 1 << 20
MAX_COLUMNS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What is known of a file before its rows are read."""

    sha256: str
    encoding: str = ""
    problem: InvalidInput | None = None


def inspect_file(*, path: Path, file: FileFormat) -> Inspection:
    """
    Return the file's hash and the first of the profile's encodings that reads all of it, in one pass.

    `problem` says that the file is empty or that none of the encodings reads it.

    :raises Missing: if there is no such file.
    """
    digest = hashlib.sha256()
    decoders = {e: codecs.getincrementaldecoder(e)("strict") for e in file.encodings}
    size = 0
    try:
        with path.open("rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                digest.update(block)
                size += len(block)
                decoders = {e: d for e, d in decoders.items() if _decodes(d, block)}
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise Missing(_("There is no such file.")) from None
    except PermissionError:
        raise Missing(_("The file cannot be read: permission is missing.")) from None
    if size == 0:
        return Inspection(sha256=digest.hexdigest(), problem=InvalidInput(_("The file is empty.")))
    decoders = {e: d for e, d in decoders.items() if _decodes(d, b"", final=True)}
    if not decoders:
        problem = InvalidInput(
            _("The file cannot be read as {encodings}. Save it as UTF-8, or name its encoding in the profile.").format(
                encodings=", ".join(file.encodings)
            ),
            field="file.encodings",
        )
        return Inspection(sha256=digest.hexdigest(), problem=problem)
    return Inspection(sha256=digest.hexdigest(), encoding=next(iter(decoders)))


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeError:
        return False
    return True


class RowStream:
    """
    The rows of one file: `header`, then an iteration of (row number, cells).

    Rows are numbered as a spreadsheet shows them: the header is row 1 where there is one and nothing is skipped.
    Empty lines are passed over.

    :raises InvalidInput: naming the row, if a row cannot be read at all (unclosed quote, endless line).
    """

    def __init__(self, *, stream: TextIO, file: FileFormat) -> None:
        self._stream = stream
        self._line = 0
        self._row = 0
        self._skipped = file.skip_lines
        for _number in range(file.skip_lines):
            next(self._lines(), "")
        self._reader = csv.reader(self._lines(), delimiter=file.delimiter, quotechar=file.quote, strict=True)
        header = list(file.columns) or self._header()
        if len(header) > MAX_COLUMNS:
            raise InvalidInput(
                _("The header has {n} columns; at most {limit} are read. Look for the right separator.").format(
                    n=len(header), limit=MAX_COLUMNS
                ),
                field="file.delimiter",
            )
        self.header = [h.strip() for h in header]

    def _header(self) -> list[str]:
        cells = next(self._rows(), (0, []))[1]
        if not any(c.strip() for c in cells):
            raise InvalidInput(_("The file has no header."))
        return cells

    def _lines(self) -> Iterator[str]:
        while line := self._stream.readline(MAX_LINE_CHARACTERS):
            self._line += 1
            if len(line) >= MAX_LINE_CHARACTERS:
                raise InvalidInput(
                    _("Row {row}: a line is longer than {n} characters.").format(row=self._here, n=MAX_LINE_CHARACTERS),
                    row=self._here,
                )
            yield line

    @property
    def _here(self) -> int:
        return self._row + 1 + self._skipped

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise InvalidInput(
                    _("Row {row}, line {line}: the row cannot be read ({problem}). Look for an unclosed quote.").format(
                        row=self._here, line=self._line, problem=error
                    ),
                    row=self._here,
                ) from None
            self._row += 1
            if cells:
                yield self._row + self._skipped, cells

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self._rows()
