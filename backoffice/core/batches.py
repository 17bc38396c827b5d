"""Set-based writes: INSERT ... SELECT from an ORM queryset, so a rule is written once, as a Q."""

from collections.abc import Sequence

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
