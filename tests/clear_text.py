"""A search of the whole database for a text that must not stand in clear anywhere."""

from django.apps import apps
from django.db import connection
from psycopg import sql


def tables_with(text: str) -> list[str]:
    """Return the tables of which a row, written out as text, contains `text`. Sealed columns are hexadecimal there."""
    tables = {model._meta.db_table for model in apps.get_models() if model._meta.managed}
    # A test of a migration searches a database of before, which lacks the tables of later migrations.
    there = tables & set(connection.introspection.table_names())
    return [table for table in sorted(there) if _has(table, text)]


def _has(table: str, text: str) -> bool:
    query = sql.SQL("SELECT EXISTS (SELECT 1 FROM {} t WHERE position(%s in t::text) > 0)").format(
        sql.Identifier(table)
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [text])
        return bool(cursor.fetchone()[0])
