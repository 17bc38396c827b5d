"""Staging: rows are copied into temporary tables and merged from there, one statement a table and batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.db import connection

from cases.services.intake.copy_text import Column, copy_text


@dataclass(frozen=True, kw_only=True)
class Target:
    """
    One table with its staging table.

    `staged` are the staging columns with their types. `values` says, for each column of the table, how it follows
    from the staged row `s`, the joined parents and the row `t` that is there already (all null when there is none):
    COALESCE(s.x, t.x, ...) keeps what a feed does not say. `key` names the columns of the unique constraint,
    `created` what only a new row gets, `alongside` what is written with a row but is no change by itself. `guard` must
    also hold for a row to be changed.
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
    has_updated_at: bool = True
    guard: str = ""
    # A table divided by month does not tell; whoever merges has to know it otherwise.
    is_new: str = "(xmax = 0)"

    @cached_property
    def create_sql(self) -> str:
        columns = ", ".join(f"{name} {kind}" for name, kind in self.staged)
        return f"CREATE TEMPORARY TABLE {self.stage} ({columns})"

    @cached_property
    def copy_sql(self) -> str:
        return f"COPY {self.stage} ({', '.join(n for n, _kind in self.staged)}) FROM STDIN"

    @cached_property
    def merge_sql(self) -> str:
        """Insert what is new and update what differs; parameter: the moment. Returns (reference, is new)."""
        stamp = {"updated_at": "p.at"} if self.has_updated_at else {}
        columns = [*self.key, *self.values, *self.created, *self.alongside, "created_at", *stamp]
        if self.table == "cases_statement":
            columns.remove("created_at")
        sources = (
            dict(zip(self.key, self.key_values, strict=True))
            | self.values
            | self.created
            | self.alongside
            | stamp
            | {"created_at": "p.at"}
        )
        match = " AND ".join(f"t.{k} = {v}" for k, v in zip(self.key, self.key_values, strict=True))
        differs = f"({', '.join('t.' + c for c in self.values)}) IS DISTINCT FROM ({', '.join(self.values.values())})"
        differs_now = (
            f"({', '.join(f'{self.table}.{c}' for c in self.values)}) IS DISTINCT FROM "
            f"({', '.join('EXCLUDED.' + c for c in self.values)})"
        )
        changes = ", ".join(f"{c} = EXCLUDED.{c}" for c in [*self.values, *self.alongside, *stamp])
        guard = f" AND {self.guard}" if self.guard else ""
        # LATERAL with LIMIT leaves the planner one way: each staged row looks its partners up by their unique index.
        # Left free it once drove from a table whose statistics said "empty" and read the staged rows 30,000 times.
        # Rows that are the same are left out before the insert: no row version, no sequence number is spent on them.
        # In the order of the key, so that two intakes lock rows in one order.
        return (
            f"INSERT INTO {self.table} ({', '.join(columns)}) "  # noqa: S608  names are the constants of this module
            f"SELECT {', '.join(sources[c] for c in columns)} FROM {self.stage} s "
            f"CROSS JOIN (SELECT %s::timestamptz AS at) p {self.joins} "
            f"LEFT JOIN LATERAL (SELECT * FROM {self.table} t WHERE {match} LIMIT 1) t ON true "
            f"WHERE t.id IS NULL OR {differs} ORDER BY {', '.join(self.key_values)} "
            f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {changes} WHERE {differs_now}{guard} "
            f"RETURNING {self.returning}, {self.is_new}"
        )

    def text(self, *, columns: Mapping[str, Column], count: int) -> str:
        """Return the COPY text of `count` rows; a staging column that is not named is null."""
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

    def merge(self, *, at: Any) -> list[tuple[Any, bool]]:
        """Merge the staged rows; return the references of those written, and whether each is new."""
        with connection.cursor() as cursor:
            cursor.execute(self.merge_sql, [at])
            return [(ref, bool(new)) for ref, new in cursor.fetchall()]


SEEN = "intake_seen"
# References travel as one text: quoting thousands of them one by one takes longer than looking them up.
REFS: Final = "string_to_array(%s, E'\\x1f')"


def as_refs(refs: Iterable[str]) -> str:
    """Return references as the parameter of REFS; a text that was taken in holds no control character."""
    return "\x1f".join(refs)


def open_stages(targets: Sequence[Target]) -> None:
    """Make the temporary tables of this session anew."""
    close_stages(targets)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {SEEN} (ref text PRIMARY KEY)")
        for target in targets:
            cursor.execute(target.create_sql)


def name_source(*, source: str) -> None:
    """Tell this session's merges where new accounts come from."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('doorstep.intake_source', %s, false)", [source])


def close_stages(targets: Sequence[Target]) -> None:
    """Drop the temporary tables."""
    names = ", ".join([SEEN, *(t.stage for t in targets)])
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {names}")


def begin_batch(targets: Sequence[Target]) -> None:
    """Empty the staging tables and settle how this transaction plans and waits."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE " + ", ".join(t.stage for t in targets))
        # The lock wait covers a chunk of the nightly run.
        cursor.execute("SET LOCAL lock_timeout = '60s'")
    look_up_by_index()


def look_up_by_index() -> None:
    """Let this transaction look partners up one by one by their index, even where statistics call a table small."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off"
        )


def seen_before(refs: Iterable[str]) -> set[str]:
    """Note `refs` and return those that this file has brought before. Kept by the database: memory stays flat."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH brought AS MATERIALIZED (SELECT DISTINCT r AS ref FROM unnest({REFS}) r), "  # noqa: S608  constants
            f"fresh AS (INSERT INTO {SEEN} (ref) SELECT ref FROM brought ON CONFLICT DO NOTHING RETURNING ref) "
            "SELECT ref FROM brought EXCEPT SELECT ref FROM fresh",
            [as_refs(refs)],
        )
        return {ref for (ref,) in cursor.fetchall()}


def forget_seen(refs: Sequence[str]) -> None:
    """Take back what `seen_before` noted."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {SEEN} WHERE ref = ANY({REFS})", [as_refs(refs)])  # noqa: S608  constants


def refresh_statistics(targets: Sequence[Target]) -> None:
    """Tell the planner what came in, so that the evaluation that follows need not wait for autovacuum."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE (SKIP_LOCKED) " + ", ".join(t.table for t in targets))


def parent(*, table: str, alias: str, ref: str) -> str:
    """Return the join that looks up the row of `table` whose external_ref is `ref`."""
    return f"CROSS JOIN LATERAL (SELECT * FROM {table} WHERE external_ref = {ref} LIMIT 1) {alias}"  # noqa: S608  constants
