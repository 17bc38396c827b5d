"""Verifying both chains from their first entry to their head, and against the signed checkpoints."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from backoffice.audit import checkpoints
from backoffice.audit.chain import (
    FORMAT_WITHOUT_NAME,
    GENESIS,
    NAMES_ACTION,
    NamesDigest,
    access_hash,
    entry_hash,
)
from backoffice.audit.checkpoint_stores import CheckpointTaken, checkpoint_store
from backoffice.audit.checkpoints import ChainEnd, Checkpoint, CheckpointBroken
from backoffice.audit.enums import Chain
from backoffice.audit.models import AccessEntry, AuditEntry, AuditHead

ROWS_AT_ONCE: Final = 5000
_HASHES: Final = ("previous_hash", "hash")
_TRAIL: Final = (
    "sequence",
    "at",
    "actor_id",
    "actor_name",
    "action",
    "subject_type",
    "subject_id",
    "body",
    "format",
    *_HASHES,
)
_ACCESS: Final = (
    "sequence",
    "at",
    "actor_id",
    "actor_name",
    "subject_type",
    "subject_id",
    "fields",
    "purpose",
    "note",
    *_HASHES,
)


class ChainBroken(Exception):
    """Entries since the last checkpoint do not follow it; no new checkpoint is signed over them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainVerdict:
    """
    The outcome of a verification.

    `entries` and `first_bad` are of the audit trail: how many entries fit, and the sequence of the first that does not;
    for a chain that only disagrees with a checkpoint it is the first one after the last agreement. The same for the
    access log in `access_entries` and `access_first_bad`. `checkpoints` counts those read; `checkpoint_problem` is
    empty, or what is wrong with them.
    """

    entries: int
    ok: bool
    first_bad: int | None
    access_entries: int = 0
    access_first_bad: int | None = None
    checkpoints: int = 0
    checkpoint_problem: str = ""


@dataclass(slots=True, kw_only=True)
class _Walk:
    """How far one chain has been followed, and the first entry that does not fit."""

    sequence: int = 0
    hash: bytes = GENESIS
    first_bad: int | None = None
    # Hashes that the chain must have at a sequence, and the last sequence at which it had one.
    expected: dict[int, set[bytes]] = field(default_factory=dict)
    agreed: int = 0

    def follow(
        self, rows: Iterable[Sequence[Any]], digest_of: Callable[..., bytes | None], names: Sequence[str]
    ) -> None:
        """Follow the rows in order until one does not fit."""
        for row in rows:
            entry = dict(zip(names, row, strict=True))
            previous, stored = bytes(entry.pop("previous_hash")), bytes(entry.pop("hash"))
            number = self.sequence + 1
            if (
                entry["sequence"] != number
                or previous != self.hash
                or digest_of(previous_hash=self.hash, **entry) != stored
            ):
                self.first_bad = number
                return
            self.sequence, self.hash = number, stored
            if wanted := self.expected.pop(number, None):
                if wanted != {stored}:
                    self.first_bad = self.agreed + 1
                    return
                self.agreed = number

    def end(self, *, before: ChainEnd, after: ChainEnd) -> None:
        """Compare the end with the heads that were read before and after the entries, and with what is still expected."""
        if self.first_bad is not None:
            return
        reaches = before.sequence <= self.sequence <= after.sequence
        if not reaches or (self.sequence == after.sequence and self.hash.hex() != after.hash) or self.expected:
            self.first_bad = self.sequence + 1


class _TrailDigest:
    """Computes the hashes of the trail's entries; holds the names of format 1 against the entry that ends it."""

    def __init__(self) -> None:
        self._names = NamesDigest()
        self._old_format = False

    def __call__(self, **entry: Any) -> bytes | None:
        """Return the hash of an entry, None if its format does not belong there."""
        if entry["format"] == FORMAT_WITHOUT_NAME:
            if self._names.entries != entry["sequence"] - 1:
                return None
            self._names.add(sequence=entry["sequence"], actor_name=entry["actor_name"])
            self._old_format = True
        elif self._old_format:
            self._old_format = False
            if entry["action"] != NAMES_ACTION or entry["body"] != self._names.body():
                return None
        try:
            return entry_hash(**entry)
        except ValueError:
            return None


