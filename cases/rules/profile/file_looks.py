"""How a lender's file seems to be written: encoding, delimiter, and the line of the header."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

# Offered on the page; the first two are tried together unless another is chosen.
ENCODINGS: Final = ("utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "big5", "cp1252")
AUTOMATIC: Final = ("utf-8-sig", "gb18030")
DELIMITERS: Final = (",", "\t", ";", "|")
_LOOKED_AT: Final = 40
_COUNTED_BYTES: Final = 4096
_NOUGHTS: Final = 0.2
# A cell that no header has: a number, a date, a telephone.
_VALUE: Final = re.compile(r"[+\-¥￥$]?[\d,./:\-年月日 ]*\d[\d,./:\-年月日% ]*")


def file_table(*, content: bytes, format: str) -> dict[str, Any]:
    """
    Return the table `file` of a profile that reads a sample; only keys that differ from what is read without them.

    `content` is the beginning of the file; `format` is csv, ndjson or xlsx (then the content is a sheet written as CSV).
    """
    table: dict[str, Any] = {} if format == "csv" else {"format": format}
    if format == "ndjson":
        return table
    encoding = encoding_of(content=content)
    if encoding not in AUTOMATIC:
        table["encodings"] = [encoding]
    text = content.decode(encoding, "replace")
    delimiter = "," if format == "xlsx" else delimiter_of(text=text)
    if delimiter != ",":
        table["delimiter"] = delimiter
    return table | header_keys(rows=first_rows(text=text, delimiter=delimiter))


def encoding_of(*, content: bytes) -> str:
    """Return the first encoding that reads every byte; the last one reads anything."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    unmarked = unmarked_utf16(content=content)
    if unmarked:
        return unmarked
    for encoding in ("utf-8-sig", "gb18030", "big5"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "cp1252"


def unmarked_utf16(*, content: bytes) -> str:
    """
    Return "utf-16-le" or "utf-16-be" if a file seems to be UTF-16 without the mark that says so, else "".

    A table in UTF-16 has delimiters, digits and line ends, each with a byte of 0; other encodings have no such byte.
    """
    pairs = content[: len(content) & ~1][:_COUNTED_BYTES]
    for encoding, noughts in (("utf-16-le", pairs[1::2]), ("utf-16-be", pairs[::2])):
        if noughts.count(0) > _NOUGHTS * len(noughts):
            return encoding
    return ""


def delimiter_of(*, text: str) -> str:
    """Return the delimiter that gives the most lines the same number of cells, and of those the one with the most cells."""

    def score(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(cells) for _line, cells in first_rows(text=text, delimiter=delimiter))
        widths.pop(1, None)
        if not widths:
            return (0, 0)
        width, times = max(widths.items(), key=lambda each: (each[1], each[0]))
        return (times, width)

    return max(DELIMITERS, key=score)


def first_rows(*, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the first rows, each with the number of lines before it; rows after an unclosed quote are left out."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    rows, before = [], 0
    try:
        for cells in islice(reader, _LOOKED_AT):
            rows.append((before, cells))
            before = reader.line_num
    except csv.Error:
        pass
    return rows


def header_keys(*, rows: Sequence[tuple[int, Sequence[str]]]) -> dict[str, Any]:
    """
    Return `skip_lines` if titles stand above the header, or `columns` if there is no header.

    `rows` are the first rows, each with the number of lines before it. Columns without a header are called "1", "2" ...
    """
    filled = [(before, sum(1 for cell in cells if cell.strip()), cells) for before, cells in rows]
    widest = max((count for _before, count, _cells in filled), default=0)
    found = next(((before, cells) for before, count, cells in filled if count >= max(1, widest * 0.7)), None)
    if found is None:
        return {}
    before, cells = found
    values = [cell for cell in cells if cell.strip()]
    if sum(1 for cell in values if _VALUE.fullmatch(cell.strip())) >= 0.4 * len(values):
        columns = {"columns": [str(number) for number in range(1, len(cells) + 1)]}
        return columns | ({"skip_lines": before} if before else {})
    return {"skip_lines": before} if before else {}
