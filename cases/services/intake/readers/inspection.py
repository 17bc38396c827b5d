"""
Inspect a lender's file before its rows are read: hash, format, encoding and bounds, in memory that does not grow with it.

A file is read three times: as bytes (here), as rows to its end (`read_through`), and as rows while it is merged. So a
file that cannot be read to its end is refused before anything of it is written.
"""

import codecs
import gzip
import hashlib
import re
import zlib
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput, Missing
from cases.rules.profile.file_looks import unmarked_utf16
from cases.rules.profile.records import FileFormat
from cases.services.intake.readers.rows import Openable, damaged
from cases.services.intake.readers.xlsx import check_archive

BLOCK_BYTES: Final = 1 << 20
# A longer line is an unclosed quote or another kind of file, no row of a portfolio.
MAX_LINE_BYTES: Final = 1 << 20
MAX_UNPACKED_BYTES: Final = 8 << 30
MAX_RATIO: Final = 250
RATIO_COUNTS_FROM: Final = 64 << 20
CHECKED_ROWS: Final = 10_000
_GZIP, _ZIP, _OLD_OFFICE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PAGE: Final = re.compile(rb"<(?:!doctype|!--|html|head|meta|style|body|table|\?xml)", re.IGNORECASE)
_JSON_LIST: Final = re.compile(rb"\[\s*[{\[]")
_UNREADABLE: Final = (gzip.BadGzipFile, zlib.error, EOFError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """
    What is known about a file before its rows are read.

    `format` is csv, ndjson or xlsx. `problem` is the reason if the file cannot be read, else None.
    """

    sha256: str
    format: str = "csv"
    is_gzip: bool = False
    encoding: str = ""
    problem: InvalidInput | None = None


def inspect_file(*, path: Openable, file: FileFormat) -> Inspection:
    """
    Return the file's hash, its format (the profile's, else recognised by its content) and its encoding.

    The result has a `problem` if the file is empty, has another format than the profile's, is cut off or not safe to
    unpack, fits none of the profile's encodings, or has a line of more than 1 MiB.

    :raises Missing: if there is no such file, or it cannot be opened.
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
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            # A spreadsheet's "Unicode text"; its first two bytes say so, whatever encodings the profile names.
            _check_format(file, "csv")
            return replace(
                found,
                format="csv",
                is_gzip=is_gzip,
                encoding=_encoding(head, plain, stream if is_gzip else None, ("utf-16",), in_pairs=True),
            )
        _check_is_table(head)
        # A profile that names UTF-16 first means it: another encoding would read its bytes as well.
        in_pairs = bool(file.encodings) and codecs.lookup(file.encodings[0]).name.startswith("utf-16")
        unmarked = unmarked_utf16(content=head)
        if unmarked and not in_pairs:
            raise InvalidInput(
                _(
                    "The file seems to be UTF-16 without the mark that says so. Save it as UTF-8, or write under [file]: "
                    "encodings = [{encoding}]"
                ).format(encoding=f'"{unmarked}"'),
                field="file.encodings",
            )
        kind = file.format or ("ndjson" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv")
        _check_format(file, kind if kind != "xlsx" else "csv")
        # Python reads "utf-16" by the mark only, and there is none.
        named = (unmarked or "utf-16-le",) if in_pairs and codecs.lookup(file.encodings[0]).name == "utf-16" else ()
        encodings = ("utf-8-sig",) if kind == "ndjson" else named or file.encodings
        packed = stream if is_gzip else None
        return replace(
            found,
            format=kind,
            is_gzip=is_gzip,
            encoding=_encoding(head, plain, packed, encodings, in_pairs=in_pairs and kind == "csv"),
        )
    except _UNREADABLE as error:
        raise damaged(error) from None


def _check_is_table(head: bytes) -> None:
    """Pass unless the first block of a file shows that it is no table: what core systems call .xls is often a page."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if _PAGE.match(start):
        raise InvalidInput(
            _(
                "The file is a web page or XML, whatever its name says. Open it in a spreadsheet program and save it as .xlsx, "
                "or have it exported as CSV."
            )
        )
    if start.startswith(b"%PDF"):
        raise InvalidInput(_("The file is a PDF. Have the list exported as CSV or .xlsx."))
    if _JSON_LIST.match(start):
        raise InvalidInput(
            _(
                "The file is one JSON list. Have each object written on a line of its own, without the brackets (NDJSON)."
            )
        )


def _check_format(file: FileFormat, found: str) -> None:
    if file.format and file.format != found:
        raise InvalidInput(
            _("The file is {found}, and the profile reads {wanted}. Send the other, or change file.format.").format(
                found=found, wanted=file.format
            ),
            field="file.format",
        )


def _encoding(
    head: bytes, plain: Any, packed: BinaryIO | None, encodings: tuple[str, ...], *, in_pairs: bool = False
) -> str:
    """
    Return the first of `encodings` that decodes every byte; on the way check line lengths and unpacked size.

    `head` is the first block of the file `plain`; `packed` is the compressed file below it, if there is one. `in_pairs`
    is for UTF-16, in which the byte of a line end is part of other characters too.
    """
    in_text = codecs.getincrementaldecoder(encodings[0])("replace") if in_pairs else None
    decoders = {encoding: codecs.getincrementaldecoder(encoding)("strict") for encoding in encodings}
    lines = _LineLengths()
    size, block, row, unread = 0, head, 1, 0
    while block:
        size += len(block)
        if packed is not None:
            _check_unpacked(size, packed.tell())
        lines.check(block if in_text is None else in_text.decode(block).encode("utf-8", "replace"))
        for encoding, decoder in list(decoders.items()):
            readable = _readable(decoder, block)
            if readable < len(block):
                del decoders[encoding]
                unread = max(unread, row + _line_ends(block[:readable]))
        if not decoders:
            break
        row += _line_ends(block)
        block = plain.read(BLOCK_BYTES)
    decoders = {encoding: decoder for encoding, decoder in decoders.items() if _ends_whole(decoder)}
    if not decoders:
        raise InvalidInput(
            _(
                "The file cannot be read as {encodings}; row {row} is the first that fits none. Save it as UTF-8, or name its"
                " encoding in the profile. If only some rows differ, the file was put together of several."
            ).format(encodings=", ".join(encodings), row=unread or row),
            row=unread or row,
            field="file.encodings",
        )
    encoding = next(iter(decoders))
    # A byte order mark is no part of the first cell, whichever of the two names the profile uses.
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) and codecs.lookup(encoding).name == "utf-8" else encoding


