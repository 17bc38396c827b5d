"""Open an inspected file and give its rows; read it to its end before anything of it is written."""

import gzip
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.rules.profile.parse import check_header
from cases.rules.profile.records import Profile
from cases.services.intake.readers.csv import CsvRows
from cases.services.intake.readers.inspection import Inspection
from cases.services.intake.readers.kept_rows import FileContents, KeptRows
from cases.services.intake.readers.ndjson import JsonRows
from cases.services.intake.readers.rows import Openable, Rows
from cases.services.intake.readers.xlsx import SheetRows

CHECKED_ROWS: Final = 10_000


@contextmanager
def open_rows(*, path: Openable, found: Inspection, profile: Profile) -> Iterator[KeptRows]:
    """
    Open an inspected file and yield its rows, which can be read while the context is open.

    Blank rows and rows of totals are left out and counted.

    :raises InvalidInput: if the inspection found a problem, or the header or a row cannot be read.
    """
    if found.problem is not None:
        raise found.problem
    with ExitStack() as stack:
        yield KeptRows(rows=_opened(stack, path, found, profile), profile=profile)


def _opened(stack: ExitStack, path: Openable, found: Inspection, profile: Profile) -> Rows:
    """Open the file by the reader of its format; `stack` closes it."""
    stream = stack.enter_context(path.open("rb"))
    if found.format == "xlsx":
        sheet = SheetRows(stream=stream, file=profile.file, wanted=profile.columns)
        stack.callback(sheet.close)
        return sheet
    if found.is_gzip:
        stream = stack.enter_context(gzip.GzipFile(fileobj=stream))
    if found.format == "ndjson":
        return JsonRows(stream=stream, file=profile.file)
    text = stack.enter_context(io.TextIOWrapper(stream, encoding=found.encoding))
    # The stream turns every kind of line end into a line feed, also within quoted cells.
    return CsvRows(stream=text, file=profile.file, wanted=profile.columns)


def read_through(
    *, path: Openable, found: Inspection, profile: Profile, progress: Callable[[], None] | None = None
) -> FileContents:
    """
    Read every row, keep those that look like totals, and return how many there are of each kind.

    `progress` is called after every 10,000 rows.

    :raises InvalidInput: if the file cannot be read to its end (naming the row), lacks a column of the profile, or has
        no rows.
    """
    with open_rows(path=path, found=found, profile=profile) as rows:
        check_header(profile=profile, header=rows.header, row=rows.header_row)
        for _batch in rows.batches(CHECKED_ROWS):
            if progress is not None:
                progress()
    contents = rows.contents
    if not contents.rows and not contents.doubtful:
        raise InvalidInput(_("The file has a header and no rows."))
    return contents