def verify_chain() -> ChainVerdict:
    """
    Read both chains in order and compare each hash, the gapless sequences, the heads and the checkpoints.

    Entries that are written meanwhile do no harm. Memory stays flat: rows are streamed.
    """
    store = checkpoint_store()
    problem = ""
    signed: list[Checkpoint] = []
    if store is not None:
        try:
            signed = checkpoints.read_checkpoints(store)
        except (CheckpointBroken, OSError) as broken:
            problem = str(broken)
    trail = _walked(Chain.TRAIL, [checkpoint.trail for checkpoint in signed])
    access = _walked(Chain.ACCESS, [checkpoint.access for checkpoint in signed])
    return ChainVerdict(
        entries=trail.sequence if trail.first_bad is None else min(trail.sequence, trail.first_bad - 1),
        ok=trail.first_bad is None and access.first_bad is None and not problem,
        first_bad=trail.first_bad,
        access_entries=access.sequence if access.first_bad is None else min(access.sequence, access.first_bad - 1),
        access_first_bad=access.first_bad,
        checkpoints=len(signed),
        checkpoint_problem=problem,
    )


def write_checkpoint(*, at: datetime) -> Checkpoint | None:
    """
    Verify what was written since the last checkpoint, then sign where both chains end.

    Return the new checkpoint, or None if none is kept, nothing was written since, or another process was faster.

    :raises ChainBroken: if what was written since does not follow the last checkpoint.
    :raises CheckpointBroken: if the last checkpoint is unreadable, altered or of an unknown key.
    :raises OSError: if their store cannot be read or written.
    """
    store = checkpoint_store()
    if store is None:
        return None
    last = checkpoints.last_checkpoint(store)
    trail = _walked(Chain.TRAIL, [last.trail] if last else [], since=last.trail if last else None)
    access = _walked(Chain.ACCESS, [last.access] if last else [], since=last.access if last else None)
    if trail.first_bad is not None or access.first_bad is not None:
        raise ChainBroken(f"first bad entry: trail {trail.first_bad}, access log {access.first_bad}")
    ends = {"trail": _end_of(trail), "access": _end_of(access)}
    if last and ends == {"trail": last.trail, "access": last.access}:
        return None
    try:
        return checkpoints.add_checkpoint(store=store, at=at, **ends)
    except CheckpointTaken:
        return None


def _walked(chain: Chain, signed: Iterable[ChainEnd], since: ChainEnd | None = None) -> _Walk:
    """
    Follow one chain to its end. With `since` only from there on: the entry at that end and those after it.

    The trail's names of format 1 are compared only when the chain is read from its first entry.
    """
    walk = _Walk()
    for end in signed:
        if end.sequence:
            walk.expected.setdefault(end.sequence, set()).add(bytes.fromhex(end.hash))
    model, names = (AuditEntry, _TRAIL) if chain is Chain.TRAIL else (AccessEntry, _ACCESS)
    rows = model.objects.order_by("sequence").values_list(*names)
    if since is not None and since.sequence:
        start = model.objects.filter(sequence=since.sequence).values_list("hash", flat=True).first()
        if start is None or bytes(start).hex() != since.hash:
            walk.first_bad = since.sequence
            return walk
        walk.sequence, walk.hash, walk.expected = since.sequence, bytes(start), {}
        rows = rows.filter(sequence__gt=since.sequence)
    before = _head(chain)
    digest = _TrailDigest() if chain is Chain.TRAIL else _access_digest
    walk.follow(rows.iterator(chunk_size=ROWS_AT_ONCE), digest, names)
    walk.end(before=before, after=_head(chain))
    return walk


def _access_digest(*, note: bytes, **entry: Any) -> bytes:
    return access_hash(sealed_note=bytes(note), **entry)


def _head(chain: Chain) -> ChainEnd:
    head = AuditHead.objects.get(pk=chain)
    return ChainEnd(sequence=head.sequence, hash=bytes(head.hash).hex())


def _end_of(walk: _Walk) -> ChainEnd:
    return ChainEnd(sequence=walk.sequence, hash=walk.hash.hex())
