"""Set-based statements composed from ORM querysets, so that a rule is written once, as a Q."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet


def insert_select(
    *,
    model: type[Model],
    columns: Sequence[str],
    rows: "QuerySet[Model, tuple[object, ...]]",
    conflict: str = "DO NOTHING",
) -> int:
    """
    Insert what `rows` selects into `model` in one statement and return how many rows were written.

    `rows` must be a `values_list(...)` queryset whose columns stand in the order of `columns` (attribute
    names of `model`, e.g. "case_id"). `conflict` is the text after ON CONFLICT, written by us, never by a user.
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


@contextmanager
def joined_by_hash() -> Iterator[None]:
    """
    Let the statements inside join whole ranges by hash, in the caller's transaction.

    The planner takes what a WITH holds for a row or two and would read one range again for each row of the other: time
    then grows with the square of the range. Statements inside must bound every large table by the range, or look it up
    by LATERAL, which stays a look-up.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def inlined(rows: "QuerySet[Any, Any]") -> str:
    """
    Return a queryset's SELECT with its values quoted by the driver, for use inside a statement of ours.

    The statement must take its own parameters by name or position: percent signs of values are doubled.
    """
    connection.ensure_connection()
    sql, params = rows.query.sql_with_params()
    quoted: str = connection.ops.compose_sql(sql, params)  # type: ignore[attr-defined]  # PostgreSQL's own
    return quoted.replace("%", "%%")
