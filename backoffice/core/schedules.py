"""Schedules are rows. A new installation gets those of the settings; afterwards only the administrator changes them."""

from collections.abc import Mapping
from typing import Any

from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry


def install_missing_schedules(*, entries: Mapping[str, Mapping[str, Any]], queue: Any) -> int:
    """
    Create the schedules of `entries` (Celery's beat_schedule) that have no row yet and return how many.

    An existing row is never changed, also where it was edited or paused. May run any number of times.
    """
    missing = _without_row(entries)
    for name, entry in missing.items():
        ModelEntry.from_entry(name, app=queue, **entry)
    return len(missing)


class KeepingScheduler(DatabaseScheduler):
    """
    Beat's scheduler, which keeps existing rows.

    The library's own scheduler overwrites every row with the settings at each start, which would undo the changes of
    the administrator.
    """

    def update_from_dict(self, mapping: Mapping[str, Any]) -> None:
        """Create rows for the entries of `mapping` that have none."""
        super().update_from_dict(_without_row(mapping))


def _without_row(entries: Mapping[str, Any]) -> dict[str, Any]:
    existing = set(PeriodicTask.objects.filter(name__in=list(entries)).values_list("name", flat=True))
    return {
        name: dict(entry) if isinstance(entry, Mapping) else entry
        for name, entry in entries.items()
        if name not in existing
    }
