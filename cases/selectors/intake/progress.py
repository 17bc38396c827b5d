"""What the page of an intake file shows: how far it is, what a dry run would change, and the downloads of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.core.csv_cells import BOM, csv_line
from cases.enums import IntakeState
from cases.models import IntakeDifference, IntakeFile


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeProgress:
    """
    How far an intake is. `percent` (0 to 100) is None until the file was read to its end; `rate` is rows a second
    since it began. `is_silent` tells that nobody works it: its worker is gone, or none has come.
    """

    state: str
    rows: int
    total: int | None
    percent: int | None
    rate: float | None
    eta: timedelta | None
    is_live: bool
    is_silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDifference:
    """What a dry run would change in one kind of records; `fields` are (name, count), most frequent first."""

    name: str
    new: int
    changed: int
    fields: tuple[tuple[str, int], ...]


# A queued file that nobody has begun after so long says so.
PATIENCE = timedelta(minutes=2)


def intake_progress(*, file: IntakeFile, at: datetime) -> IntakeProgress:
    """Return how far the intake of `file` is at a moment."""
    is_running = file.state == IntakeState.RUNNING
    ended = file.finished_at if file.finished_at is not None else at
    seconds = max((ended - file.started_at).total_seconds(), 0.0)
    rate = file.row_count / seconds if seconds >= 1 and file.row_count else None
    left = None if file.total_count is None else max(file.total_count - file.row_count, 0)
    percent = None if not file.total_count else min(100, 100 * file.row_count // file.total_count)
    lost = is_running and file.leased_until is not None and file.leased_until < at
    return IntakeProgress(
        state=file.state,
        rows=file.row_count,
        total=file.total_count,
        percent=0 if file.state == IntakeState.QUEUED else percent,
        rate=rate,
        eta=timedelta(seconds=round(left / rate)) if is_running and rate and left is not None else None,
        is_live=file.state in (IntakeState.QUEUED, IntakeState.RUNNING),
        is_silent=lost or (file.state == IntakeState.QUEUED and at - file.started_at > PATIENCE),
    )


def difference_of(*, file: IntakeFile) -> IntakeDifference | None:
    """Return what the dry run of `file` would have changed; None if it was none, or did not end."""
    return IntakeDifference.objects.filter(file=file).first()


def difference_tables(*, difference: IntakeDifference) -> list[TableDifference]:
    """Return the counts of a difference by kind of records, in the reader's language; what stays the same is left out."""
    return [
        TableDifference(
            name=str(_model(table)._meta.verbose_name_plural),
            new=counts["new"],
            changed=counts["changed"],
            fields=tuple(
                (_field(table, name), number) for name, number in sorted(counts["fields"].items(), key=lambda f: -f[1])
            ),
        )
        for table, counts in difference.counts.items()
        if counts["new"] or counts["changed"]
    ]


def difference_csv(*, difference: IntakeDifference) -> Iterator[str]:
    """Yield the sample of a difference as CSV (UTF-8 with a mark). Of personal fields it says only that they change."""
    yield BOM + csv_line([_("record"), _("reference"), _("field"), _("before"), _("after")])
    for table, reference, name, before, after in difference.sample:
        if not before and not after:
            before, after = "***", "***"
        yield csv_line([str(_model(table)._meta.verbose_name), reference, name, before, after])


def _model(table: str) -> Any:
    return apps.get_model("cases", table)


def _field(table: str, name: str) -> str:
    try:
        told = _model(table)._meta.get_field(name).verbose_name
    except FieldDoesNotExist:
        told = {"number": _("telephone number")}.get(name, name)
    return capfirst(str(told))
