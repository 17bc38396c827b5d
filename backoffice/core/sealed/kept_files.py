"""
Private files kept sealed under a name of their own, whole or not at all, and compared with their SHA-256 when read.

Files from before they were sealed are read as they are. `seal_in_place` seals them.
"""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import DoorstepError
from backoffice.core.sealed.sealed_files import CHUNK_BYTES, MAGIC, SealedFile, SealedUpload
from backoffice.core.sealed.sealing import SealBroken

NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class StorageFull(DoorstepError):
    """The storage has no room for the file. Nothing of it is kept."""

    code = "storage_full"
    message = _("There is no room to keep the file, and nothing of it was kept. Send it again later.")
    # REST answers 507 with the words.
    no_room = True


class FileLost(DoorstepError):
    """A record names a file that the storage does not have."""

    code = "file_lost"
    message = _("The file is missing from the storage. This is recorded; the operator can look for it in a backup.")


class FileAltered(DoorstepError):
    """A stored file is not what was kept: its SHA-256 differs, or its seal is broken."""

    code = "file_altered"
    message = _(
        "The stored file is not the one that was kept, so it is not handed out. This is recorded for the operator."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A kept file by name and the SHA-256 (hexadecimal) of its plain bytes; empty compares nothing."""

    name: str
    sha256: str

    def open(self, _mode: Any = "rb") -> BinaryIO:
        """
        Return its plain bytes, positioned at the start, after the whole file has been compared with its SHA-256.

        Reads the file once for the comparison, 1 MiB at a time.

        :raises FileLost: if the storage does not have it.
        :raises FileAltered: if it is not what was kept.
        """
        try:
            opened = _opened(self.name)
        except FileNotFoundError as error:
            raise FileLost from error
        except SealBroken as error:
            raise FileAltered from error
        try:
            found = _sha256(iter(lambda: opened.read(CHUNK_BYTES), b""))
        except SealBroken as error:
            opened.close()
            raise FileAltered from error
        if self.sha256 and found != self.sha256:
            opened.close()
            raise FileAltered
        opened.seek(0)
        return opened

    def read(self) -> bytes:
        """Return all plain bytes, compared as `open` does."""
        with self.open() as opened:
            return opened.read()


def keep(*, name: str, content: bytes) -> str:
    """
    Keep `content` sealed under `name`, for reading only; return the name that the storage gave it.

    `name` follows from the content: a file that is there already and intact stays. In a folder the file is written
    under a temporary name, flushed to the disk and renamed, so that no reader ever meets a part of it.

    :raises StorageFull: if there is no room; nothing is left behind.
    """
    with suppress(FileLost, FileAltered):
        KeptFile(name=name, sha256=hashlib.sha256(content).hexdigest()).open().close()
        return name
    return _write(name, SealedUpload(content=(content,)))


def seal_in_place(*, name: str, sha256: str) -> bool:
    """
    Seal a file that was kept in clear, under the same name; return whether it had to be sealed.

    `sha256` as in `KeptFile`. A storage without folders (object storage) keeps the file as it is.

    :raises FileLost: if the storage does not have it.
    :raises FileAltered: if it is not what was kept; it stays as it is.
    :raises StorageFull: if there is no room for the sealed copy; the file stays as it is.
    """
    if is_sealed(name=name) or _path(name) is None:
        return False
    with KeptFile(name=name, sha256=sha256).open() as opened:
        _write(name, SealedUpload(content=iter(lambda: opened.read(CHUNK_BYTES), b"")))
    return True


def is_sealed(*, name: str) -> bool:
    """Return whether a stored file is sealed. :raises FileLost: if the storage does not have it."""
    try:
        with default_storage.open(name, "rb") as stored:
            return bool(stored.read(len(MAGIC)) == MAGIC)
    except FileNotFoundError as error:
        raise FileLost from error


def _opened(name: str) -> BinaryIO:
    stored = default_storage.open(name, "rb")
    if stored.read(len(MAGIC)) == MAGIC:
        stored.close()
        return cast("BinaryIO", SealedFile(storage=default_storage, name=name).open())
    stored.seek(0)
    return cast("BinaryIO", stored)


def _sha256(pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _path(name: str) -> Path | None:
    """Return where a file lies, None in a storage without folders."""
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:
        return None


def _write(name: str, sealed: SealedUpload) -> str:
    path = _path(name)
    if path is None:
        return str(default_storage.save(name, sealed))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(path, sealed.chunks())
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StorageFull from error
        raise
    return name


def _write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file under a temporary name in the same folder, flush it to the disk, and rename it."""
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o400)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    # The rename itself is on the disk once the folder is.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
