"""
Rows of a spreadsheet (.xlsx), read as a stream: values only; no formula is run and no external part is fetched.

Why not a library: docs/adr/0018-xlsx-reader.md.
"""

import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from typing import IO, Any, BinaryIO, Final
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.rules.profile.records import FileFormat
from cases.services.intake.readers.rows import NumberedRow, checked_header, damaged
from cases.services.intake.readers.xlsx_cells import SheetCells
from cases.services.intake.readers.xlsx_parts import Styles, sheet_path
from cases.services.intake.readers.xlsx_strings import SharedStrings

MAX_ENTRIES: Final = 2000
MAX_UNPACKED_BYTES: Final = 4 << 30
# A sheet is compressed to a tenth or a fiftieth of its size, a zip bomb to a thousandth. Small files may have any ratio.
MAX_RATIO: Final = 250
RATIO_COUNTS_FROM: Final = 64 << 20
BLOCK_BYTES: Final = 1 << 18
# No tag of a sheet is longer. Without the bound a tag without an end would fill the memory.
MAX_TAG_BYTES: Final = 1 << 22
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, KeyError)


def check_archive(*, stream: BinaryIO) -> None:
    """
    Pass if the file is a zip archive that is safe to unpack: bounded in parts, size and ratio, and not encrypted.

    :raises InvalidInput: with the bound that it breaks, or if it is damaged.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
    except _UNREADABLE as error:
        raise damaged(error) from None
    if len(parts) > MAX_ENTRIES:
        raise InvalidInput(
            _("The spreadsheet has {n} parts; at most {limit} are read.").format(n=len(parts), limit=MAX_ENTRIES)
        )
    if any(p.flag_bits & 1 for p in parts):
        raise InvalidInput(_("The spreadsheet is protected by a password. Save it without one."))
    unpacked, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * max(packed, 1)):
        raise InvalidInput(
            _("The spreadsheet unpacks to {n} MB, which no portfolio does. Save it anew, or send CSV.").format(
                n=unpacked >> 20
            )
        )


class SheetRows:
    """
    The rows of one sheet: `header`, then batches of (row number, cells), the cells as texts.

    Numbers are plain decimals, dates ISO ("2026-03-02"), moments "2026-03-02 14:05:00", booleans "true" and "false",
    errors as the sheet shows them (#N/A). Rows have the sheet's own numbers; empty rows are left out. A column in
    `wanted` may not hold a formula without a value, or a number of more digits than a spreadsheet keeps.

    :raises InvalidInput: naming row and column, if the sheet cannot be read.
    """

    def __init__(self, *, stream: BinaryIO, file: FileFormat, wanted: Collection[str]) -> None:
        self._open = ExitStack()
        try:
            archive = self._open.enter_context(zipfile.ZipFile(stream))
            path = sheet_path(archive=archive, name=file.sheet)
            styles = Styles.of(archive=archive)
            strings = self._open.enter_context(SharedStrings())
            if "xl/sharedStrings.xml" in archive.namelist():
                with archive.open("xl/sharedStrings.xml") as packed:
                    for _nothing in blocks(packed, strings.handle, list):
                        pass
            self._cells = SheetCells(
                styles=styles, strings=strings, wanted=wanted, columns=file.columns, skip_lines=file.skip_lines or 0
            )
            self._sheet = self._open.enter_context(archive.open(path))
            self._rows = self._stream()
            self.header = checked_header(list(file.columns) or next(self._rows, (0, []))[1])
        except _UNREADABLE as error:
            self.close()
            raise damaged(error) from None
        except BaseException:
            self.close()
            raise

    def batches(self, size: int) -> Iterator[list[NumberedRow]]:
        """Yield the remaining rows, at most `size` at a time, each as wide as the header or wider."""
        batch: list[NumberedRow] = []
        width = len(self.header)
        for number, cells in self._rows:
            # A sheet does not store the empty cells at the end of a row.
            batch.append((number, cells + [""] * (width - len(cells))))
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch

    def close(self) -> None:
        """Close the archive and the temporary file of its texts."""
        self._open.close()

    def _stream(self) -> Iterator[NumberedRow]:
        try:
            yield from blocks(self._sheet, self._cells.handle, self._cells.take)
        except _UNREADABLE as error:
            raise damaged(error) from None


def blocks(packed: IO[bytes], handle: Callable[[Any], None], take: Callable[[], list[Any]]) -> Iterator[Any]:
    """
    Parse a part of the archive block by block, and yield what `take` returns after each block.

    `handle` sets the handlers of the parser.

    :raises InvalidInput: if the part is no sound XML, declares a document type (entities), or has a tag without an end.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    handle(parser)
    fed = 0
    try:
        while block := packed.read(BLOCK_BYTES):
            parser.Parse(block, False)
            fed += len(block)
            if fed - parser.CurrentByteIndex > MAX_TAG_BYTES:
                raise damaged(_("a tag without an end"))
            yield from take()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged(error) from None
    yield from take()


def _refuse_doctype(*_declared: Any) -> None:
    raise InvalidInput(_("The spreadsheet declares a document type, which none needs. Save it anew, or send CSV."))
