"""The admins of packages, on our own base."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from backoffice.audit.models import AuditEntry
from backoffice.audit.recorded import RecordedAdmin
from backoffice.wiring import thirdparty_admin


def test_each_admin_of_a_package_records_its_writes():
    ours = [
        type(shown) for shown in admin.site._registry.values() if type(shown).__module__ == thirdparty_admin.__name__
    ]

    assert len(ours) == 7
    assert [shown for shown in ours if not issubclass(shown, RecordedAdmin)] == []


@pytest.fixture
def task(db):
    interval = IntervalSchedule.objects.create(every=30, period="seconds")
    return PeriodicTask.objects.create(name="relay", task="backoffice.outbox.tasks.relay", interval=interval)


def test_a_schedule_names_a_task_that_exists(client, administrator, task):
    client.force_login(administrator)

    answer = client.post(
        reverse("admin:django_celery_beat_periodictask_change", args=[task.pk]),
        {"name": "relay", "task": "os.system", "interval": task.interval_id, "crontab": "", "description": ""},
    )

    task.refresh_from_db()
    assert "task" in answer.context["adminform"].form.errors
    assert task.task == "backoffice.outbox.tasks.relay"


def test_a_changed_schedule_leaves_an_audit_entry(client, administrator, task):
    client.force_login(administrator)

    answer = client.post(
        reverse("admin:django_celery_beat_periodictask_change", args=[task.pk]),
        {"name": "relay", "task": task.task, "interval": task.interval_id, "crontab": "", "description": ""},
    )

    task.refresh_from_db()
    assert (answer.status_code, task.enabled) == (302, False)
    assert list(AuditEntry.objects.values_list("actor_id", flat=True)) == [administrator.pk]
