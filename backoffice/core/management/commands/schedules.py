"""Create the schedules that a new installation starts with."""

from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from backoffice.core.schedules import install_missing_schedules


class Command(BaseCommand):
    """Installs the schedules of a new installation; rows that exist stay as they are."""

    help = "Create the schedules that have no row yet; leave all others as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        """Install the missing schedules and print how many."""
        made = install_missing_schedules(entries=settings.CELERY["beat_schedule"], queue=current_app)
        self.stdout.write(_("{n} schedules created.").format(n=made))
