"""Schedules as rows that the administrator changes."""

from datetime import datetime

from celery import current_app
from django_celery_beat.models import PeriodicTask

from backoffice.core.schedules import KeepingScheduler, install_missing_schedules


def test_schedules_are_created_once_and_never_overwritten(db, settings):
    entries = settings.CELERY["beat_schedule"]
    assert install_missing_schedules(entries=entries, queue=current_app) == len(entries)
    PeriodicTask.objects.filter(name="outbox-relay").update(enabled=False, task="edited")

    assert install_missing_schedules(entries=entries, queue=current_app) == 0
    scheduler = KeepingScheduler(app=current_app, lazy=True)
    # What the library reads of its own accord closes the connection that this test's transaction needs.
    scheduler._initial_read, scheduler._schedule, scheduler.schedule_changed = False, {}, lambda: False
    scheduler._last_full_sync = datetime.now()  # noqa: DTZ005 - as the library compares it
    scheduler.update_from_dict(entries)

    assert str(PeriodicTask.objects.get(name="nightly-evaluation").crontab.timezone) == settings.TIME_ZONE
    edited = PeriodicTask.objects.get(name="outbox-relay")
    assert (edited.enabled, edited.task) == (False, "edited")
