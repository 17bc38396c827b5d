"""Building blocks of set-based SQL: inserts from querysets, so that a rule is written once, as a Q, and literals."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from backoffice.core.id_lists import array_of

_WORD: Final = re.compile(r"[A-Z][A-Z0-9_]*")


def insert_select(
    *,
    model: type[Model],
    columns: Sequence[str],
    rows: "QuerySet[Model, tuple[object, ...]]",
    conflict: str = "DO NOTHING",
) -> int:
    """
    Insert what `rows` selects into `model` in one statement and return how many rows were written.

    `rows` must be a `values_list(...)` queryset with its columns in the order of `columns` (attribute
    names of `model`, e.g. "case_id"). `conflict` is the text after ON CONFLICT, written by us, never by a user.

    :raises RuntimeError: if no transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Set-based writes need a transaction.")
    fields = {f.attname: str(f.column) for f in model._meta.concrete_fields}
    names = ", ".join(connection.ops.quote_name(fields[c]) for c in columns)
    sql, params = rows.query.sql_with_params()
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) {sql} ON CONFLICT {conflict}", params)
        return int(cursor.rowcount)


def update_each(*, records: Sequence[Model], fields: Sequence[str]) -> int:
    """
    Write these fields of each record in one statement, and return how many rows it met.

    As `bulk_update`, which builds an expression for each value and takes some milliseconds a record. Sealed fields are not
    written by it.

    :raises RuntimeError: if no transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Set-based writes need a transaction.")
    if not records:
        return 0
    meta, quote = records[0]._meta, connection.ops.quote_name
    written = [meta.pk, *(meta.get_field(name) for name in fields)]
    lists = [
        [field.get_db_prep_save(getattr(record, field.attname), connection) for record in records]  # type: ignore[union-attr]
        for field in written
    ]
    casts = ", ".join(f"%s::{field.db_type(connection)}[]" for field in written)
    names = [quote(str(field.column)) for field in written]  # type: ignore[union-attr]
    sets = ", ".join(f"{name} = given.{name}" for name in names[1:])
    table = quote(meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {sets} FROM unnest({casts}) AS given ({', '.join(names)}) "  # noqa: S608 - names of ours
            f"WHERE {table}.{names[0]} = given.{names[0]}",
            lists,
        )
        return int(cursor.rowcount)


@contextmanager
def joined_by_hash() -> Iterator[None]:
    """
    Let the statements inside join whole ranges by hash, in the caller's transaction.

    The planner expects a row or two from a WITH and would read one range again for each row of the other: the time then
    grows with the square of the range. Statements inside must bound every large table by the range, or join it by
    LATERAL, which stays an index look-up.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


@contextmanager
def looked_up_by_index() -> Iterator[None]:
    """
    Let the statements inside look rows up in indexes, in the caller's transaction.

    For a table that was empty when its statistics were taken the planner reads the whole table for each row that it
    joins, long after it has been filled. Statements inside must find an index for every large table.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL jit = off")
        yield
        cursor.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_bitmapscan = on")


def inlined(rows: "QuerySet[Any, Any]") -> str:
    """
    Return a queryset's SELECT with its values quoted by the driver, for use inside a larger statement.

    Percent signs of values are doubled, so the statement must be executed with parameters of its own.
    """
    connection.ensure_connection()
    sql, params = rows.query.sql_with_params()
    quoted: str = connection.ops.compose_sql(sql, params)  # type: ignore[attr-defined]  # PostgreSQL's own
    return quoted.replace("%", "%%")


def literal(word: str) -> str:
    """
    Return a word of an enum as an SQL literal, for statements whose plan needs it (a partial index) or that take no more
    parameters.

    :raises ValueError: if it is not of capital letters, digits and underscores: only words of ours are written so.
    """
    if not _WORD.fullmatch(word):
        raise ValueError(f"{word!r} is no word of an enum.")
    return f"'{word}'"


def literals(words: Iterable[str]) -> str:
    """
    Return words of an enum as the right side of an SQL IN, sorted; `(NULL)`, which nothing is in, for no word.

    :raises ValueError: if one is not of capital letters, digits and underscores.
    """
    return f"({', '.join(literal(word) for word in sorted(words)) or 'NULL'})"


def insert_copies(
    *, template: Model, columns: Mapping[str, Sequence[Any]], key: str | None = None, conflict: str = ""
) -> dict[Any, int]:
    """
    Insert one row for each value of `columns`, by one statement, in the caller's transaction.

    Every row is `template` (unsaved) but for `columns`: equally long values by attribute name, e.g. "case_id". With
    `key`, one of these names whose values are all different, return the primary key of each row by it. `conflict` is the
    text after ON CONFLICT, written by us, never by a user.

    :raises RuntimeError: if no transaction is open.
    :raises ValueError: if the columns are not equally long.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Set-based writes need a transaction.")
    counts = {len(values) for values in columns.values()}
    if len(counts) != 1:
        raise ValueError("Every column needs as many values as the others.")
    if counts == {0}:
        return {}
    quote = connection.ops.quote_name
    primary = ""
    names: list[str] = []
    cells: list[str] = []
    arrays: list[tuple[str, str]] = []
    constants: list[Any] = []
    values: list[Any] = []
    for field in template._meta.concrete_fields:
        name = quote(str(field.column))
        if field.primary_key:
            primary = name
            continue
        names.append(name)
        if field.attname not in columns:
            cells.append("%s")
            constants.append(field.get_db_prep_save(getattr(template, field.attname), connection))
            continue
        kind = str(field.db_type(connection)).partition("(")[0]
        is_json = kind == "jsonb"
        cells.append(f"given.{name}")
        # One text for all bodies: in an array of texts each quotation mark of each body would be escaped.
        arrays.append((name, "jsonb_array_elements(%s::jsonb)" if is_json else f"unnest(%s::{kind}[])"))
        given_values = list(columns[field.attname])
        if kind == "bigint" and None not in given_values:
            values.append(array_of(given_values))
        else:
            values.append(json.dumps(given_values) if is_json else given_values)
    ending = f" ON CONFLICT {conflict}" if conflict else ""
    ending += f" RETURNING {quote(key)}, {primary}" if key else ""
    table = f"{quote(template._meta.db_table)} ({', '.join(names)})"
    given = f"ROWS FROM ({', '.join(rows for _name, rows in arrays)}) AS given ({', '.join(name for name, _rows in arrays)})"
    with connection.cursor() as cursor:
        sql = f"INSERT INTO {table} SELECT {', '.join(cells)} FROM {given}{ending}"  # noqa: S608  names of ours
        cursor.execute(sql, [*constants, *values])
        return dict(cursor.fetchall()) if key else {}
