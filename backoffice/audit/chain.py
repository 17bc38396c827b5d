"""
How the hash of an entry is computed: SHA-256 of the hash before it, followed by the entry as canonical JSON.

Pure, so that a verifier outside the program can repeat it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

GENESIS: Final = b"\x00" * 32
# Format 1 leaves the actor's name out of the hash; format 2 hashes it. Old entries keep theirs.
FORMAT_WITHOUT_NAME: Final = 1
ENTRY_FORMAT: Final = 2
# The entry that ends format 1: its body holds the digest of all names that format 1 did not hash.
NAMES_ACTION: Final = "audit.names_hashed"


def canonical(value: Any) -> Any:
    """
    Return `value` in the form that is hashed and stored: text, whole numbers, booleans, lists and mappings.

    :raises TypeError: for floats, whose text could differ after a round trip.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): canonical(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [canonical(item) for item in value]
        return sorted(items) if isinstance(value, set | frozenset) else items
    if isinstance(value, float):
        raise TypeError("A float has no canonical text; give a Decimal or a string.")
    return str(value)


def entry_hash(
    *,
    format: int,
    sequence: int,
    at: datetime,
    actor_id: int | None,
    actor_name: str,
    action: str,
    subject_type: str,
    subject_id: str,
    body: Mapping[str, Any],
    previous_hash: bytes,
) -> bytes:
    """
    Return the hash of an audit entry in its format. `at` counts to the microsecond, in UTC.

    :raises ValueError: if the format is unknown.
    """
    if format == FORMAT_WITHOUT_NAME:
        hashed: list[Any] = [sequence, _instant(at), actor_id, action, subject_type, subject_id, body]
    elif format == ENTRY_FORMAT:
        hashed = [format, sequence, _instant(at), actor_id, actor_name, action, subject_type, subject_id, body]
    else:
        raise ValueError(f"There is no format {format} of an audit entry.")
    return _chained(previous_hash, hashed)


def access_hash(
    *,
    sequence: int,
    at: datetime,
    actor_id: int,
    actor_name: str,
    subject_type: str,
    subject_id: str,
    fields: Sequence[str],
    purpose: str,
    sealed_note: bytes,
    previous_hash: bytes,
) -> bytes:
    """Return the hash of an access entry. The note takes part as its ciphertext, so verifying opens nothing."""
    hashed = ["access", sequence, _instant(at), actor_id, actor_name, subject_type, subject_id, list(fields), purpose]
    return _chained(previous_hash, [*hashed, bytes(sealed_note).hex()])


class NamesDigest:
    """The digest of the actors' names that format 1 did not hash, built entry by entry in the order of the chain."""

    def __init__(self) -> None:
        self._state = hashlib.sha256()
        self.entries = 0

    def add(self, *, sequence: int, actor_name: str) -> None:
        """Take in the name of one entry."""
        self._state.update(json.dumps([sequence, actor_name], ensure_ascii=False).encode())
        self.entries += 1

    def body(self) -> dict[str, Any]:
        """Return the body of the entry that keeps the digest."""
        return {"entries": self.entries, "sha256": self._state.hexdigest()}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _chained(previous_hash: bytes, hashed: list[Any]) -> bytes:
    text = json.dumps(hashed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(bytes(previous_hash) + text.encode()).digest()
