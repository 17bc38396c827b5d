"""Signed checkpoints: written whole, never over another, and every change of them is found."""

import json
from pathlib import Path
from typing import Any

import pytest

from backoffice.audit.checkpoint_stores import Folder
from backoffice.audit.checkpoints import (
    ChainEnd,
    CheckpointBroken,
    add_checkpoint,
    last_checkpoint,
    public_key,
    read_checkpoints,
)


def end(sequence: int) -> ChainEnd:
    return ChainEnd(sequence=sequence, hash=f"{sequence:064x}")


@pytest.fixture
def directory(tmp_path: Path, at: Any) -> Path:
    for sequence in (1, 2, 3):
        add_checkpoint(store=Folder(tmp_path / "kept"), trail=end(sequence), access=end(0), at=at)
    return tmp_path / "kept"


def test_read_checkpoints_returns_what_was_written_oldest_first(directory: Path) -> None:
    found = read_checkpoints(Folder(directory))

    assert [(kept.number, kept.trail, kept.access) for kept in found] == [(n, end(n), end(0)) for n in (1, 2, 3)]
    assert last_checkpoint(Folder(directory)) == found[2]
    assert sorted(path.name for path in directory.iterdir()) == [f"checkpoint-000000000{n}.json" for n in (1, 2, 3)]


def test_checkpoints_of_a_directory_that_does_not_exist_are_none(tmp_path: Path) -> None:
    assert read_checkpoints(Folder(tmp_path / "none")) == []
    assert last_checkpoint(Folder(tmp_path / "none")) is None


@pytest.mark.parametrize("number", [1, 2])
def test_read_checkpoints_finds_a_missing_one(directory: Path, number: int) -> None:
    (directory / f"checkpoint-000000000{number}.json").unlink()

    with pytest.raises(CheckpointBroken, match=f"checkpoint {number} is missing"):
        read_checkpoints(Folder(directory))


@pytest.mark.parametrize("place", ["trail", "access", "at", "previous", "number"])
def test_read_checkpoints_finds_an_edited_one(directory: Path, place: str) -> None:
    path = directory / "checkpoint-0000000002.json"
    content = json.loads(path.read_text())
    content["checkpoint"][place] = {
        "trail": {"sequence": 9, "hash": "0" * 64},
        "access": {"sequence": 9, "hash": ""},
    }.get(place, 9 if place == "number" else "9")
    path.chmod(0o600)
    path.write_text(json.dumps(content))

    with pytest.raises(CheckpointBroken, match="signature"):
        read_checkpoints(Folder(directory))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"checkpoint": {"key": 7}}'])
def test_read_checkpoints_finds_an_unreadable_one(directory: Path, content: bytes) -> None:
    path = directory / "checkpoint-0000000002.json"
    path.chmod(0o600)
    path.write_bytes(content)

    with pytest.raises(CheckpointBroken, match="unreadable"):
        read_checkpoints(Folder(directory))


def test_read_checkpoints_finds_one_from_another_series(directory: Path, tmp_path: Path, at: Any) -> None:
    for sequence in (1, 5):
        add_checkpoint(store=Folder(tmp_path / "other"), trail=end(sequence), access=end(4), at=at)
    path = directory / "checkpoint-0000000002.json"
    path.chmod(0o600)
    path.write_bytes((tmp_path / "other" / path.name).read_bytes())

    with pytest.raises(CheckpointBroken, match="does not follow"):
        read_checkpoints(Folder(directory))


def test_checkpoints_of_an_older_key_are_read_after_a_newer_one_seals(directory: Path, settings: Any, at: Any) -> None:
    before = public_key(1)
    settings.FIELD_KEYS = f"{settings.FIELD_KEYS},2:{'A' * 43}="
    add_checkpoint(store=Folder(directory), trail=end(4), access=end(0), at=at)

    assert [kept.key for kept in read_checkpoints(Folder(directory))] == [1, 1, 1, 2]
    assert public_key(1) == before
    assert public_key(2) != before


def test_a_checkpoint_signed_with_a_key_of_another_installation_is_refused(directory: Path, settings: Any) -> None:
    settings.FIELD_KEYS = f"1:{'A' * 43}="

    with pytest.raises(CheckpointBroken, match="signature"):
        read_checkpoints(Folder(directory))
