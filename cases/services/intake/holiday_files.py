"""Reading a file of holidays: CSV or a spreadsheet with day, name and off or work, or a calendar (ICS)."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.rules.holiday_rows import HolidayRow
from cases.rules.profile.file_looks import encoding_of
from cases.rules.profile.records import FileFormat
from cases.services.intake.readers.xlsx import SheetRows, check_archive

MAX_BYTES: Final = 1 << 20
# A year has so many days, and some files name every one.
MAX_ROWS: Final = 800
COLUMNS: Final = ("day", "name", "kind")
_MAKE_UP: Final = re.compile(r"班|调休|make-?up|work", re.IGNORECASE)


def read_holiday_file(*, content: bytes) -> tuple[HolidayRow, ...]:
    """
    Return the rows of a file, whatever its format; the content decides.

    :raises InvalidInput: if the file is empty, too large, or none of the three formats.
    """
    if not content.strip():
        raise InvalidInput(_("The file is empty."), field="file")
    if len(content) > MAX_BYTES:
        raise InvalidInput(_("The file is larger than 1 MB, which no year's holidays are."), field="file")
    if content.startswith(b"PK"):
        rows = tuple(_sheet_rows(content))
    else:
        text = content.decode(encoding_of(content=content), "replace").removeprefix("\ufeff")
        rows = tuple(_calendar_rows(text) if "BEGIN:VCALENDAR" in text[:200] else _csv_rows(text))
    if not 0 < len(rows) <= MAX_ROWS:
        message = _("The file has {n} rows. Send one row for each day: day, name, off or work.").format(n=len(rows))
        raise InvalidInput(message, field="file")
    return rows


def _csv_rows(text: str) -> Iterator[HolidayRow]:
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
        if any(cell.strip() for cell in cells):
            day, name, kind = (*cells, "", "", "")[:3]
            yield HolidayRow(number=number, day=day, name=name, kind=kind)


def _sheet_rows(content: bytes) -> Iterator[HolidayRow]:
    check_archive(stream=io.BytesIO(content))
    sheet = SheetRows(stream=io.BytesIO(content), file=FileFormat(format="xlsx", columns=COLUMNS), wanted=COLUMNS)
    try:
        for batch in sheet.batches(MAX_ROWS):
            for number, cells in batch:
                day, name, kind = (*cells, "", "", "")[:3]
                yield HolidayRow(number=number, day=day, name=name, kind=kind)
    finally:
        sheet.close()


def _calendar_rows(text: str) -> Iterator[HolidayRow]:
    """Yield a row for each day of each event; the number is that of the event. A summary that speaks of work is worked."""
    # A line that begins with a blank goes on with the line before it (RFC 5545).
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    number, event = 0, dict[str, str]()
    for line in lines:
        name, _colon, value = line.partition(":")
        field = name.partition(";")[0].upper()
        if (field, value.strip()) == ("BEGIN", "VEVENT"):
            number, event = number + 1, {}
        elif (field, value.strip()) == ("END", "VEVENT"):
            yield from _event_rows(number, event)
        elif field in ("DTSTART", "DTEND", "SUMMARY"):
            event[field] = value.strip()


def _event_rows(number: int, event: dict[str, str]) -> Iterator[HolidayRow]:
    summary = event.get("SUMMARY", "").replace("\\,", ",")
    kind = "work" if _MAKE_UP.search(summary) else "off"
    first = _calendar_day(event.get("DTSTART", ""))
    if first is None:
        yield HolidayRow(number=number, day=event.get("DTSTART", ""), name=summary, kind=kind)
        return
    # The end of an event of whole days is the day after it.
    after = _calendar_day(event.get("DTEND", "")) or first + timedelta(days=1)
    for n in range(min(max((after - first).days, 1), MAX_ROWS)):
        yield HolidayRow(number=number, day=(first + timedelta(days=n)).isoformat(), name=summary, kind=kind)


def _calendar_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:8])
    except ValueError:
        return None
