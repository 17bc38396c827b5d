"""A search of the whole database for a text that must not stand in clear anywhere."""

from django.apps import apps
from django.db import connection


def tables_with(text: str) -> list[str]:
    """Return the tables of which a row, written out as text, contains `text`. Sealed columns are hexadecimal there."""
    found = []
    with connection.cursor() as cursor:
        for table in sorted({model._meta.db_table for model in apps.get_models() if model._meta.managed}):
            cursor.execute(
                f"SELECT EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)} t WHERE position(%s in t::text) > 0)",  # noqa: S608 - the names of our own tables
                [text],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found
