"""
Reading a lender's file in bounded memory, whatever is in it: CSV, NDJSON (both also gzip-compressed) and XLSX.

A file is read three times: once as bytes (hash, encoding, bounds), once as rows to its end, and then row by row while
it is merged. So a file that cannot be read to its end is refused before anything of it is written.
"""

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput, Missing
from cases.rules.profile.parse import check_header
from cases.rules.profile.records import FileFormat, Profile
from cases.services.intake.readers.csv import CsvRows
from cases.services.intake.readers.ndjson import JsonRows
from cases.services.intake.readers.rows import Openable, Rows, damaged
from cases.services.intake.readers.xlsx import SheetRows, check_archive

BLOCK_BYTES: Final = 1 << 20
# A longer line is no row of a portfolio but an unclosed quote or another kind of file.
MAX_LINE_BYTES: Final = 1 << 20
MAX_UNPACKED_BYTES: Final = 8 << 30
MAX_RATIO: Final = 250
RATIO_COUNTS_FROM: Final = 64 << 20
CHECKED_ROWS: Final = 10_000
_GZIP, _ZIP, _OLD_OFFICE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UNREADABLE: Final = (gzip.BadGzipFile, zlib.error, EOFError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What is known of a file before its rows are read. `problem` says why it cannot be."""

    sha256: str
    format: str = "csv"
    is_gzip: bool = False
    encoding: str = ""
    problem: InvalidInput | None = None


def inspect_file(*, path: Openable, file: FileFormat) -> Inspection:
    """
    Return the file's hash, its format (as the profile says, else by its content) and its encoding.

    `problem` says that it is empty, of another format than the profile says, cut off, not safe to unpack, in none of
    the profile's encodings, or that a line is longer than any row.

    :raises Missing: if there is no such file.
    """
    try:
        with path.open("rb") as stream:
            found = Inspection(sha256=_digest(stream))
            stream.seek(0)
            try:
                return _inspected(found, stream, file)
            except InvalidInput as problem:
                return replace(found, problem=problem)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise Missing(_("There is no such file.")) from None
    except PermissionError:
        raise Missing(_("The file cannot be read: permission is missing.")) from None


@contextmanager
def open_rows(*, path: Openable, found: Inspection, profile: Profile) -> Iterator[Rows]:
    """
    Open an inspected file and give its rows; they are read while the context is open.

    :raises InvalidInput: if the inspection found a problem, or header or rows cannot be read.
    """
    if found.problem is not None:
        raise found.problem
    with ExitStack() as stack:
        stream = stack.enter_context(path.open("rb"))
        if found.format == "xlsx":
            sheet = SheetRows(stream=stream, file=profile.file, wanted=profile.columns)
            stack.callback(sheet.close)
            yield sheet
            return
        if found.is_gzip:
            stream = stack.enter_context(gzip.GzipFile(fileobj=stream))
        if found.format == "ndjson":
            yield JsonRows(stream=stream, file=profile.file)
            return
        text = stack.enter_context(io.TextIOWrapper(stream, encoding=found.encoding, newline=""))
        yield CsvRows(stream=text, file=profile.file)


def read_through(
    *, path: Openable, found: Inspection, profile: Profile, progress: Callable[[], None] | None = None
) -> int:
    """
    Read every row, keep none, and return how many there are; `progress` is called now and then.

    :raises InvalidInput: naming the row, if the file cannot be read to its end or lacks a column of the profile.
    """
    count = 0
    with open_rows(path=path, found=found, profile=profile) as rows:
        check_header(profile=profile, header=rows.header)
        for batch in rows.batches(CHECKED_ROWS):
            count += len(batch)
            if progress is not None:
                progress()
    if not count:
        raise InvalidInput(_("The file has a header and no rows."))
    return count


def _digest(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(BLOCK_BYTES):
        digest.update(block)
    return digest.hexdigest()


def _inspected(found: Inspection, stream: BinaryIO, file: FileFormat) -> Inspection:
    start = stream.read(8)
    stream.seek(0)
    if not start:
        raise InvalidInput(_("The file is empty."))
    if start.startswith(_OLD_OFFICE):
        raise InvalidInput(_("The file is an old or protected spreadsheet. Save it as .xlsx without a password."))
    if start.startswith(_ZIP):
        _check_format(file, "xlsx")
        check_archive(stream=stream)
        return replace(found, format="xlsx")
    is_gzip = start.startswith(_GZIP)
    plain: Any = gzip.GzipFile(fileobj=stream) if is_gzip else stream
    try:
        head = plain.read(BLOCK_BYTES)
        if not head:
            raise InvalidInput(_("The file is empty."))
        kind = file.format or ("ndjson" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv")
        _check_format(file, kind if kind != "xlsx" else "csv")
        encodings = ("utf-8-sig",) if kind == "ndjson" else file.encodings
        return replace(
            found, format=kind, is_gzip=is_gzip, encoding=_encoding(head, plain, stream if is_gzip else None, encodings)
        )
    except _UNREADABLE as error:
        raise damaged(error) from None


def _check_format(file: FileFormat, found: str) -> None:
    if file.format and file.format != found:
        raise InvalidInput(
            _("The file is {found}, and the profile reads {wanted}. Send the other, or change file.format.").format(
                found=found, wanted=file.format
            ),
            field="file.format",
        )


def _encoding(head: bytes, plain: Any, packed: BinaryIO | None, encodings: tuple[str, ...]) -> str:
    """Return the first of the encodings that reads every byte, having checked lines and unpacked size on the way."""
    decoders = {e: codecs.getincrementaldecoder(e)("strict") for e in encodings}
    lines = _Lines()
    size, block = 0, head
    while block:
        size += len(block)
        if packed is not None:
            _check_unpacked(size, packed.tell())
        lines.pass_over(block)
        decoders = {e: d for e, d in decoders.items() if _decodes(d, block)}
        if not decoders:
            break
        block = plain.read(BLOCK_BYTES)
    decoders = {e: d for e, d in decoders.items() if _decodes(d, b"", final=True)}
    if not decoders:
        raise InvalidInput(
            _("The file cannot be read as {encodings}. Save it as UTF-8, or name its encoding in the profile.").format(
                encodings=", ".join(encodings)
            ),
            field="file.encodings",
        )
    return next(iter(decoders))


def _check_unpacked(unpacked: int, packed: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * max(packed, 1)):
        raise InvalidInput(
            _("The file unpacks to more than {n} MB, which no portfolio does. Send it in parts.").format(
                n=unpacked >> 20
            )
        )


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeError:
        return False
    return True


class _Lines:
    """Sees to it that no line is longer than any row, so that later readers may take whole lines."""

    def __init__(self) -> None:
        self._row = 1
        self._length = 0

    def pass_over(self, block: bytes) -> None:
        # Inside a block, which is as long as a line may be, no line is too long: only those over its edges.
        ends = [position for mark in (b"\n", b"\r") if (position := block.find(mark)) >= 0]
        self._length += min(ends, default=len(block))
        if self._length > MAX_LINE_BYTES:
            raise InvalidInput(
                _("Row {row}: a line is longer than {n} bytes.").format(row=self._row, n=MAX_LINE_BYTES), row=self._row
            )
        if ends:
            self._length = len(block) - 1 - max(block.rfind(b"\n"), block.rfind(b"\r"))
            self._row += block.count(b"\n") or block.count(b"\r")
