"""Tests mirror the tree: whoever looks for the tests of a file finds them at the same place under tests/."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
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
# Kinds of files that the tests of their users try.
DECLARATIONS = {"__init__", "apps", "admin", "models", "tasks"}
# Files that only declare: they hold no function, so there is nothing in them that a test of their own could try.
ONLY_DECLARED = {
    "backoffice/audit/enums.py": "numbers of the two chains and words of purposes",
    "cases/rules/contact_budget/jurisdictions.py": "limits of each jurisdiction; test_policy compares them",
    "cases/rules/contact_budget/question.py": "fields of a question; test_budget fills them",
    "cases/services/intake/accounts/records.py": "fields of a batch of account rows; test_look_up and test_validate fill them",
    "visits/rules/comparison/matching.py": "three words; test_addresses and its like compare with them",
    "visits/rules/report/draft.py": "fields of a report as the checks see it; test_findings fills them",
    "visits/services/doorstep/report_draft.py": "fields of a report as the crew hands it in; test_reports fills them",
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

    assert missing == set(ONLY_DECLARED)


@pytest.mark.parametrize("file", ONLY_DECLARED)
def test_a_file_without_tests_of_its_own_holds_no_function(file: str):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))

    assert [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)] == []


def test_the_walk_sees_the_tree():
    assert len(list(_files())) > 150
