"""Keep rows that could not be taken: the whole row, sealed, with the field, the value and the reason."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Final

from cases.models import IntakeFile, IntakeReject
from cases.services.intake.feed import RejectedRow

MAX_KEPT_VALUE: Final = 2000


def keep_rejects(*, file: IntakeFile, rows: Iterable[RejectedRow], header: Sequence[str], at: datetime) -> int:
    """
    Write one IntakeReject for each problem of `rows` and return the number of rows.

    The whole row is kept with the first of its problems, as [column, cell] pairs. At most `MAX_KEPT_VALUE` characters
    of the refused value are kept.
    """
    rejects: list[IntakeReject] = []
    count = 0
    for row in rows:
        count += 1
        for number, problem in enumerate(row.problems, start=1):
            rejects.append(
                IntakeReject(
                    file=file,
                    external_ref=f"{file.pk}-{row.number}-{number}",
                    row_number=row.number,
                    field=problem.field[:60],
                    value=_storable(problem.value[:MAX_KEPT_VALUE]),
                    reason=problem.reason,
                    reason_params=problem.params,
                    row=_storable(_whole_row(header, row.cells)) if number == 1 else "",
                    created_at=at,
                )
            )
    IntakeReject.objects.bulk_create(rejects, batch_size=1000)
    return count


def _whole_row(header: Sequence[str], cells: Sequence[str]) -> str:
    """Return [column, cell] pairs as JSON: every column of the header, and further cells under null."""
    return json.dumps(list(zip_longest(header, cells)), ensure_ascii=False)


def _storable(text: str) -> str:
    """Return the text with halves of surrogate pairs replaced, which UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
