"""Writing the trail."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from backoffice.audit.chain import canonical, entry_hash
from backoffice.audit.models import AccessEntry, AuditEntry, AuditHead
from backoffice.core.errors import InvalidInput


def record(
    *, actor: Any, action: str, subject: Model | tuple[str, object], at: datetime, body: Mapping[str, Any] | None = None
) -> AuditEntry:
    """
    Append one entry to the chain, in the caller's transaction.

    Call it last in the transaction: it locks the head of the chain until the commit. `subject` is a
    record, or ("label", id) for work on a set. `body` must hold no personal data and no floats.

    :raises RuntimeError: if there is no transaction, since the entry must stand or fall with the write.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit entry is written in the transaction of the change that it records.")
    head = AuditHead.objects.select_for_update().get(pk=1)
    subject_type, subject_id = (subject._meta.label_lower, subject.pk) if isinstance(subject, Model) else subject
    entry = AuditEntry(
        sequence=head.sequence + 1,
        at=at,
        actor_id=getattr(actor, "pk", None),
        actor_name=str(actor) if actor is not None else "",
        action=action,
        subject_type=subject_type,
        subject_id=str(subject_id),
        body=canonical(body or {}),
        previous_hash=bytes(head.hash),
    )
    digest = entry_hash(
        sequence=entry.sequence,
        at=at,
        actor_id=entry.actor_id,
        action=action,
        subject_type=subject_type,
        subject_id=entry.subject_id,
        body=entry.body,
        previous_hash=bytes(head.hash),
    )
    entry.hash = digest
    entry.save(force_insert=True)
    AuditHead.objects.filter(pk=1).update(sequence=entry.sequence, hash=digest)
    return entry


def log_access(*, actor: Any, subject: Model, fields: Sequence[str], purpose: str, at: datetime) -> AccessEntry:
    """
    Record that `actor` sees `fields` of a record in clear.

    :raises InvalidInput: if no purpose is given.
    """
    if not purpose.strip():
        raise InvalidInput(_("Say for what purpose you need to see this."), field="purpose")
    return AccessEntry.objects.create(
        at=at,
        actor_id=actor.pk,
        actor_name=str(actor),
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        fields=list(fields),
        purpose=purpose.strip()[:200],
    )
