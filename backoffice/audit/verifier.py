"""Verifying the chain from the first entry to the head."""

from dataclasses import dataclass

from backoffice.audit.chain import GENESIS, entry_hash
from backoffice.audit.models import AuditEntry, AuditHead


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainVerdict:
    """How many entries were read, whether all fit, and the sequence of the first that does not."""

    entries: int
    ok: bool
    first_bad: int | None


def verify_chain() -> ChainVerdict:
    """
    Read the whole chain in order and compare each hash, the gapless sequence, and the end with the head.

    A cut tail shows as the first missing sequence. Memory stays flat: rows are streamed.
    """
    previous, expected = GENESIS, 1
    entries = AuditEntry.objects.order_by("sequence")
    for entry in entries.iterator(chunk_size=5000):
        digest = entry_hash(
            sequence=entry.sequence,
            at=entry.at,
            actor_id=entry.actor_id,
            action=entry.action,
            subject_type=entry.subject_type,
            subject_id=entry.subject_id,
            body=entry.body,
            previous_hash=previous,
        )
        if entry.sequence != expected or bytes(entry.hash) != digest or bytes(entry.previous_hash) != previous:
            return ChainVerdict(entries=expected - 1, ok=False, first_bad=expected)
        previous, expected = digest, expected + 1
    head = AuditHead.objects.get(pk=1)
    if head.sequence != expected - 1 or bytes(head.hash) != previous:
        return ChainVerdict(entries=expected - 1, ok=False, first_bad=expected)
    return ChainVerdict(entries=expected - 1, ok=True, first_bad=None)
