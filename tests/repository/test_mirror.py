"""Tests mirror the tree: whoever looks for the tests of a file finds them at the same place under tests/."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
MIRRORED = (
    "backoffice/core",
    "backoffice/access",
    "backoffice/audit",
    "backoffice/outbox",
    "cases/services",
    "cases/selectors",
    "cases/rules",
    "visits/services",
    "visits/selectors",
    "visits/rules",
    "reports/services",
    "reports/selectors",
    "reports/rules",
)
# Files of declarations, which the tests of their users try.
DECLARATIONS = {"__init__", "apps", "admin", "models", "tasks", "lifecycle"}
# Files without tests of their own yet. This list may only shrink.
WITHOUT: set[str] = {
    "backoffice/audit/enums.py",
    "cases/services/intake/accounts/records.py",
    "visits/rules/report/draft.py",
    "visits/services/doorstep/report_draft.py",
}


def _files() -> Iterator[str]:
    for folder in MIRRORED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            inside = set(path.relative_to(ROOT).parts)
            if path.stem not in DECLARATIONS and not inside & {"migrations", "management", "templatetags"}:
                yield path.relative_to(ROOT).as_posix()


def _test_of(file: str) -> Path:
    path = Path("tests") / file
    return ROOT / path.with_name(f"test_{path.name}")


def test_each_file_has_its_tests_at_the_same_place():
    missing = {file for file in _files() if not _test_of(file).exists()}

    assert missing == WITHOUT


def test_the_walk_sees_the_tree():
    assert len(list(_files())) > 150
