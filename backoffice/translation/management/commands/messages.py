"""manage.py messages: keep the Chinese catalogue complete."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice.translation.catalogue import (
    LOCALE,
    catalogue_problems,
    compile_catalogue,
    update_catalogue,
)


class Command(BaseCommand):
    """Update, compile or check the catalogue; several options run in that order."""

    help = "Update, compile or check the Chinese catalogue."
    # Runs in a fresh clone, before there is a database to check.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the three options."""
        parser.add_argument("--update", action="store_true", help="merge new messages in")
        parser.add_argument("--compile", action="store_true", help="write the .mo files")
        parser.add_argument("--check", action="store_true", help="fail if anything is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the chosen steps; a problem makes the exit status 1."""
        folder = Path(settings.LOCALE_PATHS[0]) / LOCALE / "LC_MESSAGES"
        path = folder / "django.po"
        problems: list[str] = []
        if options["update"]:
            problems += update_catalogue(path=path)
            self.stdout.write("messages updated")
        if options["compile"]:
            compiled = [p.name for p in sorted(folder.glob("*.po")) if compile_catalogue(path=p)]
            self.stdout.write(f"messages compiled: {', '.join(compiled) or 'up to date'}")
        if options["check"]:
            problems = catalogue_problems(path=path)
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problems in the messages")
        if options["check"]:
            self.stdout.write("messages complete")
