"""A database for the length of one bench."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections


@contextmanager
def throwaway_database() -> Iterator[str]:
    """Create an empty database with our tables, make it the default, and drop it afterwards; yield its name."""
    home = str(settings.DATABASES["default"]["NAME"])
    name = f"bench_{os.getpid()}"
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {quoted}")
    try:
        _switch(name)
        call_command("migrate", verbosity=0, interactive=False)
        yield name
    finally:
        _switch(home)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {quoted} WITH (FORCE)")


def _switch(name: str) -> None:
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name
