"""Print or apply the rights of the running role on the tables."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from backoffice.core.database_roles import as_owner, give_rights, has_two_roles, rights_statements


class Command(BaseCommand):
    help = "Print the statements that give the running role its rights; --apply runs them. `migrate` does so by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="run the statements instead of only printing them")

    def handle(self, *args: Any, **options: Any) -> None:
        if not has_two_roles():
            raise CommandError(
                "One role both owns the tables and runs the program. Set MIGRATION_DATABASE_URL to the owner's address."
            )
        with as_owner(connection):
            if options["apply"]:
                statements = give_rights(connection)
            else:
                statements = rights_statements(
                    connection=connection, rights=settings.DATABASE_RIGHTS, role=settings.DATABASE_RUNNING_ROLE
                )
        for statement in statements:
            self.stdout.write(f"{statement};")
