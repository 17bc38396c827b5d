"""The rows of a sample: cut from the beginning of a file, packed for sealing, and read by the readers of the intake."""

import base64
import csv
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.enums import RecordKind
from cases.rules.profile.choices import ProfileChoices
from cases.rules.profile.file_looks import delimiter_of, encoding_of, file_table
from cases.rules.profile.parse import file_format
from cases.rules.profile.records import FileFormat, Profile
from cases.services.intake.readers.inspection import inspect_file
from cases.services.intake.readers.opening import open_rows
from cases.services.intake.readers.rows import damaged
from cases.services.intake.readers.xlsx import SheetRows, check_archive
from cases.services.intake.readers.xlsx_parts import elements

# A larger spreadsheet is cut by the person; of a text file the beginning is enough.
MAX_SPREADSHEET_BYTES: Final = 5 << 20
MAX_TEXT_BYTES: Final = 2 << 20
SAMPLE_ROWS: Final = 200
# Titles and the header above the rows.
ROWS_ABOVE: Final = 40
MAX_SHEETS: Final = 5
_ZIP, _GZIP, _OLD_OFFICE = b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0"

Header = list[str]
SampleRows = list[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleContent:
    """
    The beginning of a file: its bytes under "", or of a spreadsheet each sheet as CSV under its name.

    `format` is csv, ndjson or xlsx.
    """

    format: str
    parts: Mapping[str, bytes]


class _InMemory:
    """Bytes that the readers open as they open a file."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def open(self, mode: Any = "rb") -> io.BytesIO:
        return io.BytesIO(self._content)


def cut_sample(*, content: bytes) -> SampleContent:
    """
    Return the first 200 rows of a file with what stands above them; `content` is its beginning, at most 5 MB.

    :raises InvalidInput: if the file is empty, damaged, an old or protected spreadsheet, or a spreadsheet above the limit.
    """
    if content.startswith(_OLD_OFFICE):
        raise InvalidInput(
            _("The file is an old or protected spreadsheet. Save it as .xlsx without a password."), field="file"
        )
    if content.startswith(_ZIP):
        if len(content) > MAX_SPREADSHEET_BYTES:
            raise InvalidInput(
                _("The spreadsheet is larger than 5 MB. Save its first 200 rows as a file of their own."), field="file"
            )
        return SampleContent(format="xlsx", parts=_sheets(content))
    if content.startswith(_GZIP):
        try:
            # The beginning is enough, also of a file that is longer than what was read of it.
            content = zlib.decompressobj(wbits=31).decompress(content, MAX_TEXT_BYTES)
        except zlib.error as error:
            raise damaged(error) from None
    content = content[:MAX_TEXT_BYTES]
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise InvalidInput(_("The file is empty."), field="file")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        lines = [line for line in content.splitlines(keepends=True) if line.strip()][:SAMPLE_ROWS]
        return SampleContent(format="ndjson", parts={"": b"".join(lines)})
    return SampleContent(format="csv", parts={"": _first_lines(content)})


def packed(content: SampleContent) -> str:
    """Return the content as the text that is sealed."""
    parts = {name: base64.b64encode(part).decode() for name, part in content.parts.items()}
    return json.dumps({"format": content.format, "parts": parts}, ensure_ascii=False)


def unpacked(text: str) -> SampleContent:
    """Return the content that was packed in a text."""
    held = json.loads(text)
    return SampleContent(
        format=held["format"], parts={name: base64.b64decode(part) for name, part in held["parts"].items()}
    )


def rows_of(*, content: SampleContent, choices: ProfileChoices) -> tuple[Header, SampleRows]:
    """
    Return the header and the rows (number, cells) of a sample, at most 200, as the intake would read them.

    :raises InvalidInput: if the file cannot be read as the choices say it is written.
    """
    file, _marks = file_format(choices.file)
    part = content.parts.get(file.sheet)
    if content.format == "xlsx":
        if file.sheet and part is None:
            raise InvalidInput(_("The sample has no such sheet."), field="file.sheet")
        if file.format not in ("", "xlsx"):
            raise InvalidInput(_("The file is a spreadsheet; the mapping reads another format."), field="file.format")
        file = replace(file, format="csv", sheet="", delimiter=",", quote='"', encodings=("utf-8",))
    first = part if part is not None else next(iter(content.parts.values()))
    path, profile = _InMemory(first), empty_profile(file)
    with open_rows(path=path, found=inspect_file(path=path, file=file), profile=profile) as rows:
        found: SampleRows = []
        for batch in rows.batches(SAMPLE_ROWS):
            found.extend(batch)
            if len(found) >= SAMPLE_ROWS:
                break
        return rows.header, found[:SAMPLE_ROWS]


def empty_profile(file: FileFormat) -> Profile:
    """Return a profile that reads a file and maps nothing."""
    return Profile(
        name="",
        title="",
        kind=RecordKind.ACCOUNTS,
        updates_only=False,
        chinese_ids=False,
        file=file,
        blocks=(),
        territories=(),
    )


def _first_lines(content: bytes) -> bytes:
    """Return the lines of the first rows; quoted cells may hold line ends."""
    encoding = encoding_of(content=_whole_lines(content))
    # The bytes may end within a character.
    text = content.decode(encoding, "ignore")
    delimiter = file_table(content=_whole_lines(content), format="csv").get(
        "delimiter", delimiter_of(text=text[:65536])
    )
    lines = text.splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=delimiter)
    end = len(lines)
    try:
        for count, _cells in enumerate(reader, start=1):
            if count == SAMPLE_ROWS + ROWS_ABOVE:
                end = reader.line_num
                break
    except csv.Error:
        pass
    return "".join(lines[:end]).encode("utf-8" if encoding == "utf-8-sig" else encoding)


def _whole_lines(content: bytes) -> bytes:
    end = content.rfind(b"\n")
    return content[: end + 1] if len(content) == MAX_TEXT_BYTES and end > 0 and b"\x00" not in content else content


def _sheets(content: bytes) -> dict[str, bytes]:
    """Return the visible sheets as CSV in UTF-8, each row of the sheet on the line of its number."""
    stream = io.BytesIO(content)
    check_archive(stream=stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise InvalidInput(
                    _("The file is an archive, but no spreadsheet (.xlsx). Send CSV, NDJSON or .xlsx."), field="file"
                )
            names = [
                attributes.get("name", "")
                for tag, attributes in elements(archive=archive, part="xl/workbook.xml")
                if tag == "sheet" and attributes.get("state", "visible") == "visible"
            ]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError) as error:
        raise damaged(error) from None
    sheets = {name: _sheet(content, name) for name in names[:MAX_SHEETS]}
    filled = {name: part for name, part in sheets.items() if part}
    if not filled:
        raise InvalidInput(_("The file is empty."), field="file")
    return filled


def _sheet(content: bytes, name: str) -> bytes:
    # Named columns make the reader give every row, also those above the header.
    rows = SheetRows(stream=io.BytesIO(content), file=FileFormat(sheet=name, columns=("1",)), wanted=())
    found: SampleRows = []
    try:
        found = next(rows.batches(SAMPLE_ROWS + ROWS_ABOVE), [])
    finally:
        rows.close()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    # A sheet does not store the empty cells at the end of a row.
    width = max((len(cells) for _number, cells in found), default=0)
    line = 0
    for number, cells in found:
        out.write("\n" * (number - 1 - line))
        line = number
        writer.writerow([" ".join(cell.splitlines()) for cell in cells] + [""] * (width - len(cells)))
    return out.getvalue().encode()
