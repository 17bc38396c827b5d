"""Where checkpoints are kept: a directory, or an object storage through any storage backend of Django's."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

# The name of the object storage in settings.STORAGES.
ALIAS: Final = "checkpoints"


class CheckpointTaken(Exception):
    """Another process has just written a checkpoint of this name."""


class CheckpointStore(Protocol):
    """What keeps checkpoints. Names hold no folder."""

    def names(self) -> list[str]:
        """
        Return the names of all files, sorted; none if nothing was kept yet.

        :raises OSError: if the store does not answer.
        """

    def read(self, name: str) -> bytes:
        """
        Return the content of a file.

        :raises OSError: if there is no such file, or the store does not answer.
        """

    def add(self, name: str, content: bytes) -> None:
        """
        Keep a new file, whole or not at all.

        :raises CheckpointTaken: if there is a file of this name; it stays as it is.
        :raises OSError: if the store cannot be written.
        """


@dataclass(frozen=True, slots=True)
class Folder:
    """A directory. It is made, for its owner only, when the first checkpoint is added."""

    path: Path

    def names(self) -> list[str]:
        return sorted(each.name for each in self.path.glob("*.json"))

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def add(self, name: str, content: bytes) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path / f".{name}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # Unlike a rename, a link never replaces a file that is there.
            os.link(draft, self.path / name)
        except FileExistsError as error:
            raise CheckpointTaken(name) from error
        finally:
            draft.unlink()
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@dataclass(frozen=True, slots=True)
class ObjectStorage:
    """
    Objects below a prefix of a storage backend. An upload appears whole or not at all.

    Two processes that add the same name at the same moment may both succeed where the backend cannot refuse the
    second; what the second writes is the next checkpoint too. The bucket's own object lock keeps what is written once.
    """

    storage: Storage
    prefix: str

    def names(self) -> list[str]:
        with _as_os_error():
            try:
                _folders, files = self.storage.listdir(self.prefix)
            except FileNotFoundError:
                return []
        return sorted(name for name in files if name.endswith(".json"))

    def read(self, name: str) -> bytes:
        with _as_os_error(), self.storage.open(self._key(name), "rb") as opened:
            return bytes(opened.read())

    def add(self, name: str, content: bytes) -> None:
        key = self._key(name)
        with _as_os_error():
            if self.storage.exists(key):
                raise CheckpointTaken(name)
            saved = self.storage.save(key, ContentFile(content))
            if saved != key:
                # The backend chose another name, because somebody else had just taken this one.
                self.storage.delete(saved)
                raise CheckpointTaken(name)

    def _key(self, name: str) -> str:
        return f"{self.prefix.rstrip('/')}/{name}" if self.prefix else name


def checkpoint_store() -> CheckpointStore | None:
    """
    Return where the settings keep checkpoints, None if nowhere.

    With a storage named "checkpoints" in settings.STORAGES, AUDIT_CHECKPOINTS is a prefix in it, otherwise a directory.

    :raises InvalidStorageError: if the backend of that storage cannot be imported or made.
    """
    if ALIAS in settings.STORAGES:
        return ObjectStorage(storages[ALIAS], settings.AUDIT_CHECKPOINTS)
    return Folder(Path(settings.AUDIT_CHECKPOINTS)) if settings.AUDIT_CHECKPOINTS else None


@contextmanager
def _as_os_error() -> Iterator[None]:
    """Turn an error of the backend's own package into the OSError that callers handle."""
    try:
        yield
    except (CheckpointTaken, OSError):
        raise
    except Exception as error:
        raise OSError(f"the storage of checkpoints: {type(error).__name__}") from error
