"""Files that were locked away because the findings of their report allow none: deleted after a time."""

from datetime import datetime, timedelta
from typing import Final

from django.core.files.storage import default_storage
from django.db import transaction

from backoffice.audit.services import record
from visits.enums import EvidenceState
from visits.models import Evidence

# Long enough for a complaint about the visit to come in, which is answered without anybody looking at the file.
LOCKED_FOR: Final = timedelta(days=30)
DELETED_AT_ONCE: Final = 100


@transaction.atomic
def delete_locked(*, at: datetime) -> int:
    """
    Delete the files that were locked away more than `LOCKED_FOR` before `at`, at most `DELETED_AT_ONCE`; return how many.

    The row stays, without a file: that it was sent, with its SHA-256, and when. Each deletion is in the trail.
    """
    due = Evidence.objects.filter(state=EvidenceState.LOCKED, received_at__lt=at - LOCKED_FOR).exclude(file="")
    rows = list(due.order_by("pk").select_for_update(no_key=True, skip_locked=True)[:DELETED_AT_ONCE])
    for evidence in rows:
        name = str(evidence.file.name)
        Evidence.objects.filter(pk=evidence.pk).update(file="", updated_at=at)
        transaction.on_commit(lambda name=name: default_storage.delete(name))  # type: ignore[misc]
        record(actor=None, action="evidence.deleted", subject=evidence, at=at, body={"sha256": evidence.sha256})
    return len(rows)
