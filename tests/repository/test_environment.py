"""deploy/doorstep.env.example describes every variable that the program reads, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
READERS = ("backoffice", "cases", "visits", "reports", "manage.py")
# What the operating system sets for every program.
SYSTEM = {"PATH", "LD_LIBRARY_PATH", "TMPDIR"}
# `env.int("NAME")`, `os.environ.get("NAME")` and the like.
READING_CALLS = {"str", "int", "bool", "float", "list", "json", "url", "get", "setdefault", "getenv"}


def variables_read() -> Iterator[str]:
    for reader in READERS:
        path = ROOT / reader
        for source in [path] if path.is_file() else path.rglob("*.py"):
            yield from variables_read_by(ast.parse(source.read_text()))


def variables_read_by(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            if node.func.attr in READING_CALLS and ast.unparse(node.func.value) in ("env", "os.environ", "os"):
                yield from constants(node.args[0])
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield from constants(node.slice)


def constants(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def described() -> list[tuple[str, str]]:
    """Return each variable of the example with the line before it."""
    lines = (ROOT / "deploy" / "doorstep.env.example").read_text().splitlines()
    found = []
    for before, line in zip(["", *lines], lines, strict=False):
        if match := re.fullmatch(r"#?([A-Z][A-Z_]+)=.*", line):
            found.append((match[1], before))
    return found


def test_the_example_names_each_variable_that_is_read_once():
    names = [name for name, _before in described()]

    assert sorted(names) == sorted(set(variables_read()) - SYSTEM)


def test_the_example_says_what_each_variable_is():
    silent = []
    explained = False
    for name, before in described():
        is_comment = before.startswith("# ")
        # HOST and PORT share a sentence, and so do the two servers.
        follows_explained = explained and re.fullmatch(r"#?[A-Z][A-Z_]+=.*", before) is not None
        explained = is_comment or follows_explained
        if not explained:
            silent.append(name)

    assert silent == []


def test_the_search_sees_every_way_to_read_a_variable():
    code = (
        'env.int("A", default=1); os.environ["B"]; os.environ.get("C"); os.environ.setdefault("D", ""); os.getenv("E")'
    )

    assert sorted(variables_read_by(ast.parse(code))) == ["A", "B", "C", "D", "E"]
