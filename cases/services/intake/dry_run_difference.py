"""
What a dry run would change: read within the batch that is taken back, compared with what stands there afterwards.

It needs no more of the pipeline than its staging tables, so the merge that is measured is the merge that will run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from backoffice.access.models import Territory
from cases.models import IntakeDifference, IntakeFile
from cases.services.intake.staging import Target

SAMPLE: Final = 1000
# Sealed anew whenever anything of a person changes, or bookkeeping: not compared. What is sealed is told by its index.
_NOT_COMPARED: Final = frozenset({"name", "id_number", "point", "source_digest", "source"})
_TOLD_AS: Final = {
    "name_index": "name",
    "id_number_index": "id_number",
    "number_index": "number",
    "territory_id": "territory",
}
# Of these only that they change is kept.
_PERSONAL: Final = frozenset({"name", "id_number", "number", "last_app_login_at"})
_PERSONAL_TABLES: Final = frozenset({"borrowerphone", "address"})

Key = tuple[Any, ...]
Row = tuple[Any, ...]


@dataclass(slots=True, kw_only=True)
class _Read:
    """One table's staged rows as they would stand: by key, the reference that people know and the values."""

    target: Target
    columns: tuple[str, ...]
    rows: dict[Key, tuple[str, Row]]


@dataclass(slots=True)
class Difference:
    """Collects the difference batch by batch: `read` in the transaction of a batch, `compare` after its rollback."""

    counts: dict[str, dict[str, Any]] = field(default_factory=dict)
    sample: list[list[str]] = field(default_factory=list)
    _waiting: list[_Read] = field(default_factory=list)
    _territories: dict[int, str] = field(default_factory=dict)

    def read(self, *, targets: Sequence[Target]) -> None:
        """Read what the staged rows have become, one statement a table."""
        self._territories = dict(Territory.objects.values_list("pk", "code"))
        self._waiting = [_after(target) for target in targets]

    def compare(self) -> None:
        """Compare what was read with what stands there now, after the batch was taken back."""
        for read in self._waiting:
            if read.rows:
                self._tally(read, _before(read))
        self._waiting = []

    def keep(self, *, file: IntakeFile) -> None:
        """Keep the difference on the file's record."""
        IntakeDifference.objects.update_or_create(file=file, defaults={"counts": self.counts, "sample": self.sample})

    def _tally(self, read: _Read, before: dict[Key, Row]) -> None:
        table = read.target.table.removeprefix("cases_")
        counted = self.counts.setdefault(table, {"new": 0, "changed": 0, "fields": {}})
        for key, (reference, values) in read.rows.items():
            known = before.get(key)
            if known is None:
                counted["new"] += 1
                continue
            if known == values:
                continue
            changed = [(n, b, a) for n, b, a in zip(read.columns, known, values, strict=True) if a != b]
            counted["changed"] += 1
            for name, was, becomes in changed:
                told = _TOLD_AS.get(name, name)
                counted["fields"][told] = counted["fields"].get(told, 0) + 1
                if len(self.sample) < SAMPLE:
                    self.sample.append([table, reference, told, *self._told(table, told, was, becomes)])

    def _told(self, table: str, name: str, was: Any, becomes: Any) -> tuple[str, str]:
        if name in _PERSONAL or table in _PERSONAL_TABLES:
            return "", ""
        if name == "territory":
            return self._territories.get(was, ""), self._territories.get(becomes, "")
        return _text(was), _text(becomes)


def _text(value: Any) -> str:
    return "" if value is None else str(value)[:80]


def _compared(target: Target) -> tuple[str, ...]:
    return tuple(name for name in target.values if name not in _NOT_COMPARED)


def _after(target: Target) -> _Read:
    columns = _compared(target)
    match = " AND ".join(f"t.{k} = {v}" for k, v in zip(target.key, target.key_values, strict=True))
    shown = " || ' ' || ".join(["s.account_ref", "s.period"] if "period" in target.key else ["s.external_ref"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {shown}, {', '.join(f't.{c}' for c in (*target.key, *columns))} FROM {target.stage} s "  # noqa: S608  constants
            f"{target.joins} JOIN {target.table} t ON {match}"
        )
        width = len(target.key)
        rows = {tuple(values[:width]): (reference, _plain(values[width:])) for reference, *values in cursor.fetchall()}
    return _Read(target=target, columns=columns, rows=rows)


def _before(read: _Read) -> dict[Key, Row]:
    target, width = read.target, len(read.target.key)
    keys = [list(column) for column in zip(*read.rows, strict=True)]
    kinds = {"external_ref": "text", "account_id": "bigint", "period": "date", "attempted_at": "timestamptz"}
    asked = ", ".join(f"%s::{kinds[k]}[]" for k in target.key)
    names = [f"k{n}" for n in range(width)]
    match = " AND ".join(f"t.{k} = {n}" for k, n in zip(target.key, names, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(f't.{c}' for c in (*target.key, *read.columns))} FROM unnest({asked}) "  # noqa: S608  constants
            f"AS k ({', '.join(names)}) JOIN {target.table} t ON {match}",
            keys,
        )
        return {tuple(row[:width]): _plain(row[width:]) for row in cursor.fetchall()}


def _plain(values: Sequence[Any]) -> Row:
    return tuple(bytes(v) if isinstance(v, memoryview) else v for v in values)
