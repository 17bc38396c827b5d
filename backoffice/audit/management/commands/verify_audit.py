"""Verify the audit chain from end to end."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from backoffice.audit.verifier import verify_chain


class Command(BaseCommand):
    help = "Read the whole audit chain and say whether every entry still fits."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify_chain()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(verdict)))
        elif verdict.ok:
            self.stdout.write(_("All {n} entries fit.").format(n=verdict.entries))
        if not verdict.ok:
            raise CommandError(
                _("The chain breaks at entry {n}. Keep the database as it is and compare with the last backup.").format(
                    n=verdict.first_bad
                )
            )
