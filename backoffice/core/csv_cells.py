"""Lines of CSV files that people open in a spreadsheet: UTF-8 with a mark, and no cell that runs as a formula."""

import csv
import io
from collections.abc import Iterable

# Without the mark, spreadsheets on Windows read UTF-8 as a local code page.
BOM = "\ufeff"
# A spreadsheet runs cells that begin so; some also take the full-width forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BLANKS = " \u00a0\u3000"
_GUARD = "'"


def csv_line(cells: Iterable[str]) -> str:
    """Return one line of CSV, each cell harmless, ended as spreadsheets expect."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()


def harmless(cell: str) -> str:
    """Return a cell's text without NUL, led by an apostrophe where a spreadsheet would run it (also negative numbers)."""
    text = cell.replace("\x00", "")
    return _GUARD + text if text.lstrip(_BLANKS).startswith(_FORMULA) else text
