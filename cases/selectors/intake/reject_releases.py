"""Who may take the rejected rows of a file in clear now, and who waits for a release."""

from datetime import datetime
from typing import Any

from cases.models import IntakeFile, RejectRelease


def usable_release(*, file: IntakeFile, actor: Any, at: datetime) -> RejectRelease | None:
    """Return the release by which `actor` may take the rejected rows of `file` at a moment; None if there is none."""
    released = RejectRelease.objects.filter(
        file=file, asked_by=actor, released_by__isnull=False, released_at__lte=at, expires_at__gt=at
    )
    return released.order_by("-released_at", "-pk").first()


def open_releases(*, file: IntakeFile) -> Any:
    """Return the requests for the rejected rows of `file` that nobody has released, oldest first."""
    waiting = RejectRelease.objects.filter(file=file, released_by__isnull=True)
    return waiting.select_related("asked_by").order_by("asked_at", "pk")
