"""A database for the length of one bench."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, connections

from backoffice.core.database_roles import as_owner


@contextmanager
def throwaway_database() -> Iterator[str]:
    """
    Create an empty database with our tables, make it the default, and drop it afterwards; yield its name.

    The body runs as the owner of the tables, since benches empty and vacuum them; programs that it starts do not.
    """
    with as_owner(connection):
        yield from _database()


def _database() -> Iterator[str]:
    home = str(settings.DATABASES["default"]["NAME"])
    name = f"bench_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")
    try:
        _switch(name)
        call_command("migrate", verbosity=0, interactive=False)
        yield name
    finally:
        _switch(home)
        _drop(name)


def _drop(name: str) -> None:
    # Not WITH (FORCE): it fails for a role that may not end an autovacuum worker; the plain statement cancels autovacuum.
    with connection.cursor() as cursor:
        for _attempt in range(5):
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pg_has_role(usename, 'MEMBER')",
                [name],
            )
            with suppress(OperationalError):
                cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)}")
                return
            time.sleep(1)
    sys.stderr.write(f"The bench's database {name} is still in use; drop it by hand.\n")


def _switch(name: str) -> None:
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name
