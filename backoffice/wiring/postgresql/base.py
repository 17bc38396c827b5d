"""The database backend of the settings: Django's own for PostgreSQL, which reads instants by one call of the standard library."""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import BaseTzLoader


class InstantLoader(BaseTzLoader):
    """
    Reads a `timestamptz` as an aware datetime in UTC.

    Django and psycopg take the text apart by a regular expression, which costs some ten microseconds an instant. Texts that
    the standard library cannot read (years before Christ, another DateStyle) go their way.
    """

    timezone = UTC

    def load(self, data: Any) -> datetime:
        """Return the instant. :raises psycopg.DataError: if Python has no such instant, as Django does."""
        try:
            found = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:
            return super().load(data)  # type: ignore[no-any-return]
        return found if found.tzinfo is UTC else found.astimezone(UTC)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that reads instants by `InstantLoader`."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a new connection with the reader registered."""
        connection = super().get_new_connection(conn_params)
        connection.adapters.register_loader("timestamptz", InstantLoader)
        return connection
