"""The queue's wiring: every floor's tasks are found here and nowhere else."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")


def _configured() -> Celery:
    from django.conf import settings  # noqa: PLC0415 - after the settings module is named

    queue = Celery("doorstep")
    queue.conf.update(settings.CELERY)
    queue.autodiscover_tasks(
        [
            "backoffice.wiring",
            "backoffice.access",
            "backoffice.audit",
            "backoffice.outbox",
            "cases",
            "visits",
            "reports",
        ]
    )
    return queue


app = _configured()
