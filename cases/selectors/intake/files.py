"""Files that were taken in before."""

from typing import Any

from django.db.models import QuerySet

from cases.enums import IntakeState
from cases.models import IntakeFile


def taken_before(*, file: IntakeFile, user: Any) -> "QuerySet[IntakeFile]":
    """Return the last finished intake before `file` of the same bytes by the same text of the same profile, if any."""
    earlier: QuerySet[IntakeFile] = IntakeFile.objects.visible_to(user).filter(
        sha256=file.sha256,
        profile_name=file.profile_name,
        profile_fingerprint=file.profile_fingerprint,
        state=IntakeState.FINISHED,
        dry_run=False,
        pk__lt=file.pk,
    )
    return earlier.exclude(sha256="").exclude(profile_fingerprint="").order_by("-pk")[:1]
