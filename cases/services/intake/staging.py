"""
Staging: a batch is copied into temporary tables and merged from there, one statement for each table.

In the SQL here `s` is the staged row, `t` the stored row with the same key (all null if there is none).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.db import connection

from cases.services.intake.copy_text import Column, copy_text

# Temporary table of the references that a file has used so far.
SEEN: Final = "intake_seen"
# SQL of a list of references that is passed as one text: quoting thousands of them singly takes longer than the look-up.
REFS: Final = "string_to_array(%s, E'\\x1f')"


class MergedRow(NamedTuple):
    """A row that a merge wrote: the value of the target's `returning` column, and whether the row is new."""

    reference: Any
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class Target:
    """
    One table with its staging table, and how each column follows from a staged row.

    `staged`      columns of the staging table with their types
    `joins`       SQL that finds the stored parents of a staged row
    `key`         columns of the unique constraint; `key_values` is their SQL
    `values`      SQL by column; COALESCE(s.x, t.x, ...) keeps the stored value where the feed gives none
    `created`     SQL by column, for new rows only
    `alongside`   SQL by column, written with a row; a difference in them alone is no change
    `guard`       SQL that must also hold for a stored row to be changed
    `returning`   column that identifies a written row to the caller
    `is_new`      SQL of whether a written row is new. A partitioned table cannot tell; its caller has to know
    """

    table: str
    stage: str
    staged: tuple[tuple[str, str], ...]
    joins: str
    key: tuple[str, ...]
    key_values: tuple[str, ...]
    values: dict[str, str]
    created: dict[str, str]
    returning: str
    alongside: dict[str, str] = field(default_factory=dict)
    has_created_at: bool = True
    has_updated_at: bool = True
    guard: str = ""
    is_new: str = "(xmax = 0)"

    @cached_property
    def create_sql(self) -> str:
        """Return the statement that creates the staging table."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self.staged)
        return f"CREATE TEMPORARY TABLE {self.stage} ({columns})"

    @cached_property
    def copy_sql(self) -> str:
        """Return the statement that fills the staging table."""
        return f"COPY {self.stage} ({', '.join(name for name, _kind in self.staged)}) FROM STDIN"

    @cached_property
    def merge_sql(self) -> str:
        """
        Return the statement that inserts new rows and updates different ones; its parameter is the moment.

        Each staged row finds its parents and its stored row by LATERAL with LIMIT, which leaves the planner only the
        unique index: with stale statistics it once read all staged rows 30,000 times. Equal rows are left out before
        the insert, so they cost neither a row version nor a sequence number. Rows are written in the order of the key,
        so that two intakes lock them in one order.
        """
        sources = self._sources()
        columns = list(sources)
        match = " AND ".join(f"t.{name} = {value}" for name, value in zip(self.key, self.key_values, strict=True))
        stored = ", ".join(f"t.{name}" for name in self.values)
        differs = f"({stored}) IS DISTINCT FROM ({', '.join(self.values.values())})"
        # Asked again on conflict: another intake may have written the row in between.
        current = ", ".join(f"{self.table}.{name}" for name in self.values)
        still_differs = f"({current}) IS DISTINCT FROM ({', '.join('EXCLUDED.' + name for name in self.values)})"
        stamp = ["updated_at"] if self.has_updated_at else []
        changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in [*self.values, *self.alongside, *stamp])
        guard = f" AND {self.guard}" if self.guard else ""
        return (
            f"INSERT INTO {self.table} ({', '.join(columns)}) "  # noqa: S608  names are constants of this program
            f"SELECT {', '.join(sources.values())} FROM {self.stage} s "
            f"CROSS JOIN (SELECT %s::timestamptz AS at) p {self.joins} "
            f"LEFT JOIN LATERAL (SELECT * FROM {self.table} t WHERE {match} LIMIT 1) t ON true "
            f"WHERE t.id IS NULL OR {differs} ORDER BY {', '.join(self.key_values)} "
            f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {changes} WHERE {still_differs}{guard} "
            f"RETURNING {self.returning}, {self.is_new}"
        )

    def _sources(self) -> dict[str, str]:
        """Return the SQL of every column of a new row."""
        stamps = {"created_at": self.has_created_at, "updated_at": self.has_updated_at}
        return (
            dict(zip(self.key, self.key_values, strict=True))
            | self.values
            | self.created
            | self.alongside
            | {name: "p.at" for name, is_there in stamps.items() if is_there}
        )

    def text(self, *, columns: Mapping[str, Column], count: int) -> str:
        """Return the COPY text of `count` rows; a staging column that is not in `columns` is null."""
        return copy_text(
            columns=[columns.get(name) for name, _kind in self.staged],
            kinds=[kind for _name, kind in self.staged],
            count=count,
        )

    def copy(self, text: str) -> None:
        """Copy COPY text into the staging table."""
        if not text:
            return
        with connection.cursor() as cursor, cursor.copy(self.copy_sql) as copy:
            copy.write(text)

    def merge(self, *, at: datetime) -> list[MergedRow]:
        """Merge the staged rows, stamped with `at`, and return those that were written."""
        with connection.cursor() as cursor:
            cursor.execute(self.merge_sql, [at])
            return [MergedRow(reference, bool(is_new)) for reference, is_new in cursor.fetchall()]


def as_refs(refs: Iterable[str]) -> str:
    """Return references as the parameter of REFS. Texts of a file hold no control character, so none is split."""
    return "\x1f".join(refs)


def sql_word(word: str) -> str:
    """
    Return a word of an enum as an SQL literal.

    :raises ValueError: if it holds anything but letters, digits and underscores.
    """
    if not word.replace("_", "").isalnum():
        raise ValueError(f"{word!r} is no word of an enum.")
    return f"'{word}'"


def stored_parent(*, table: str, alias: str, ref: str) -> str:
    """Return the join that finds the stored row of `table` whose external_ref is the SQL expression `ref`."""
    return f"CROSS JOIN LATERAL (SELECT * FROM {table} WHERE external_ref = {ref} LIMIT 1) {alias}"  # noqa: S608  constants


def open_stages(targets: Sequence[Target]) -> None:
    """Create the temporary tables of this session; those of an earlier file are dropped."""
    close_stages(targets)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {SEEN} (ref text PRIMARY KEY)")
        for target in targets:
            cursor.execute(target.create_sql)


def close_stages(targets: Sequence[Target]) -> None:
    """Drop the temporary tables of this session."""
    names = ", ".join([SEEN, *(target.stage for target in targets)])
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {names}")


def set_source(*, source: str, file_id: int) -> None:
    """Set the source and the file that this session's merges write to new accounts and doubts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('doorstep.intake_source', %s, false), set_config('doorstep.intake_file', %s, false)",
            [source, str(file_id)],
        )


def begin_batch(targets: Sequence[Target]) -> None:
    """Empty the staging tables and set the lock timeout and the planner of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(target.stage for target in targets))
        # Longer than a chunk of the nightly run holds its locks.
        cursor.execute("SET LOCAL lock_timeout = '60s'")
    look_up_by_index()


def look_up_by_index() -> None:
    """Make this transaction look rows up singly by their index, even where statistics call a table small."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; "
            "SET LOCAL enable_mergejoin = off; SET LOCAL jit = off"
        )


def refresh_statistics(targets: Sequence[Target]) -> None:
    """Renew the planner's statistics of the tables, so that the evaluation after an intake need not wait for autovacuum."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE (SKIP_LOCKED) " + ", ".join(target.table for target in targets))
