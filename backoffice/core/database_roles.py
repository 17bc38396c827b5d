"""
The two roles of the database: the owner of the tables, and the running role with only the rights it needs.

Web server, workers and commands connect as the running role. `migrate` connects as the owner and afterwards gives the
running role its rights again, since a new table has none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

ALL_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
# From this version on a role may refresh the statistics of tables that it does not own.
MAINTAIN_SINCE = 170000


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRights:
    """
    Tables with fewer rights than SELECT, INSERT, UPDATE and DELETE, by what the running role may do with them.

    `analysed` tables may also be analysed; `functions` are signatures of functions that the running role may call.
    """

    read_only: frozenset[str]
    append_only: frozenset[str]
    never_deleted: frozenset[str]
    analysed: frozenset[str]
    functions: tuple[str, ...]

    def on(self, table: str) -> str:
        """Return the rights on one table, as GRANT names them."""
        if table in self.read_only:
            return "SELECT"
        if table in self.append_only:
            return "SELECT, INSERT"
        return "SELECT, INSERT, UPDATE" if table in self.never_deleted else ALL_RIGHTS


def has_two_roles() -> bool:
    """Return whether the program runs as another role than the one that owns the tables."""
    return bool(settings.DATABASE_OWNER["USER"] != settings.DATABASE_RUNNING_ROLE)


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """
    Connect as the role that owns the tables while the body runs; the database stays the same one.

    Nothing changes where one role does both, or where the connection is the owner's already.

    :raises RuntimeError: inside a transaction, which a new connection would lose.
    """
    owner = settings.DATABASE_OWNER
    if not has_two_roles() or connection.settings_dict["USER"] == owner["USER"]:
        yield
        return
    if connection.in_atomic_block:
        raise RuntimeError("The role of a connection cannot change inside a transaction.")
    before = {part: connection.settings_dict[part] for part in owner}
    connection.close()
    connection.settings_dict.update(owner)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def rights_statements(*, connection: BaseDatabaseWrapper, rights: TableRights, role: str) -> list[str]:
    """
    Return the statements that give `role` its rights on every table of the current schema that we own, and no other.

    They may run any number of times. Partitions get no rights of their own: they are reached through their table.
    """
    quote = connection.ops.quote_name
    to = quote(role)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND NOT relispartition"
            " AND relkind IN ('r', 'p') AND pg_has_role(relowner, 'USAGE') ORDER BY relname"
        )
        tables = [name for (name,) in cursor.fetchall()]
        cursor.execute("SELECT current_schema(), current_setting('server_version_num')::integer")
        schema, version = cursor.fetchone()
        cursor.execute(
            "SELECT named FROM unnest(%s::text[]) named WHERE to_regprocedure(named) IS NOT NULL",
            [list(rights.functions)],
        )
        functions = [name for (name,) in cursor.fetchall()]
    schema = quote(schema)
    by_rights: dict[str, list[str]] = {}
    for table in tables:
        by_rights.setdefault(rights.on(table), []).append(quote(table))
    statements = [
        f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {to}",
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}",
        *(f"GRANT {granted} ON {', '.join(names)} TO {to}" for granted, names in sorted(by_rights.items())),
    ]
    analysed = [quote(table) for table in tables if table in rights.analysed]
    if analysed and version >= MAINTAIN_SINCE:
        statements.append(f"GRANT MAINTAIN ON {', '.join(analysed)} TO {to}")
    return statements + [f"GRANT EXECUTE ON FUNCTION {function} TO {to}" for function in functions]


def apply_rights(*, connection: BaseDatabaseWrapper, rights: TableRights, role: str) -> list[str]:
    """Give `role` its rights in one transaction and return the statements; the connection must be the owner's."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        # Two at once would change the same row of the catalogue, which PostgreSQL answers with an error.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('database rights'))")
        statements = rights_statements(connection=connection, rights=rights, role=role)
        for statement in statements:
            cursor.execute(statement)
    return statements


def give_rights(connection: Any) -> list[str]:
    """Give the running role its rights as the settings list them and return the statements; none with one role."""
    if not has_two_roles():
        return []
    return apply_rights(connection=connection, rights=settings.DATABASE_RIGHTS, role=settings.DATABASE_RUNNING_ROLE)
