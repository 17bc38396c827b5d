"""Set a person's password or remove their second factor, from the server itself."""

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backoffice.access.credentials import set_credentials_on_server
from backoffice.access.models import User
from backoffice.core.errors import DoorstepError


class Command(BaseCommand):
    """
    For an installation with one administrator, where no second one can confirm a request.

    The password is asked for, or read from standard input with --stdin. The trail records it as done on the server.
    """

    help = "Set a password (asked for, or --stdin) or remove a second factor (--remove-second-factor) of one person."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the user name and what to set."""
        parser.add_argument("username")
        parser.add_argument("--remove-second-factor", action="store_true")
        parser.add_argument("--stdin", action="store_true", help="read the password from standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Set what was asked for."""
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError("There is no such user.")
        remove = options["remove_second_factor"]
        password = ""
        if options["stdin"]:
            password = sys.stdin.readline().rstrip("\n")
        elif not remove:
            password = getpass.getpass("New password: ")
        if not password and not remove:
            raise CommandError("No password was given.")
        try:
            set_credentials_on_server(user=user, password=password, remove_factor=remove, at=timezone.now())
        except DoorstepError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Done. All sessions of the person have ended.")
