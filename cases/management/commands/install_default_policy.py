"""manage.py install_default_policy: put the shipped policy into force if there is no policy yet."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from cases.services.policies import versions


class Command(BaseCommand):
    help = "Put the shipped default policy into force, unless there is a policy already."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        version = versions.install_default_policy(effective_from=timezone.localdate(now), at=now)
        self.stderr.write(
            "There is a policy already." if version is None else "The default policy is in force as version 1."
        )
