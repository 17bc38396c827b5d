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
from cases.rules.profile.file_sets import FileSet
from cases.selectors.intake.profiles import profile_in_file, usable_file_set
from cases.services.intake.take_in import take_in
from cases.services.intake.take_in_set import TakenFile, take_in_set


class Command(BaseCommand):
    help = "Take in a file by a profile: its name, or the path of a .toml file. A set of files is a folder or a .zip."

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
        named, path = str(options["profile"]), options["file"]
        given: dict[str, Any] = {
            "actor": None,
            "at": timezone.now(),
            "dry_run": options["dry_run"],
            "progress": None if options["verbosity"] == 0 else self._progress,
        }
        try:
            profile = (
                profile_in_file(path=Path(named))
                if named.endswith(".toml")
                else usable_file_set(name=named, actor=None, dry_run=options["dry_run"])
            )
            if isinstance(profile, FileSet):
                taken = take_in_set(path=path, file_set=profile, **given)
            else:
                result = take_in(path=path, profile=profile or named, mode=options["mode"], **given)
                taken = [TakenFile(name=path.name, result=result)]
        except DoorstepError as error:
            raise CommandError(str(error)) from None
        if options["verbosity"]:
            self.stderr.write("")
        if options["json"]:
            bodies = [{"name": each.name, **_json_body(each)} for each in taken]
            body = {"files": bodies} if isinstance(profile, FileSet) else _json_body(taken[0])
            self.stdout.write(json.dumps(body, ensure_ascii=False))
        else:
            for each in taken:
                self._tell(each, is_one_of_several=isinstance(profile, FileSet))
        for each in taken:
            if each.result.rejected:
                self.stderr.write(
                    _("See the rejected rows with: manage.py rejects {file}").format(file=each.result.file_id)
                )

    def _tell(self, taken: TakenFile, *, is_one_of_several: bool) -> None:
        result = taken.result
        text = _(
            "{rows} rows: {created} new, {updated} changed, {unchanged} unchanged, {rejected} rejected, {seconds} s."
        ).format(
            rows=result.rows,
            created=result.created,
            updated=result.updated,
            unchanged=result.unchanged,
            rejected=result.rejected,
            seconds=result.seconds,
        )
        self.stdout.write(f"{taken.name}: {text}" if is_one_of_several else text)
        if result.doubtful:
            self.stdout.write(
                _("Values in doubt: {n}. Their rows were taken; the values wait for the desk.").format(
                    n=result.doubtful
                )
            )
        if result.missing_state:
            self.stdout.write(
                _("Accounts that the snapshot does not name: {n}. {state}.").format(
                    n=result.missing, state=MissingState(result.missing_state).label
                )
            )

    def _progress(self, rows: int) -> None:
        end = "\r" if sys.stderr.isatty() else "\n"
        self.stderr.write(_("{rows} rows").format(rows=rows), ending=end)


def _json_body(taken: TakenFile) -> dict[str, Any]:
    body = asdict(taken.result)
    body.pop("file_id")
    if body.pop("mode") != IntakeMode.SNAPSHOT:
        body.pop("missing")
        body.pop("missing_state")
    if not body["doubtful"]:
        body.pop("doubtful")
    return body
