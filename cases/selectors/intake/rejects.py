"""Rejected rows of an intake, as a file that the lender corrects and gives again."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from backoffice.core.csv_cells import BOM, csv_line
from cases.models import IntakeFile, IntakeReject


def rejects_of(*, file: IntakeFile, user: Any) -> Any:
    """Return the rejects of a file that `user` may see, by row."""
    return IntakeReject.objects.visible_to(user).filter(file=file).order_by("row_number", "pk")


def rejects_csv(*, file: IntakeFile) -> Iterator[str]:
    """
    Yield a CSV (UTF-8 with a mark, one text a line) of the rejected rows in the order of the file.

    First the row's number, fields, values and reasons (several parted by " | "), then the columns as they came. The
    corrected file can be taken in by the same profile: it reads its own columns and passes over the first four. Cells
    that a spreadsheet would run (also negative numbers) are prefixed by an apostrophe, which goes with the correction.
    """
    rejects = IntakeReject.objects.filter(file=file).order_by("row_number", "pk").iterator(chunk_size=1000)
    first = True
    for number, group in groupby(rejects, key=lambda r: r.row_number):
        problems = list(group)
        pairs: list[tuple[str | None, str | None]] = json.loads(problems[0].row or "[]")
        if first:
            header = [
                _("row"),
                _("field"),
                _("value"),
                _("reason"),
                *(name for name, _cell in pairs if name is not None),
            ]
            yield BOM + csv_line(header)
            first = False
        told = [
            " | ".join(p.field for p in problems),
            " | ".join(p.value for p in problems),
            " | ".join(p.told_reason for p in problems),
        ]
        yield csv_line([str(number), *told, *(cell or "" for _name, cell in pairs)])
    if first:
        yield BOM + csv_line([_("row"), _("field"), _("value"), _("reason")])
