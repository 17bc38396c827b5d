"""
What a dry run would change: the rows as its merge wrote them, compared with the stored rows after the rollback.

The comparison uses only the staging tables, so a dry run runs the same merge as a real intake.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from backoffice.access.models import Territory
from cases.models import IntakeDifference, IntakeFile
from cases.services.intake.staging import Target

SAMPLE: Final = 1000
# Sealed values differ each time they are sealed, and digests are bookkeeping. Sealed fields are compared by their index.
_NOT_COMPARED: Final = frozenset({"name", "id_number", "point", "source_digest", "source"})
_FIELD_NAMES: Final = {
    "name_index": "name",
    "id_number_index": "id_number",
    "number_index": "number",
    "territory_id": "territory",
    # One digest stands for the sealed fields of an application.
    "content_digest": "content",
}
# The sample holds no values of these fields and tables.
_PERSONAL: Final = frozenset({"name", "id_number", "number", "last_app_login_at"})
_PERSONAL_TABLES: Final = frozenset({"borrowerphone", "address", "application"})
_KEY_TYPES: Final = {"external_ref": "text", "account_id": "bigint", "period": "date", "attempted_at": "timestamptz"}
_SAMPLE_CHARACTERS: Final = 80

Key = tuple[Any, ...]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _MergedRow:
    """One row as the merge wrote it; `reference` is how people know the record."""

    reference: str
    values: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class _MergedTable:
    target: Target
    columns: tuple[str, ...]
    rows: dict[Key, _MergedRow]


@dataclass(slots=True)
class Difference:
    """
    The difference of a whole file, collected batch by batch.

    Call `read` in the transaction of a batch and `compare` after its rollback.
    """

    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    sample: list[list[str]] = field(default_factory=list)
    _merged: list[_MergedTable] = field(default_factory=list)
    _territories: dict[int, str] = field(default_factory=dict)

    def read(self, *, targets: Sequence[Target]) -> None:
        """Read what the staged rows have become, with one statement for each table."""
        self._territories = dict(Territory.objects.values_list("pk", "code"))
        self._merged = [_merged_table(target) for target in targets]

    def compare(self) -> None:
        """Compare what `read` found with the stored rows, and add it to the counts and the sample."""
        for table in self._merged:
            if table.rows:
                self._count(table, _stored_rows(table))
        self._merged = []

    def keep(self, *, file: IntakeFile) -> None:
        """Store the difference as the file's IntakeDifference."""
        IntakeDifference.objects.update_or_create(file=file, defaults={"counts": self.counts, "sample": self.sample})

    def _count(self, table: _MergedTable, stored: dict[Key, Row]) -> None:
        name = table.target.table.removeprefix("cases_")
        counted = self.counts.setdefault(name, {"new": 0, "changed": 0, "fields": {}})
        for key, merged in table.rows.items():
            before = stored.get(key)
            if before is None:
                counted["new"] += 1
                continue
            if before == merged.values:
                continue
            counted["changed"] += 1
            for column, old, new in zip(table.columns, before, merged.values, strict=True):
                if old == new:
                    continue
                field_name = _FIELD_NAMES.get(column, column)
                counted["fields"][field_name] = counted["fields"].get(field_name, 0) + 1
                if len(self.sample) < SAMPLE:
                    self.sample.append([name, merged.reference, field_name, *self._shown(name, field_name, old, new)])

    def _shown(self, table: str, name: str, old: Any, new: Any) -> tuple[str, str]:
        """Return the values for the sample: empty for personal data, codes for territories."""
        if name in _PERSONAL or table in _PERSONAL_TABLES:
            return "", ""
        if name == "territory":
            return self._territories.get(old, ""), self._territories.get(new, "")
        return _short_text(old), _short_text(new)


def _short_text(value: Any) -> str:
    return "" if value is None else str(value)[:_SAMPLE_CHARACTERS]


def _merged_table(target: Target) -> _MergedTable:
    columns = tuple(name for name in target.values if name not in _NOT_COMPARED)
    match = " AND ".join(f"t.{name} = {value}" for name, value in zip(target.key, target.key_values, strict=True))
    shown = " || ' ' || ".join(["s.account_ref", "s.period"] if "period" in target.key else ["s.external_ref"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {shown}, {_selected(target, columns)} FROM {target.stage} s "  # noqa: S608  constants
            f"{target.joins} JOIN {target.table} t ON {match}"
        )
        width = len(target.key)
        rows = {
            tuple(values[:width]): _MergedRow(reference=reference, values=_comparable(values[width:]))
            for reference, *values in cursor.fetchall()
        }
    return _MergedTable(target=target, columns=columns, rows=rows)


def _stored_rows(table: _MergedTable) -> dict[Key, Row]:
    target, width = table.target, len(table.target.key)
    keys = [list(column) for column in zip(*table.rows, strict=True)]
    given = ", ".join(f"%s::{_KEY_TYPES[name]}[]" for name in target.key)
    names = [f"k{number}" for number in range(width)]
    match = " AND ".join(f"t.{column} = {name}" for column, name in zip(target.key, names, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_selected(target, table.columns)} FROM unnest({given}) "  # noqa: S608  constants
            f"AS k ({', '.join(names)}) JOIN {target.table} t ON {match}",
            keys,
        )
        return {tuple(row[:width]): _comparable(row[width:]) for row in cursor.fetchall()}


def _selected(target: Target, columns: Sequence[str]) -> str:
    return ", ".join(f"t.{column}" for column in (*target.key, *columns))


def _comparable(values: Sequence[Any]) -> Row:
    return tuple(bytes(value) if isinstance(value, memoryview) else value for value in values)
