"""The small parts of a spreadsheet: which sheet is read, and which number formats are dates."""

import posixpath
import re
import zipfile
from dataclasses import dataclass
from typing import Any, Final
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.services.intake.readers.rows import damaged

MAX_PART_BYTES: Final = 16 << 20
# A spreadsheet allows 32,767 characters in a cell; the bound leaves room for other programs.
MAX_CELL_CHARACTERS: Final = 1 << 17
# Built-in number formats of dates and moments, those of East Asia included; the file holds no code for them.
_BUILT_IN_DATES: Final = frozenset({*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)})
# Text in quotes or brackets, or after a backslash, is no placeholder of a date.
_NOT_CODE: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|[\\_*].')
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BUILT_IN_PERCENTS: Final = frozenset({9, 10})
_DATE_CODE: Final = re.compile(r"[ymdhs]", re.IGNORECASE)


def local(name: str) -> str:
    """Return a tag's or attribute's name without its namespace."""
    return name.rpartition(" ")[2]


def unescaped(text: str) -> str:
    """
    Return a text of a cell with the characters that XML cannot hold, which are written by their code: _x000D_.

    Line ends become a single line feed.
    """
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def elements(*, archive: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    """
    Return (tag, attributes) of every element of a small part, in order; names without namespaces.

    :raises InvalidInput: if it is larger than `MAX_PART_BYTES`, no sound XML, or declares a document type.
    """
    with archive.open(part) as packed:
        body = packed.read(MAX_PART_BYTES + 1)
    if len(body) > MAX_PART_BYTES:
        raise damaged(_("{part} is too large").format(part=part))
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((local(name), {local(key): value for key, value in attributes.items()}))

    def refuse(*_declared: Any) -> None:
        raise damaged(_("{part} declares a document type").format(part=part))

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise damaged(error) from None
    return found


def visible_sheets(*, archive: zipfile.ZipFile) -> list[str]:
    """Return the names of the sheets that a reader of the workbook sees, in order."""
    book = elements(archive=archive, part="xl/workbook.xml")
    return [a.get("name", "") for tag, a in book if tag == "sheet" and a.get("state", "visible") == "visible"]


def sheet_path(*, archive: zipfile.ZipFile, name: str) -> str:
    """
    Return the path in the archive of the sheet called `name`, or of the first visible one if `name` is empty.

    :raises InvalidInput: if there is no such sheet, naming those that exist, or if its part is missing.
    """
    if "xl/workbook.xml" not in archive.namelist():
        raise InvalidInput(
            _(
                "The file is an archive, but no spreadsheet (.xlsx). Unpack it and send the file in it, or choose the profile of a set of files."
            )
        )
    sheets = [a for tag, a in elements(archive=archive, part="xl/workbook.xml") if tag == "sheet"]
    chosen = [
        sheet for sheet in sheets if (sheet.get("name") == name if name else sheet.get("state", "visible") == "visible")
    ]
    if not chosen:
        raise InvalidInput(
            _("The spreadsheet has no sheet {name}. It has: {names}.").format(
                name=repr(name) if name else "-",
                names=", ".join(repr(sheet.get("name", "")) for sheet in sheets[:20]) or "-",
            ),
            field="file.sheet",
        )
    targets = {
        a.get("Id"): a.get("Target", "")
        for tag, a in elements(archive=archive, part="xl/_rels/workbook.xml.rels")
        if tag == "Relationship"
    }
    target = targets.get(chosen[0].get("id"), "")
    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
    if path not in archive.namelist():
        raise damaged(_("its sheet is missing"))
    return path


@dataclass(frozen=True, slots=True)
class Styles:
    """Which cell styles show a number as a date or as percent, and whether days count from 1904 instead of 1900."""

    dates: frozenset[str]
    is_1904: bool
    percents: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *, archive: zipfile.ZipFile) -> "Styles":
        """Return the styles of a workbook; if it has no styles, no number is a date."""
        book = elements(archive=archive, part="xl/workbook.xml")
        is_1904 = any(tag == "workbookPr" and a.get("date1904") in ("1", "true") for tag, a in book)
        if "xl/styles.xml" not in archive.namelist():
            return cls(dates=frozenset(), is_1904=is_1904)
        codes: dict[str, str] = {}
        formats: list[str] = []
        inside = False
        for tag, attributes in elements(archive=archive, part="xl/styles.xml"):
            if tag == "numFmt":
                codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                inside = tag == "cellXfs"
            elif tag == "xf" and inside:
                formats.append(attributes.get("numFmtId", "0"))
        return cls(
            dates=frozenset(
                str(style) for style, number in enumerate(formats) if _is_date(number, codes.get(number, ""))
            ),
            is_1904=is_1904,
            percents=frozenset(
                str(style) for style, number in enumerate(formats) if _is_percent(number, codes.get(number, ""))
            ),
        )


def _is_percent(number: str, code: str) -> bool:
    if not code:
        return number.isdecimal() and int(number) in _BUILT_IN_PERCENTS
    return "%" in _NOT_CODE.sub("", code).partition(";")[0]


def _is_date(number: str, code: str) -> bool:
    if not code:
        return number.isdecimal() and int(number) in _BUILT_IN_DATES
    # A code has parts for positive, negative and zero numbers; the first one decides.
    return bool(_DATE_CODE.search(_NOT_CODE.sub("", code).partition(";")[0].replace("General", "")))
