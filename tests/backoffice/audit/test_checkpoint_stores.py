"""Where checkpoints are kept: a directory and an object storage do the same, and neither replaces a file."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage, Storage

from backoffice.audit.checkpoint_stores import (
    CheckpointStore,
    CheckpointTaken,
    Folder,
    ObjectStorage,
    checkpoint_store,
)
from backoffice.audit.services import record
from backoffice.audit.verifier import verify_chain, write_checkpoint

MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}


class Unreachable(Storage):
    """A backend whose service does not answer, with an error of its own package."""

    def listdir(self, path: str) -> Any:
        raise RuntimeError("no answer")


class Overwriting(InMemoryStorage):
    """A backend that writes over an object of the same name, as object storages do unless they are told otherwise."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        self.delete(name)
        return name


class Late(InMemoryStorage):
    """A backend that answers as if another process took the name right after it was asked for."""

    asked = False

    def exists(self, name: str) -> bool:
        there, self.asked = self.asked and super().exists(name), True
        return there


@pytest.fixture(params=["folder", "memory", "files"])
def store(request: Any, tmp_path: Path) -> CheckpointStore:
    return {
        "folder": Folder(tmp_path / "kept"),
        "memory": ObjectStorage(InMemoryStorage(), "doorstep"),
        "files": ObjectStorage(FileSystemStorage(location=tmp_path / "bucket"), ""),
    }[request.param]


def test_what_was_added_is_read_by_its_name(store: CheckpointStore) -> None:
    assert store.names() == []

    for name in ("b.json", "a.json"):
        store.add(name, name.encode())

    assert store.names() == ["a.json", "b.json"]
    assert [store.read(name) for name in store.names()] == [b"a.json", b"b.json"]


def test_a_name_that_is_taken_keeps_its_content(store: CheckpointStore) -> None:
    store.add("a.json", b"first")

    with pytest.raises(CheckpointTaken):
        store.add("a.json", b"second")

    assert [(name, store.read(name)) for name in store.names()] == [("a.json", b"first")]


@pytest.mark.parametrize("backend", [Overwriting, Late])
def test_no_backend_replaces_a_checkpoint_or_leaves_a_second_one(backend: type[InMemoryStorage]) -> None:
    storage = backend()
    InMemoryStorage.save(storage, "a.json", ContentFile(b"first"))
    storage.asked = False
    store = ObjectStorage(storage, "")

    with pytest.raises(CheckpointTaken):
        store.add("a.json", b"second")

    assert [(name, store.read(name)) for name in store.names()] == [("a.json", b"first")]


def test_a_file_that_is_not_there_is_an_error_of_the_system(store: CheckpointStore) -> None:
    with pytest.raises(OSError, match=r".+"):
        store.read("a.json")


def test_an_error_of_a_backends_package_becomes_one_of_the_system() -> None:
    with pytest.raises(OSError, match="RuntimeError"):
        ObjectStorage(Unreachable(), "").names()


def test_the_settings_name_a_directory_a_storage_or_nothing(settings: Any, tmp_path: Path) -> None:
    settings.AUDIT_CHECKPOINTS = ""
    assert checkpoint_store() is None
    settings.AUDIT_CHECKPOINTS = str(tmp_path)
    assert checkpoint_store() == Folder(tmp_path)
    settings.STORAGES = {**settings.STORAGES, "checkpoints": MEMORY}

    found = checkpoint_store()

    assert isinstance(found, ObjectStorage)
    assert (type(found.storage), found.prefix) == (InMemoryStorage, str(tmp_path))


def test_a_checkpoint_deleted_from_an_object_storage_is_missed(officer: Any, at: Any, settings: Any) -> None:
    settings.AUDIT_CHECKPOINTS = "doorstep"
    settings.STORAGES = {**settings.STORAGES, "checkpoints": MEMORY}
    for number in (1, 2):
        record(actor=officer, action="test.done", subject=("test", number), at=at)
        assert write_checkpoint(at=at) is not None
    assert verify_chain().ok

    store = checkpoint_store()
    assert isinstance(store, ObjectStorage)
    store.storage.delete("doorstep/checkpoint-0000000001.json")

    assert store.names() == ["checkpoint-0000000002.json"]
    assert verify_chain().checkpoint_problem == "checkpoint 1 is missing"


def test_a_storage_that_does_not_answer_is_said_by_the_verdict(db: Any, settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "checkpoints": {"BACKEND": f"{__name__}.Unreachable"}}

    verdict = verify_chain()

    assert (verdict.ok, verdict.checkpoint_problem) == (False, "the storage of checkpoints: RuntimeError")
