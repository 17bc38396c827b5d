"""Files sealed at rest open at any place, and not at all once they were touched."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage

from backoffice.core.sealed.sealed_files import CHUNK_BYTES, HEAD_BYTES, SEALED_BYTES, SealedFile, SealedUpload
from backoffice.core.sealed.sealing import SealBroken


def _pieces(content: bytes, size: int) -> list[bytes]:
    return [content[n : n + size] for n in range(0, len(content), size)]


@pytest.fixture
def storage(tmp_path: Path) -> FileSystemStorage:
    return FileSystemStorage(location=tmp_path)


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 17]
)
def test_sealed_file_opens_as_it_was(storage: Any, size: int) -> None:
    content = os.urandom(size)
    name = storage.save("kept", SealedUpload(content=_pieces(content, 700_001)))

    with SealedFile(storage=storage, name=name).open("rb") as opened:
        assert opened.read() == content
        assert opened.seek(0, io.SEEK_END) == size
        opened.seek(max(0, size - 5))
        assert opened.read() == content[-5:]


def _touched(path: Path, change: str) -> None:
    body = path.read_bytes()
    chunks = _pieces(body[HEAD_BYTES:], SEALED_BYTES)
    path.chmod(0o600)
    path.write_bytes(
        {
            "a byte": body[:-30] + bytes([body[-30] ^ 1]) + body[-29:],
            "cut at a chunk": body[:HEAD_BYTES] + chunks[0],
            "chunks exchanged": body[:HEAD_BYTES] + chunks[1] + chunks[0] + chunks[2],
            "another salt": body[:10] + bytes([body[10] ^ 1]) + body[11:],
            "another key": body[:4] + b"\xff" + body[5:],
            "no sealed file": b"PK" + body,
        }[change]
    )


@pytest.mark.parametrize(
    "change", ["a byte", "cut at a chunk", "chunks exchanged", "another salt", "another key", "no sealed file"]
)
def test_sealed_file_that_was_touched_does_not_open(storage: Any, tmp_path: Path, change: str) -> None:
    name = storage.save("kept", SealedUpload(content=[bytes(2 * CHUNK_BYTES + 5)]))
    _touched(tmp_path / name, change)

    with pytest.raises(SealBroken), SealedFile(storage=storage, name=name).open("rb") as opened:
        opened.read()
