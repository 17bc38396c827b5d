"""Rejected rows of an intake as CSV: masked for everybody who sees the file, whole for correction."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from backoffice.core.csv_cells import BOM, csv_line
from cases.models import IntakeFile, IntakeReject


def masked_rejects_csv(*, file: IntakeFile) -> Iterator[str]:
    """
    Yield a CSV of row number, field and reason, one line for each problem; without any cell of the rows.

    UTF-8 with a byte order mark, one text for each line. The lender finds the rows by their number in its own file.
    """
    yield BOM + csv_line([_("row"), _("field"), _("reason")])
    # Deferred columns hold the sealed cells: they are neither fetched nor opened.
    for reject in _ordered(file).defer("row", "value").iterator(chunk_size=1000):
        yield csv_line([str(reject.row_number), reject.field, reject.told_reason])


def rejects_csv(*, file: IntakeFile) -> Iterator[str]:
    """
    Yield a CSV of the rejected rows in clear, in the order of the file. Call it through `hand_out_rejects` only.

    UTF-8 with a byte order mark, one text for each line. First the row's number, fields, values and reasons (several
    separated by " | "), then the columns as they came. The corrected file can be taken in by the same profile, which
    does not read the first four columns. A cell that a spreadsheet would run as a formula (also a negative number)
    begins with an apostrophe, which has to be removed with the correction.
    """
    first = True
    for number, group in groupby(_ordered(file).iterator(chunk_size=1000), key=lambda reject: reject.row_number):
        problems = list(group)
        pairs: list[tuple[str | None, str | None]] = json.loads(problems[0].row or "[]")
        if first:
            columns = [name for name, _cell in pairs if name is not None]
            yield BOM + csv_line([_("row"), _("field"), _("value"), _("reason"), *columns])
            first = False
        told = [
            " | ".join(problem.field for problem in problems),
            " | ".join(problem.value for problem in problems),
            " | ".join(problem.told_reason for problem in problems),
        ]
        yield csv_line([str(number), *told, *(cell or "" for _name, cell in pairs)])
    if first:
        yield BOM + csv_line([_("row"), _("field"), _("value"), _("reason")])


def _ordered(file: IntakeFile) -> Any:
    return IntakeReject.objects.filter(file=file).order_by("row_number", "pk")