def _check_unpacked(unpacked: int, packed: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * max(packed, 1)):
        raise InvalidInput(
            _("The file unpacks to more than {n} MB, which no portfolio does. Send it in parts.").format(
                n=unpacked >> 20
            )
        )


def _readable(decoder: codecs.IncrementalDecoder, block: bytes) -> int:
    """Return how many bytes of a block the decoder reads."""
    try:
        decoder.decode(block)
    except UnicodeDecodeError as error:
        return min(error.start, len(block) - 1)
    except UnicodeError:
        return 0
    return len(block)


def _ends_whole(decoder: codecs.IncrementalDecoder) -> bool:
    """Return whether no character is cut off at the end of the file."""
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _line_ends(block: bytes) -> int:
    return block.count(b"\n") or block.count(b"\r")


class _LineLengths:
    """Refuses a file with a line of more than `MAX_LINE_BYTES`, so that the readers of rows can take whole lines."""

    def __init__(self) -> None:
        self._row = 1
        self._length = 0

    def check(self, block: bytes) -> None:
        # A block is as long as a line may be, so only a line that crosses its edge can be too long.
        ends = [position for mark in (b"\n", b"\r") if (position := block.find(mark)) >= 0]
        self._length += min(ends, default=len(block))
        if self._length > MAX_LINE_BYTES:
            raise InvalidInput(
                _("Row {row}: a line is longer than {n} bytes.").format(row=self._row, n=MAX_LINE_BYTES), row=self._row
            )
        if ends:
            self._length = len(block) - 1 - max(block.rfind(b"\n"), block.rfind(b"\r"))
            self._row += _line_ends(block)
