"""
Signed checkpoints: where both chains ended at a time, kept outside the database (`checkpoint_stores`).

Whoever may write to the database can cut the end of a chain, compute all its hashes anew, or put an old copy of the
database in its place. Such a chain is sound in itself but does not fit the checkpoints. Each checkpoint holds the
digest of the one before, so that a missing or replaced one shows too. Their store belongs on another machine.

Signatures are Ed25519 with a key derived from the field keys: verifying needs the public key alone.
"""

import base64
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from backoffice.audit.checkpoint_stores import CheckpointStore
from backoffice.core.sealed.sealing import current_key_number, derived_key

PURPOSE: Final = "audit checkpoint"
NO_DIGEST: Final = "0" * 64


class CheckpointBroken(Exception):
    """A checkpoint is missing, unreadable, or not signed by a key of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainEnd:
    """The end of one chain: the sequence and the hash (hexadecimal) of its last entry; 0 and zeros when it is empty."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where both chains ended. Numbers count from 1; `previous` is the SHA-256 of the file before, `key` its key's number."""

    number: int
    at: str
    trail: ChainEnd
    access: ChainEnd
    previous: str
    key: int


def read_checkpoints(store: CheckpointStore) -> list[Checkpoint]:
    """
    Return every checkpoint of the store, oldest first.

    :raises CheckpointBroken: if one is missing, unreadable, altered or of an unknown key.
    """
    found, previous = [], NO_DIGEST
    for number, name in enumerate(_names(store), start=1):
        checkpoint, digest = _read(store, name)
        if checkpoint.number != number or name != _name(number):
            raise CheckpointBroken(f"checkpoint {number} is missing")
        if checkpoint.previous != previous:
            raise CheckpointBroken(f"checkpoint {number} does not follow the one before it")
        found.append(checkpoint)
        previous = digest
    return found


def last_checkpoint(store: CheckpointStore) -> Checkpoint | None:
    """
    Return the newest checkpoint, None if there is none.

    :raises CheckpointBroken: if it is unreadable, altered or of an unknown key.
    """
    names = _names(store)
    return _read(store, names[-1])[0] if names else None


def add_checkpoint(*, store: CheckpointStore, trail: ChainEnd, access: ChainEnd, at: datetime) -> Checkpoint:
    """
    Sign and write the next checkpoint and return it. The file appears whole or not at all, and none is overwritten.

    :raises CheckpointBroken: if the newest one is unreadable, altered or of an unknown key.
    :raises CheckpointTaken: if another process was faster.
    :raises OSError: if the store cannot be read or written.
    """
    names = _names(store)
    number, previous = 1, NO_DIGEST
    if names:
        newest, previous = _read(store, names[-1])
        number = newest.number + 1
    checkpoint = Checkpoint(
        number=number,
        at=at.astimezone(UTC).isoformat(timespec="microseconds"),
        trail=trail,
        access=access,
        previous=previous,
        key=current_key_number(),
    )
    signature = _private_key(checkpoint.key).sign(_signed_bytes(checkpoint))
    content = {"checkpoint": asdict(checkpoint), "signature": base64.b64encode(signature).decode()}
    store.add(_name(number), json.dumps(content, indent=1).encode())
    return checkpoint


def public_key(number: int) -> str:
    """Return the public key (base64) that verifies the checkpoints signed with the field key of that number."""
    return base64.b64encode(_private_key(number).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def _name(number: int) -> str:
    return f"checkpoint-{number:010d}.json"


def _names(store: CheckpointStore) -> list[str]:
    return [name for name in store.names() if name.startswith("checkpoint-")]


def _read(store: CheckpointStore, name: str) -> tuple[Checkpoint, str]:
    """Return a checkpoint whose signature holds, and the digest of its file."""
    try:
        raw = store.read(name)
        content = json.loads(raw)
        stated = content["checkpoint"]
        ends = {chain: ChainEnd(**stated[chain]) for chain in ("trail", "access")}
        checkpoint = Checkpoint(**{**stated, **ends})
        verifier: Ed25519PublicKey = _private_key(checkpoint.key).public_key()
        verifier.verify(base64.b64decode(content["signature"]), _signed_bytes(checkpoint))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointBroken(f"{name} is unreadable") from error
    except InvalidSignature as error:
        raise CheckpointBroken(f"the signature of {name} does not hold") from error
    return checkpoint, hashlib.sha256(raw).hexdigest()


def _signed_bytes(checkpoint: Checkpoint) -> bytes:
    return json.dumps(asdict(checkpoint), sort_keys=True, separators=(",", ":")).encode()


def _private_key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived_key(purpose=PURPOSE, number=number))
