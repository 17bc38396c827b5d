"""Workbooks written as raw XML, so that tests can make files that no spreadsheet program writes."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BOOK = (
    f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><workbookPr{{book}}/><sheets>'
    '<sheet name="notes" sheetId="9" state="{notes}" r:id="rId9"/><sheet name="accounts" sheetId="1" r:id="rId1"/>'
    "</sheets></workbook>"
)
_LINKS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/>'
    '<Relationship Id="rId9" Type="worksheet" Target="/xl/worksheets/sheet9.xml"/></Relationships>'
)
# Style 1 is a day, 2 a day with its time in a format of its own, 3 a number in a format with a quoted d, 4 a percent, 5 a number
# in a format with a quoted percent sign.
_STYLES = (
    f'<?xml version="1.0"?><styleSheet xmlns="{_MAIN}"><numFmts>'
    '<numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m\\.d hh:mm"/><numFmt numFmtId="165" formatCode="0.00&quot; d&quot;"/>'
    '<numFmt numFmtId="166" formatCode="0.00%;[Red]-0.00%"/><numFmt numFmtId="167" formatCode="0.00&quot;%&quot;"/>'
    '</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/>'
    '<xf numFmtId="167"/><xf numFmtId="9"/></cellXfs></styleSheet>'
)


def letters(column: int) -> str:
    """Return the letters of a column, counted from 0: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, left = divmod(column - 1, 26)
        name = chr(65 + left) + name
    return name


def cell(column: int, row: int, value: object) -> str:
    """Return a cell: raw XML after "<", a number, or a text."""
    where = f"{letters(column)}{row}"
    if isinstance(value, str) and value.startswith("<"):
        return value.replace("<c", f'<c r="{where}"', 1)
    if isinstance(value, int | float):
        return f'<c r="{where}"><v>{value}</v></c>'
    return f'<c r="{where}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>' if value != "" else ""


def make_sheet(
    path: Path,
    rows: list[list[object]],
    *,
    strings: list[str] = (),
    body: str = "",
    book: str = "",
    head: str = "",  # type: ignore[assignment]
    notes_state: str = "hidden",
) -> Path:
    """Write a workbook with these rows in its second sheet, the only visible one; `body` is its data as it stands."""
    told = body or "".join(
        f'<row r="{n}">{"".join(cell(c, n, v) for c, v in enumerate(row))}</row>' for n, row in enumerate(rows, 1)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("xl/workbook.xml", _BOOK.format(book=book, notes=notes_state))
        archive.writestr("xl/_rels/workbook.xml.rels", _LINKS)
        archive.writestr("xl/styles.xml", _STYLES)
        if strings:
            shared = "".join(f"<si><t>{escape(s)}</t><rPh sb='0' eb='1'><t>phonetic</t></rPh></si>" for s in strings)
            archive.writestr("xl/sharedStrings.xml", f'<?xml version="1.0"?><sst xmlns="{_MAIN}">{shared}</sst>')
        sheet = f'<?xml version="1.0"?>{head}<worksheet xmlns="{_MAIN}"><sheetData>{{}}</sheetData></worksheet>'
        archive.writestr(
            "xl/worksheets/sheet9.xml",
            sheet.format('<row r="1"><c r="A1" t="inlineStr"><is><t>note</t></is></c></row>'),
        )
        archive.writestr("xl/worksheets/sheet1.xml", sheet.format(told))
    return path
