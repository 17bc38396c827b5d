"""What a telephone keeps of the page: every file, one version, the worker and the manifest."""

import json
import re
import struct
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from visits.field import shell

pytestmark = pytest.mark.django_db


def test_the_worker_keeps_every_file_that_the_page_loads() -> None:
    files = set(shell.shell_files())
    imported = {
        f"visits/field/{name}"
        for file in files
        if file.startswith("visits/field/") and file.endswith(".js")
        for name in re.findall(r'^import .*"\./(.+)";$', (shell.STATIC / file).read_text(), re.MULTILINE)
    }

    assert imported < files
    assert {"visits/field/main.js", "visits/field/field.css", "visits/idb-8.0.4/index.js"} < files
    assert shell.WORKER not in files
    assert [file for file in files if finders.find(file) is None] == []


def test_the_version_follows_from_the_content(monkeypatch: Any, tmp_path: Any) -> None:
    for name in ("visits/field/main.js", "visits/field/worker.js", "visits/idb-8.0.4/index.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    monkeypatch.setattr(shell, "STATIC", tmp_path)
    versions = []
    for text in ("1", "2", "1"):
        (tmp_path / "visits/field/main.js").write_text(text)
        shell.shell_files.cache_clear()
        shell.shell_version.cache_clear()
        versions.append(shell.shell_version())
    monkeypatch.undo()
    shell.shell_files.cache_clear()
    shell.shell_version.cache_clear()

    assert versions[0] == versions[2] != versions[1]


def test_the_worker_is_served_for_the_page_alone_and_to_anybody() -> None:
    answer = Client().get("/field/sw.js")

    head = json.loads(answer.content.decode().split("\n")[0].removeprefix("const SHELL = ").removesuffix(";"))
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert head["version"] == shell.shell_version()
    assert len(head["files"]) == len(shell.shell_files())


def test_the_manifest_makes_the_page_installable() -> None:
    answer = Client().get("/field/manifest.webmanifest", headers={"accept-language": "en"})

    manifest = answer.json()
    assert answer["Content-Type"] == "application/manifest+json"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/field/", "/field/", "standalone")
    for icon in manifest["icons"]:
        content = (shell.STATIC / icon["src"].removeprefix("/static/")).read_bytes()
        width, height = struct.unpack(">II", content[16:24])
        assert icon["sizes"] == f"{width}x{height}"


@pytest.mark.parametrize("file", [name for name in shell.shell_files() if name.startswith("visits/field/")])
def test_a_module_is_no_longer_than_a_subject(file: str) -> None:
    if file.endswith((".js", ".css")):
        assert len((shell.STATIC / file).read_text().splitlines()) <= 300
