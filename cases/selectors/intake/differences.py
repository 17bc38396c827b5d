"""What a dry run would change, as counts for the page and as a CSV of its sample."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.core.csv_cells import BOM, csv_line
from cases.models import IntakeDifference, IntakeFile


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDifference:
    """What a dry run would change in one kind of records; `fields` are (name, count), most frequent first."""

    name: str
    new: int
    changed: int
    fields: tuple[tuple[str, int], ...]


def difference_of(*, file: IntakeFile) -> IntakeDifference | None:
    """Return what the dry run of `file` would have changed; None if it was no dry run, or has not ended."""
    return IntakeDifference.objects.filter(file=file).first()


def difference_tables(*, difference: IntakeDifference) -> list[TableDifference]:
    """Return the counts of a difference by kind of records, in the reader's language; unchanged kinds are left out."""
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
    """Yield the sample of a difference as CSV (UTF-8 with a byte order mark); values of personal fields are ***."""
    yield BOM + csv_line([_("record"), _("reference"), _("field"), _("before"), _("after")])
    for table, reference, name, before, after in difference.sample:
        if not before and not after:
            before, after = "***", "***"
        yield csv_line([str(_model(table)._meta.verbose_name), reference, name, before, after])


def _model(table: str) -> Any:
    return apps.get_model("cases", table)


def _field(table: str, name: str) -> str:
    try:
        label = _model(table)._meta.get_field(name).verbose_name
    except FieldDoesNotExist:
        label = {"number": _("telephone number")}.get(name, name)
    return capfirst(str(label))
