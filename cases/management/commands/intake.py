"""Take a lender's file in."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.core.errors import DoorstepError
from cases.enums import IntakeMode, MissingState
from cases.selectors.intake.profiles import profile_in_file
from cases.services.intake.take_in import take_in


class Command(BaseCommand):
    help = "Take in one file by a profile: the name of one, or the path of a .toml file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--profile", required=True, help="name of a profile, or path of a .toml file")
        parser.add_argument(
            "--dry-run", action="store_true", help="read, check and count; write nothing of the portfolio"
        )
        parser.add_argument(
            "--mode",
            choices=["delta", "snapshot"],
            default="",
            help="whether accounts that the file does not name are gone (snapshot); the profile's own unless given",
        )
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        named = str(options["profile"])
        try:
            profile = profile_in_file(path=Path(named)) if named.endswith(".toml") else named
            result = take_in(
                path=options["file"],
                profile=profile,
                actor=None,
                at=timezone.now(),
                dry_run=options["dry_run"],
                mode=options["mode"],
                progress=None if options["verbosity"] == 0 else self._progress,
            )
        except DoorstepError as error:
            raise CommandError(str(error)) from None
        if options["verbosity"]:
            self.stderr.write("")
        if options["json"]:
            body = asdict(result)
            body.pop("file_id")
            if body.pop("mode") != IntakeMode.SNAPSHOT:
                body.pop("missing")
                body.pop("missing_state")
            self.stdout.write(json.dumps(body))
        else:
            self.stdout.write(
                _(
                    "{rows} rows: {created} new, {updated} changed, {unchanged} unchanged, {rejected} rejected, {seconds} s."
                ).format(
                    rows=result.rows,
                    created=result.created,
                    updated=result.updated,
                    unchanged=result.unchanged,
                    rejected=result.rejected,
                    seconds=result.seconds,
                )
            )
            if result.missing_state:
                self.stdout.write(
                    _("Accounts that the snapshot does not name: {n}. {state}.").format(
                        n=result.missing, state=MissingState(result.missing_state).label
                    )
                )
        if result.rejected:
            self.stderr.write(_("See the rejected rows with: manage.py rejects {file}").format(file=result.file_id))

    def _progress(self, rows: int) -> None:
        end = "\r" if sys.stderr.isatty() else "\n"
        self.stderr.write(_("{rows} rows").format(rows=rows), ending=end)
