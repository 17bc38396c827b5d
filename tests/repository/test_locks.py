"""Row locks leave the key alone: else each insert that refers to the row waits for it, and writers deadlock in pairs."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SOURCES = sorted(
    path
    for top in ("backoffice", "cases", "visits", "reports")
    for path in (ROOT / top).rglob("*.py")
    if "migrations" not in path.parts
)
# A row of this table is deleted under its lock, and nothing refers to it.
DELETED_UNDER_LOCK = {"cases/services/evaluation/reevaluation.py"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_row_locks_do_not_lock_the_key(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    calls = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "select_for_update"
    ]

    for call in calls:
        assert "no_key" in {keyword.arg for keyword in call.keywords}, f"line {call.lineno}: pass no_key=True"
    if str(path.relative_to(ROOT)) not in DELETED_UNDER_LOCK:
        assert not re.search(r"\bFOR UPDATE\b", text)
