"""How an entry's hash is computed. Pure, so that a verifier outside the house can repeat it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

GENESIS = b"\x00" * 32


def canonical(value: Any) -> Any:
    """
    Return `value` in the form that is hashed and stored: text, whole numbers, booleans, lists and mappings.

    :raises TypeError: for floats and unknown types, whose text could differ after a round trip.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(k): canonical(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = [canonical(v) for v in value]
        return sorted(items) if isinstance(value, set | frozenset) else items
    if isinstance(value, float):
        raise TypeError("A float has no canonical text; give a Decimal or a string.")
    return str(value)


def entry_hash(
    *,
    sequence: int,
    at: datetime,
    actor_id: int | None,
    action: str,
    subject_type: str,
    subject_id: str,
    body: Mapping[str, Any],
    previous_hash: bytes,
) -> bytes:
    """Return the SHA-256 of one entry chained to the one before. `at` counts to the microsecond, in UTC."""
    text = json.dumps(
        [
            sequence,
            at.astimezone(UTC).isoformat(timespec="microseconds"),
            actor_id,
            action,
            subject_type,
            subject_id,
            body,
        ],
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(bytes(previous_hash) + text.encode()).digest()
