"""Write the rejected rows of an intake as a CSV file: masked, or in clear for a named person and purpose."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.core.errors import DoorstepError
from cases.models import IntakeFile
from cases.selectors.intake.rejects import masked_rejects_csv
from cases.services.intake.reject_releases import hand_out_rejects


class Command(BaseCommand):
    help = (
        "Print the rejected rows of an intake, or write them to a file: row number, field and reason. With --actor and "
        "--purpose the whole rows in clear, to be corrected and taken in again; this is logged, and the person needs a "
        "release by another person unless they took the file in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file_id", type=int)
        parser.add_argument("--out", type=Path, help="the file to write")
        parser.add_argument("--actor", default="", help="user name of the person who takes the rows in clear")
        parser.add_argument("--purpose", default="", help="what the person needs them for")

    def handle(self, *args: Any, **options: Any) -> None:
        file = IntakeFile.objects.filter(pk=options["file_id"]).first()
        if file is None:
            raise CommandError(_("There is no such intake file."))
        lines = self._lines(file, actor_name=options["actor"], purpose=options["purpose"])
        if options["out"] is None:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        with options["out"].open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(lines)

    def _lines(self, file: IntakeFile, *, actor_name: str, purpose: str) -> Iterator[str]:
        if not actor_name and not purpose:
            return masked_rejects_csv(file=file)
        if not actor_name or not purpose.strip():
            raise CommandError(_("Rows in clear need both --actor and --purpose."))
        users = get_user_model()
        actor = users.objects.filter(**{users.USERNAME_FIELD: actor_name}, is_active=True).first()
        if actor is None:
            raise CommandError(_("There is no such person."))
        try:
            return hand_out_rejects(file=file, actor=actor, at=timezone.now(), purpose=purpose)
        except DoorstepError as error:
            raise CommandError(str(error)) from None
