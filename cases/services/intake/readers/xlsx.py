"""
Rows of a spreadsheet (.xlsx), read as a stream: values only; no formula is run and no external part is fetched.

Why not a library: docs/adr/0018-xlsx-reader.md.
"""

import json
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import IO, Any, BinaryIO, Final
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from backoffice.core.canonical.texts import visible
from backoffice.core.errors import InvalidInput
from cases.rules.profile.records import FileFormat
from cases.rules.profile.row_kinds import is_blank_row
from cases.services.intake.readers.header import HeaderSearch
from cases.services.intake.readers.rows import NumberedRow, checked_header, damaged
from cases.services.intake.readers.xlsx_cells import SheetCells
from cases.services.intake.readers.xlsx_parts import Styles, sheet_path, visible_sheets
from cases.services.intake.readers.xlsx_strings import SharedStrings

MAX_ENTRIES: Final = 2000
MAX_UNPACKED_BYTES: Final = 4 << 30
# A sheet is compressed to a tenth or a fiftieth of its size, a zip bomb to a thousandth. Small files may have any ratio.
MAX_RATIO: Final = 250
RATIO_COUNTS_FROM: Final = 64 << 20
BLOCK_BYTES: Final = 1 << 18
# No tag of a sheet is longer. Without the bound a tag without an end would fill the memory.
MAX_TAG_BYTES: Final = 1 << 22
_SHOWN_SHEETS: Final = 20
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

    Numbers are plain decimals, "18%" in cells of a percent format, dates ISO ("2026-03-02"), moments "2026-03-02 14:05:00", booleans "true" and "false",
    errors as the sheet shows them (#N/A). Rows have the sheet's own numbers; empty rows are left out. Rows and columns that
    the sheet hides, also by a filter, are read like the others. `header_row` is the number of the header's row, 0 if the
    profile names the columns. A column in `wanted` may not hold a formula without a value, or a number of more digits than a spreadsheet keeps.

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
            search = HeaderSearch(file=file, wanted=wanted)
            self._cells = SheetCells(
                styles=styles, strings=strings, wanted=wanted, search=search, skip_lines=file.skip_lines or 0
            )
            self._sheet = self._open.enter_context(archive.open(path))
            self._rows = self._stream()
            self._ahead = self._search_header(search)
            self.header = checked_header(search.names)
            self.header_row = search.row
            if not file.sheet and not set(wanted) <= set(self.header):
                _check_sheet(visible_sheets(archive=archive))
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
        for number, cells in chain(self._ahead, self._rows):
            if number <= self.header_row:
                continue
            # A sheet does not store the empty cells at the end of a row, but it does store a blank.
            while len(cells) > width and not visible(cells[-1]):
                cells.pop()
            batch.append((number, cells + [""] * (width - len(cells))))
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch

    def close(self) -> None:
        """Close the archive and the temporary file of its texts."""
        self._open.close()

    def _search_header(self, search: HeaderSearch) -> list[NumberedRow]:
        """Read until the header is known, and return the rows with content that were read on the way."""
        passed: list[NumberedRow] = []
        while not search.is_over:
            row = next(self._rows, None)
            if row is None:
                search.give_up()
                break
            if not is_blank_row(row[1]):
                passed.append(row)
        return passed

    def _stream(self) -> Iterator[NumberedRow]:
        try:
            yield from blocks(self._sheet, self._cells.handle, self._cells.take)
        except _UNREADABLE as error:
            raise damaged(error) from None


def _check_sheet(names: list[str]) -> None:
    """Pass if the workbook has one sheet only: in another one than the first may be the columns that were not found."""
    if len(names) > 1:
        raise InvalidInput(
            _(
                "The first sheet, {first}, lacks columns of the profile. There are also: {others}. If the rows are in one of "
                "them, write under [file]: sheet = {line}"
            ).format(
                first=repr(names[0]),
                others=", ".join(map(repr, names[1:_SHOWN_SHEETS])),
                line=json.dumps(names[1], ensure_ascii=False),
            ),
            field="file.sheet",
        )


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
