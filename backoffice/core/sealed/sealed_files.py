"""
Files sealed at rest: AES-256-GCM in chunks, read at any place without opening the whole file.

Layout: magic (4 bytes) | key id (1) | salt (16) | chunks of 1 MiB, each followed by its tag (16). Each file has a key of
its own, derived from the ring's key and the salt. A chunk's associated data is its number and whether it is the last
one, so that chunks cannot be exchanged and a file cannot be cut short unnoticed.
"""

import base64
import io
import os
from collections.abc import Iterable, Iterator
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.files import File

from backoffice.core.sealed.sealing import SealBroken

MAGIC: Final = b"DSF1"
SALT_BYTES: Final = 16
HEAD_BYTES: Final = len(MAGIC) + 1 + SALT_BYTES
CHUNK_BYTES: Final = 1 << 20
TAG_BYTES: Final = 16
SEALED_BYTES: Final = CHUNK_BYTES + TAG_BYTES


def _master(number: int | None) -> tuple[int, bytes]:
    """Return the key of this number, the newest if none is given. :raises SealBroken: if the ring has none."""
    keys = dict(part.strip().split(":", 1) for part in settings.FIELD_KEYS.split(","))
    chosen = max(map(int, keys)) if number is None else number
    if str(chosen) not in keys:
        raise SealBroken(f"file: key {chosen} is not in the key ring")
    return chosen, base64.urlsafe_b64decode(keys[str(chosen)])


def _cipher(number: int | None, salt: bytes) -> tuple[int, AESGCM]:
    chosen, master = _master(number)
    return chosen, AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"doorstep file").derive(master))


def _nonce(number: int) -> bytes:
    # The key is this file's alone, so a counter never repeats under it.
    return number.to_bytes(12, "big")


def _bound(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(8, "big") + (b"\x01" if is_last else b"\x00")


class SealedUpload(File):  # type: ignore[type-arg]
    """A file for a storage to save: what it yields is `content`, sealed, in flat memory."""

    def __init__(self, *, content: Iterable[bytes]) -> None:
        super().__init__(None)
        self._content = content

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the sealed file; `chunk_size` is the seal's own."""
        salt = os.urandom(SALT_BYTES)
        number, cipher = _cipher(None, salt)
        yield MAGIC + bytes([number]) + salt
        held, count = bytearray(), 0
        for piece in self._content:
            held += piece
            # The last chunk must be known as the last: one is held back.
            while len(held) > CHUNK_BYTES:
                yield cipher.encrypt(_nonce(count), bytes(held[:CHUNK_BYTES]), _bound(count, is_last=False))
                del held[:CHUNK_BYTES]
                count += 1
        yield cipher.encrypt(_nonce(count), bytes(held), _bound(count, is_last=True))


class _Opened(io.RawIOBase):
    """The plain bytes of a sealed file; one chunk at a time is open."""

    def __init__(self, sealed: Any, size: int) -> None:
        self._sealed = sealed
        head = sealed.read(HEAD_BYTES)
        if len(head) != HEAD_BYTES or not head.startswith(MAGIC) or size < HEAD_BYTES + TAG_BYTES:
            raise SealBroken("file: not a sealed file")
        _number, self._cipher = _cipher(head[len(MAGIC)], head[len(MAGIC) + 1 :])
        body = size - HEAD_BYTES
        self._last = (body - 1) // SEALED_BYTES
        self._size = body - (self._last + 1) * TAG_BYTES
        self._at = 0
        self._chunk, self._chunk_number = b"", -1

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        if self._at >= self._size:
            return 0
        number, inside = divmod(self._at, CHUNK_BYTES)
        if number != self._chunk_number:
            self._chunk, self._chunk_number = self._open_chunk(number), number
        part = self._chunk[inside : inside + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._sealed.close()
        super().close()

    def _open_chunk(self, number: int) -> bytes:
        self._sealed.seek(HEAD_BYTES + number * SEALED_BYTES)
        try:
            return self._cipher.decrypt(
                _nonce(number), self._sealed.read(SEALED_BYTES), _bound(number, is_last=number == self._last)
            )
        except InvalidTag:
            raise SealBroken("file: it was altered or cut short") from None


class SealedFile:
    """A sealed file in a storage, which opens as its plain bytes: seekable, never written out in clear."""

    def __init__(self, *, storage: Any, name: str) -> None:
        self._storage, self._name = storage, name

    def open(self, _mode: Any = "rb") -> io.BufferedReader:
        """
        Open it anew for reading.

        :raises FileNotFoundError: if the storage does not have it.
        :raises SealBroken: here or while reading, if it was altered, cut short, or sealed by an unknown key.
        """
        sealed = self._storage.open(self._name, "rb")
        return io.BufferedReader(_Opened(sealed, self._storage.size(self._name)), buffer_size=CHUNK_BYTES)
