"""Events about credentials that administrators set for another person."""

from datetime import datetime
from typing import Final

from django.db import transaction

from backoffice.access.models import CredentialRequest, CredentialState
from backoffice.outbox.services import add_event

TOPIC: Final = "access.credentials_set"


@transaction.atomic
def announce_credentials(*, at: datetime, batch: int = 100) -> int:
    """
    Write one event for each confirmed request that has none yet; return how many.

    Swept by the relay, because the access app is below the outbox and does not import it. The payload holds numbers of
    users, no names.
    """
    rows = CredentialRequest.objects.filter(state=CredentialState.CONFIRMED, announced_at__isnull=True)
    requests = list(rows.select_for_update(no_key=True, skip_locked=True).order_by("pk")[:batch])
    for request in requests:
        payload = {
            "user": request.user_id,
            "kind": str(request.kind),
            "requested_by": request.requested_by_id,
            "confirmed_by": request.decided_by_id,
            "confirmed_at": request.decided_at.isoformat() if request.decided_at else None,
        }
        add_event(topic=TOPIC, key=f"credentials-{request.pk}", payload=payload, at=at)
    CredentialRequest.objects.filter(pk__in=[request.pk for request in requests]).update(announced_at=at)
    return len(requests)
