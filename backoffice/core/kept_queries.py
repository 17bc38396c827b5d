"""Queries that are asked again and again with other values: Django writes their SQL once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from backoffice.core.id_lists import array_of

# What stands for a value of each kind in the SQL.
_PLACES: Final = {"ids": "SELECT unnest(%s::bigint[])", "instant": "%s::timestamptz"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """A value that each use of a query brings."""

    name: str


class KeptQuery:
    """
    A `values_list` of a queryset whose SQL is written at its first use and kept; later uses only bring other values.

    `rows` gets what stands for each value and returns the queryset. `kinds` says for each value by name what it is: "ids"
    (stands behind `__in=`, as `id_lists.any_of`) or "instant". Rows come as the driver gives them, so no column may need
    anything from Django: sealed fields stay sealed, JSON stays text. Django takes a millisecond to write a query, which
    somebody who asks a dozen about each visit notices.
    """

    def __init__(self, rows: Callable[..., QuerySet[Any, Any]], **kinds: str) -> None:
        self._rows = rows
        self._kinds = kinds
        self._written: tuple[str, str, tuple[Any, ...]] | None = None

    def __call__(self, **values: Any) -> list[tuple[Any, ...]]:
        """Return the rows for these values, one by the name of each kind; ids in any collection, or as `array_of` has them."""
        if self._written is None:
            self._written = self._write()
        alias, sql, params = self._written
        given = {
            name: array_of(value) if self._kinds[name] == "ids" and not isinstance(value, str) else value
            for name, value in values.items()
        }
        with connections[alias].cursor() as cursor:
            cursor.execute(sql, [given[each.name] if isinstance(each, _Value) else each for each in params])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _write(self) -> tuple[str, str, tuple[Any, ...]]:
        # Texts of ours: what a caller brings is always a parameter.
        places = {name: RawSQL(_PLACES[kind], [_Value(name=name)]) for name, kind in self._kinds.items()}  # noqa: S611
        rows = self._rows(**places)
        sql, params = rows.query.sql_with_params()
        return rows.db, sql, tuple(params)
