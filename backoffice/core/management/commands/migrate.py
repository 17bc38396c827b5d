"""Django's `migrate`, as the role that owns the tables; afterwards the running role gets its rights on them."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from backoffice.core.database_roles import as_owner, give_rights
from backoffice.core.partitions import install_functions

# With these nothing is migrated.
ONLY_LOOKS = ("plan", "check_unapplied")


class Command(migrate.Command):
    """Migrates as Django does. The rights are given again at each run, since a new table has none."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with as_owner(connection):
            super().handle(*args, **options)
            if not any(options.get(name) for name in ONLY_LOOKS):
                install_functions(connection=connection)
                give_rights(connection)
