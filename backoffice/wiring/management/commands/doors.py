"""manage.py doors: keep docs/doors.md the same as the code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice.wiring.doors_page import doors_page


class Command(BaseCommand):
    """Print the page, write it, or check that the written one is the same."""

    help = "Print the list of the services' functions, write it to docs/doors.md, or check what is written there."
    # Reads no database.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the two options; without one the page is printed."""
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--write", action="store_true", help="write docs/doors.md")
        chosen.add_argument("--check", action="store_true", help="fail if docs/doors.md is another text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the one thing that was asked for."""
        root = Path(settings.BASE_DIR)
        path, page = root / "docs" / "doors.md", doors_page(root=root)
        if options["write"]:
            path.write_text(page, encoding="utf-8")
            self.stdout.write("docs/doors.md written")
        elif options["check"]:
            if not path.is_file() or path.read_text(encoding="utf-8") != page:
                raise CommandError("docs/doors.md differs from the code. Run: manage.py doors --write")
            self.stdout.write("docs/doors.md is the same as the code")
        else:
            self.stdout.write(page)
