"""manage.py features: print, write or check docs/features.md, the page of the feature catalogue."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cases.rules.policy.feature_page import feature_page


class Command(BaseCommand):
    """Print the page, write it, or check that the written one is the same."""

    help = "Print the feature catalogue, write it to docs/features.md, or check what is written there."
    # The command reads no database.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --write and --check; without one of them the page is printed."""
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--write", action="store_true", help="write docs/features.md")
        chosen.add_argument("--check", action="store_true", help="fail if docs/features.md differs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, check or print the page.

        :raises CommandError: if --check finds another text.
        """
        path, page = Path(settings.BASE_DIR) / "docs" / "features.md", feature_page()
        if options["write"]:
            path.write_text(page, encoding="utf-8")
            self.stdout.write("docs/features.md written")
        elif options["check"]:
            if not path.is_file() or path.read_text(encoding="utf-8") != page:
                raise CommandError("docs/features.md is not what the catalogue says. Run: manage.py features --write")
            self.stdout.write("docs/features.md is what the catalogue says")
        else:
            self.stdout.write(page)
