"""Kept files: sealed, whole or not at all, and compared with their SHA-256 on every reading."""

import errno
import hashlib
import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from backoffice.core.sealed import kept_files
from backoffice.core.sealed.kept_files import (
    FileAltered,
    FileLost,
    KeptFile,
    StorageFull,
    is_sealed,
    keep,
    seal_in_place,
)
from backoffice.core.sealed.sealed_files import CHUNK_BYTES

PLAIN = b"a photograph of a door" * 100
NAME = "evidence/ab/door.jpg"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def overwrite(name, content):
    path = Path(default_storage.path(name))
    path.chmod(0o600)
    path.write_bytes(content)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5])
def test_a_kept_file_is_sealed_and_reads_back_whole(size):
    content = os.urandom(size)

    name = keep(name=NAME, content=content)

    at_rest = Path(default_storage.path(name))
    assert KeptFile(name=name, sha256=sha256(content)).read() == content
    assert is_sealed(name=name)
    assert size < 16 or content[:16] not in at_rest.read_bytes()
    assert at_rest.stat().st_mode & 0o777 == 0o400


def test_a_swapped_file_is_refused():
    keep(name=NAME, content=PLAIN)
    keep(name="evidence/ab/other.jpg", content=b"another door")
    overwrite(NAME, Path(default_storage.path("evidence/ab/other.jpg")).read_bytes())

    with pytest.raises(FileAltered):
        KeptFile(name=NAME, sha256=sha256(PLAIN)).open()


@pytest.mark.parametrize(
    "change", [lambda held: held[:-1], lambda held: held[:40] + b"x" + held[41:], lambda held: held[:9]]
)
def test_a_changed_or_shortened_file_is_refused(change):
    keep(name=NAME, content=PLAIN)
    overwrite(NAME, change(Path(default_storage.path(NAME)).read_bytes()))

    with pytest.raises(FileAltered):
        KeptFile(name=NAME, sha256=sha256(PLAIN)).open()


def test_a_file_that_is_gone_is_said_to_be_lost():
    with pytest.raises(FileLost):
        KeptFile(name=NAME, sha256=sha256(PLAIN)).open()


def test_a_file_kept_again_stays_and_a_broken_one_is_written_anew():
    keep(name=NAME, content=PLAIN)
    first = Path(default_storage.path(NAME)).read_bytes()

    keep(name=NAME, content=PLAIN)
    assert Path(default_storage.path(NAME)).read_bytes() == first

    overwrite(NAME, b"something else")
    keep(name=NAME, content=PLAIN)
    assert KeptFile(name=NAME, sha256=sha256(PLAIN)).read() == PLAIN


def test_a_file_in_clear_is_read_and_sealed_in_place_once():
    default_storage.save(NAME, ContentFile(PLAIN))
    assert KeptFile(name=NAME, sha256=sha256(PLAIN)).read() == PLAIN

    assert seal_in_place(name=NAME, sha256=sha256(PLAIN))

    assert is_sealed(name=NAME)
    assert KeptFile(name=NAME, sha256=sha256(PLAIN)).read() == PLAIN
    assert not seal_in_place(name=NAME, sha256=sha256(PLAIN))


def test_a_swapped_file_in_clear_is_not_sealed():
    default_storage.save(NAME, ContentFile(b"another door"))

    with pytest.raises(FileAltered):
        seal_in_place(name=NAME, sha256=sha256(PLAIN))

    assert not is_sealed(name=NAME)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_nothing_behind(code, monkeypatch):
    """The operating system refuses at the flush to the disk, after the bytes were written."""

    def full(_handle):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(kept_files.os, "fsync", full)

    with pytest.raises(StorageFull):
        keep(name=NAME, content=PLAIN)

    assert list(Path(default_storage.path("evidence/ab")).iterdir()) == []


def test_a_full_disk_leaves_a_file_in_clear_as_it_is(monkeypatch):
    default_storage.save(NAME, ContentFile(PLAIN))

    def full(_handle):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(kept_files.os, "fsync", full)

    with pytest.raises(StorageFull):
        seal_in_place(name=NAME, sha256=sha256(PLAIN))

    assert KeptFile(name=NAME, sha256=sha256(PLAIN)).read() == PLAIN
    assert [each.name for each in Path(default_storage.path("evidence/ab")).iterdir()] == ["door.jpg"]
