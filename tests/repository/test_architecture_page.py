"""The pages about the code name what the code has: paths, functions, arguments."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from backoffice.wiring.doors_page import doors_page, signature_of

ROOT = Path(settings.BASE_DIR)
PAGES = ["docs/architecture.md", "CONTRIBUTING.md"]
PACKAGES = ("backoffice", "cases", "visits", "reports")
# Parts of the foundation, which the pages name without "backoffice".
FOUNDATION = ("core", "access", "audit", "outbox", "wiring", "embedded", "demo", "bench", "translation")


def quoted(page: str) -> list[str]:
    """Return what the page puts between backquotes."""
    return re.findall(r"`([^`\n]+)`", (ROOT / page).read_text())


def paths_in(page: str) -> Iterator[str]:
    """Yield each quoted path into the code; words like `admin/` that stand for a room of every floor are none."""
    for text in quoted(page):
        if re.fullmatch(r"[\w./-]+", text) and text.split("/")[0] in (
            *PACKAGES,
            *FOUNDATION,
            "docs",
            "deploy",
            "tests",
        ):
            yield text if "/" in text else ""


def names_in(page: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each quoted dotted name with the arguments that the page gives it."""
    for text in quoted(page):
        found = re.fullmatch(r"((?:\w+\.)+\w+)(?:\((.*)\))?", text)
        if found and found[1].split(".")[0] in (*PACKAGES, *FOUNDATION) and not found[1].endswith((".py", ".md")):
            yield found[1], tuple(re.findall(r"(\w+)=", found[2] or ""))


def resolve(name: str) -> Any:
    """Return the module, class or function of a dotted name."""
    parts = (name if name.split(".")[0] in PACKAGES else f"backoffice.{name}").split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute)
        return found
    raise AssertionError(name)


@pytest.mark.parametrize("page", PAGES)
def test_each_path_on_the_page_exists(page):
    paths = [path for path in paths_in(page) if path]

    assert [path for path in paths if not (ROOT / path).exists() and not (ROOT / "backoffice" / path).exists()] == []
    assert len(paths) >= 9


@pytest.mark.parametrize("page", PAGES)
def test_each_name_on_the_page_exists_and_takes_the_arguments_it_is_given(page):
    names = list(names_in(page))
    wrong = []
    for name, arguments in names:
        try:
            found = resolve(name)
        except (AssertionError, AttributeError):
            wrong.append(name)
            continue
        if arguments and not set(arguments) <= set(inspect.signature(found).parameters):
            wrong.append(f"{name}{arguments}")

    assert wrong == []
    assert len(names) >= 3


def test_the_list_of_doors_is_the_same_as_the_code():
    assert (ROOT / "docs" / "doors.md").read_text() == doors_page(root=ROOT)


def test_a_changed_argument_makes_the_list_of_doors_fail(tmp_path, settings):
    services = tmp_path / "cases" / "services"
    services.mkdir(parents=True)
    for floor in ("backoffice", "visits", "reports"):
        (tmp_path / floor).mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "cases" / "tasks.py").write_text("from cases.services import runs\nruns.start_run(at=1)\n")
    code = (
        'def start_run(*, at, note="") -> int:\n    """Start\n    a run.\n\n    More.\n    """\n\ndef unused(): ...\n'
    )
    (services / "runs.py").write_text(code)
    settings.BASE_DIR = tmp_path
    call_command("doors", "--write")
    assert "- `start_run(*, at, note='') -> int` - Start a run.\n" in (tmp_path / "docs" / "doors.md").read_text()
    assert "unused" not in (tmp_path / "docs" / "doors.md").read_text()
    call_command("doors", "--check")

    (services / "runs.py").write_text(code.replace("at, ", "at, by, "))
    with pytest.raises(CommandError):
        call_command("doors", "--check")


@pytest.mark.parametrize(
    ("code", "signature"),
    [
        ("def f(): ...", "f()"),
        (
            "def f(a: int, b: str = 'x', *, c: int, d: int = 2, **more: int) -> list[int]: ...",
            "f(a, b='x', *, c, d=2, **more) -> list[int]",
        ),
        ("def f(*rows: int, at: int) -> None: ...", "f(*rows, at) -> None"),
    ],
)
def test_a_signature_shows_names_and_defaults_without_types(code, signature):
    function = ast.parse(code).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert signature_of(function) == signature
