"""Permits that were not used in time."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from backoffice.audit.services import record
from cases.enums import PermitState
from cases.models import ContactPermit


@transaction.atomic
def expire_permits(*, at: datetime) -> int:
    """Mark the permits whose place was held long enough and that no contact used; return how many."""
    rows = ContactPermit.objects.filter(state=PermitState.RESERVED, counts_until__lte=at)
    due = list(rows.select_for_update(no_key=True, skip_locked=True).order_by("pk").values_list("pk", flat=True))
    expired = expire(due, at=at)
    if expired:
        record(
            actor=None,
            action="contactpermit.expired",
            subject=("cases.contactpermit", "set"),
            at=at,
            body={"count": expired},
        )
    return expired


def expire(permits: Collection[int], *, at: datetime) -> int:
    """Mark those of the permits (ids) that are still not used as expired, in the caller's transaction; return how many."""
    if not permits:
        return 0
    rows = ContactPermit.objects.filter(pk__in=permits, state=PermitState.RESERVED)
    return rows.update(state=PermitState.EXPIRED, settled_at=at)
