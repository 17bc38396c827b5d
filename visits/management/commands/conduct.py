"""manage.py conduct: print, write or check docs/conduct.md, whose second half comes from the code."""

import ast
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from visits.rules.conduct.conduct_page import conduct_page
from visits.rules.conduct.rows import conduct_rows, row_faults


class Command(BaseCommand):
    """Print the page, write it, or check it with everything that its rows name."""

    help = "Print docs/conduct.md, write its generated half, or check that half and the files and tests that it names."
    # The command reads no database.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add --write and --check; without one of them the page is printed."""
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--write", action="store_true", help="write docs/conduct.md")
        chosen.add_argument("--check", action="store_true", help="fail if docs/conduct.md or a row is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, check or print the page.

        :raises CommandError: if a row names what does not exist, or --check finds another text.
        """
        root = Path(settings.BASE_DIR)
        path, rows = root / "docs" / "conduct.md", conduct_rows()
        faults = row_faults(rows=rows, files=_files(root, rows), tests=_tests(root, rows))
        if faults:
            raise CommandError("Correct visits/rules/conduct/rows.toml:\n" + "\n".join(faults))
        written = path.read_text(encoding="utf-8")
        page = conduct_page(written=written, rows=rows)
        if options["write"]:
            path.write_text(page, encoding="utf-8")
            self.stdout.write("docs/conduct.md written")
        elif options["check"]:
            if written != page:
                raise CommandError("docs/conduct.md is not what the code says. Run: manage.py conduct --write")
            self.stdout.write("docs/conduct.md is what the code says")
        else:
            self.stdout.write(page)


def _files(root: Path, rows: Any) -> frozenset[str]:
    return frozenset(path for row in rows for path in row.code if (root / path).is_file())


def _tests(root: Path, rows: Any) -> frozenset[str]:
    """Return the nodes of the test files that rows name: "path::name" of every test function in them."""
    files = {node.partition("::")[0] for row in rows for node in row.tests}
    return frozenset(
        f"{file}::{each.name}"
        for file in files
        if (root / "tests" / file).is_file()
        for each in ast.walk(ast.parse((root / "tests" / file).read_text(encoding="utf-8")))
        if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")
    )
