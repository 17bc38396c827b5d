"""Verify the audit trail and the access log from end to end, and sign a checkpoint when everything fits."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.audit.verdicts import verdict_sentence
from backoffice.audit.verifier import verify_chain, write_checkpoint


class Command(BaseCommand):
    help = "Read both audit chains, compare them with the signed checkpoints, and write a checkpoint if all fits."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify_chain()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(verdict)))
        elif verdict.ok:
            self.stdout.write(_("All {n} entries fit.").format(n=verdict.entries))
        if not verdict.ok:
            raise CommandError(verdict_sentence(verdict))
        write_checkpoint(at=timezone.now())
