"""Writing the audit trail and the access log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from backoffice.audit.chain import ENTRY_FORMAT, access_hash, canonical, entry_hash
from backoffice.audit.enums import AccessPurpose, Chain
from backoffice.audit.models import AccessEntry, AuditEntry
from backoffice.audit.texts import refuse_typed_text
from backoffice.core.errors import InvalidInput
from backoffice.core.sealed.fields import sealed_value

NOTE_LENGTH = 200


def record(
    *, actor: Any, action: str, subject: Model | tuple[str, object], at: datetime, body: Mapping[str, Any] | None = None
) -> AuditEntry:
    """
    Append one entry to the audit trail, in the caller's transaction.

    Call it last in the transaction: it locks the head of the chain until the commit. `subject` is a record, or
    ("label", id) for work on a set. `body` holds codes, ids, numbers and dates; what people type does not belong there,
    since an entry is kept for ever.

    :raises RuntimeError: if there is no transaction, since the entry must be kept or rolled back with the write.
    :raises TypeError: if the body holds a float.
    :raises TypedText: with AUDIT_STRICT, if the body holds what looks like typed text.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit entry is written in the transaction of the change that it records.")
    content = canonical(body or {})
    if settings.AUDIT_STRICT:
        refuse_typed_text(action=action, body=content)
    sequence, previous_hash = _lock_head(Chain.TRAIL)
    subject_type, subject_id = _named(subject)
    entry = AuditEntry(
        sequence=sequence + 1,
        at=at,
        actor_id=getattr(actor, "pk", None),
        actor_name=str(actor) if actor is not None else "",
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        body=content,
        format=ENTRY_FORMAT,
        previous_hash=previous_hash,
    )
    entry.hash = entry_hash(
        format=entry.format,
        sequence=entry.sequence,
        at=at,
        actor_id=entry.actor_id,
        actor_name=entry.actor_name,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        body=content,
        previous_hash=previous_hash,
    )
    entry.save(force_insert=True)
    return entry


@transaction.atomic
def log_access(
    *, actor: Any, subject: Model, fields: Sequence[str], purpose: AccessPurpose | str, at: datetime, note: str = ""
) -> AccessEntry:
    """
    Record in the access log that `actor` sees `fields` of a record in clear.

    `purpose` is a value of `AccessPurpose`. `note` is what the person typed, sealed; it has at most 200 characters, the
    rest is cut off.

    :raises InvalidInput: if the purpose is not on the list, or OTHER without a note.
    """
    note = note.strip()
    if purpose not in AccessPurpose.values or (purpose == AccessPurpose.OTHER and not note):
        raise InvalidInput(_("Say for what purpose you need to see this."), field="purpose")
    sequence, previous_hash = _lock_head(Chain.ACCESS)
    subject_type, subject_id = _named(subject)
    entry = AccessEntry(
        sequence=sequence + 1,
        at=at,
        actor_id=actor.pk,
        actor_name=str(actor),
        subject_type=subject_type,
        subject_id=subject_id,
        fields=list(fields),
        purpose=purpose,
        note=note[:NOTE_LENGTH],
        previous_hash=previous_hash,
    )
    entry.hash = access_hash(
        sequence=entry.sequence,
        at=at,
        actor_id=entry.actor_id,
        actor_name=entry.actor_name,
        subject_type=subject_type,
        subject_id=subject_id,
        fields=entry.fields,
        purpose=str(purpose),
        sealed_note=sealed_value(instance=entry, name="note"),
        previous_hash=previous_hash,
    )
    entry.save(force_insert=True)
    return entry


def _lock_head(chain: Chain) -> tuple[int, bytes]:
    """Lock the head of a chain until the end of the transaction; return its sequence and hash."""
    with connection.cursor() as cursor:
        # A function with the owner's rights: the running role may not lock a row that it may not change.
        cursor.execute("SELECT sequence, hash FROM audit_lock_head(%s)", [chain.value])
        sequence, previous_hash = cursor.fetchone()
    return sequence, bytes(previous_hash)


def _named(subject: Model | tuple[str, object]) -> tuple[str, str]:
    label, key = (subject._meta.label_lower, subject.pk) if isinstance(subject, Model) else subject
    return label, str(key)
