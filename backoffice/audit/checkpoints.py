"""
Signed checkpoints: where both chains ended at a time, kept in a directory outside the database.

Whoever may write to the database can cut the end of a chain, compute all its hashes anew, or put an old copy of the
database in its place. Such a chain is sound in itself but does not fit the checkpoints. Each checkpoint holds the
digest of the one before, so that a missing or replaced one shows too. The directory belongs on another machine.

Signatures are Ed25519 with a key derived from the field keys: verifying needs the public key alone.
"""

import base64
import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from backoffice.core.sealed.sealing import current_key_number, derived_key

PURPOSE: Final = "audit checkpoint"
NO_DIGEST: Final = "0" * 64


class CheckpointBroken(Exception):
    """A checkpoint is missing, unreadable, or not signed by a key of ours."""


class CheckpointTaken(Exception):
    """Another process has just written a checkpoint of this number."""


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


def checkpoint_directory() -> Path | None:
    """Return the directory that AUDIT_CHECKPOINTS names, None where no checkpoints are kept."""
    return Path(settings.AUDIT_CHECKPOINTS) if settings.AUDIT_CHECKPOINTS else None


def read_checkpoints(directory: Path) -> list[Checkpoint]:
    """
    Return every checkpoint of the directory, oldest first; none if it does not exist.

    :raises CheckpointBroken: if one is missing, unreadable, altered or of an unknown key.
    """
    found, previous = [], NO_DIGEST
    for number, path in enumerate(_files(directory), start=1):
        checkpoint, digest = _read(path)
        if checkpoint.number != number or path.name != _name(number):
            raise CheckpointBroken(f"checkpoint {number} is missing")
        if checkpoint.previous != previous:
            raise CheckpointBroken(f"checkpoint {number} does not follow the one before it")
        found.append(checkpoint)
        previous = digest
    return found


def last_checkpoint(directory: Path) -> Checkpoint | None:
    """
    Return the newest checkpoint, None if there is none.

    :raises CheckpointBroken: if it is unreadable, altered or of an unknown key.
    """
    files = _files(directory)
    return _read(files[-1])[0] if files else None


def add_checkpoint(*, directory: Path, trail: ChainEnd, access: ChainEnd, at: datetime) -> Checkpoint:
    """
    Sign and write the next checkpoint and return it. The file appears whole or not at all, and none is overwritten.

    :raises CheckpointBroken: if the newest one is unreadable, altered or of an unknown key.
    :raises CheckpointTaken: if another process was faster.
    :raises OSError: if the directory cannot be written.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = _files(directory)
    number, previous = 1, NO_DIGEST
    if files:
        newest, previous = _read(files[-1])
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
    _write_new(directory / _name(number), json.dumps(content, indent=1).encode())
    return checkpoint


def public_key(number: int) -> str:
    """Return the public key (base64) that verifies the checkpoints signed with the field key of that number."""
    return base64.b64encode(_private_key(number).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def _name(number: int) -> str:
    return f"checkpoint-{number:010d}.json"


def _files(directory: Path) -> list[Path]:
    return sorted(directory.glob("checkpoint-*.json"))


def _read(path: Path) -> tuple[Checkpoint, str]:
    """Return a checkpoint whose signature holds, and the digest of its file."""
    try:
        raw = path.read_bytes()
        content = json.loads(raw)
        stated = content["checkpoint"]
        ends = {chain: ChainEnd(**stated[chain]) for chain in ("trail", "access")}
        checkpoint = Checkpoint(**{**stated, **ends})
        verifier: Ed25519PublicKey = _private_key(checkpoint.key).public_key()
        verifier.verify(base64.b64decode(content["signature"]), _signed_bytes(checkpoint))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointBroken(f"{path.name} is unreadable") from error
    except InvalidSignature as error:
        raise CheckpointBroken(f"the signature of {path.name} does not hold") from error
    return checkpoint, hashlib.sha256(raw).hexdigest()


def _signed_bytes(checkpoint: Checkpoint) -> bytes:
    return json.dumps(asdict(checkpoint), sort_keys=True, separators=(",", ":")).encode()


def _private_key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived_key(purpose=PURPOSE, number=number))


def _write_new(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link never replaces a file that is there.
        os.link(draft, path)
    except FileExistsError as error:
        raise CheckpointTaken(path.name) from error
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
