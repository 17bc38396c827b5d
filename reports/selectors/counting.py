"""Many counts in one SQL statement, each limited to a cap."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def capped_counts(*, rows: Mapping[str, QuerySet[Any]], cap: int) -> dict[str, int]:
    """
    Return how many rows each queryset has, at most `cap` each, in one statement.

    Counting stops at the cap, so a worklist of a million rows costs no more than one of `cap` rows.
    """
    counts = dict.fromkeys(rows, 0)
    parts: list[str] = []
    values: list[Any] = []
    for name, queryset in rows.items():
        try:
            sql, params = queryset.order_by().values("pk")[:cap].query.sql_with_params()
        except EmptyResultSet:
            # The person may see no row: the count is 0 without a query.
            continue
        parts.append(f"SELECT %s AS name, count(*) FROM ({sql}) AS s{len(parts)}")  # noqa: S608 - the ORM wrote this SQL, values are parameters
        values += [name, *params]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            counts.update(cursor.fetchall())
    return counts
