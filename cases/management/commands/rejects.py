"""Write the rejected rows of an intake as a CSV file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from cases.models import IntakeFile
from cases.selectors.intake.rejects import rejects_csv


class Command(BaseCommand):
    help = "Print the rejected rows of an intake, or write them to a file, to be corrected and taken in again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file_id", type=int)
        parser.add_argument("--out", type=Path, help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        file = IntakeFile.objects.filter(pk=options["file_id"]).first()
        if file is None:
            raise CommandError(_("There is no such intake file."))
        lines = rejects_csv(file=file)
        if options["out"] is None:
            for line in lines:
                self.stdout.write(line, ending="")
            return
        with options["out"].open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(lines)
