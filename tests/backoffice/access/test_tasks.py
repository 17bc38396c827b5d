"""What the access app does by itself: sessions that have ended are deleted."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from backoffice.access.tasks import forget_sessions


def test_sessions_that_have_ended_are_deleted_and_others_stay(db: Any) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for _each in range(2):
        store().create()
    first, second = Session.objects.order_by("pk")
    Session.objects.filter(pk=first.pk).update(expire_date=timezone.now() - timedelta(seconds=1))

    forget_sessions()

    assert Session.objects.get() == second
