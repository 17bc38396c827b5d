"""SQL keeps to the floors as imports do: own and lower tables only, and enum values built from the enums."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import TextChoices

import cases.enums
import reports.enums
import visits.enums

ROOT = Path(settings.BASE_DIR)
# Which tables a folder's SQL may read. The foundation's own tables are reached through its functions.
MAY_READ = {
    "backoffice/audit": {"audit"},
    "backoffice/access": {"access"},
    "backoffice/outbox": {"outbox"},
    "backoffice/core": set(),
    "cases": {"cases"},
    "visits": {"visits", "cases"},
    "reports": {"reports", "visits", "cases"},
}
# A floor writes its own tables only; what a lower floor holds is changed by that floor's services.
MAY_WRITE = {folder: {folder.rpartition("/")[2]} for folder in MAY_READ}
# The code of a territory is read with the rows that it scopes; nothing else of the foundation is.
SHARED = {"access_territory"}
TABLE = r"\b(audit|access|outbox|cases|visits|reports)_[a-z]+\b"
READS = re.compile(rf"\b(?:FROM|JOIN|USING)\s+{TABLE}")
WRITES = re.compile(rf"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY|TRUNCATE(?:\s+TABLE)?|LOCK\s+TABLE)\s+{TABLE}")
IS_SQL = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|FILTER \(|CASE WHEN|CREATE|ALTER TABLE|COPY)\b")
QUOTED = re.compile(r"'([A-Z][A-Z_]+)'")


def _enum_values() -> set[str]:
    found: set[str] = set()
    for page in (cases.enums, visits.enums, reports.enums):
        for each in vars(page).values():
            if isinstance(each, type) and issubclass(each, TextChoices) and each is not TextChoices:
                found |= set(each.values)
    return found


def _texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of each text constant that is no docstring; parts of an f-string come one by one."""
    documented = {
        id(each.body[0].value)
        for each in ast.walk(node)
        if isinstance(each, ast.Module | ast.ClassDef | ast.FunctionDef)
        and each.body
        and isinstance(each.body[0], ast.Expr)
    }
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in documented:
            yield each.lineno, each.value


def _sql(folder: str) -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        if "migrations" not in path.parts:
            for line, text in _texts(ast.parse(path.read_text(encoding="utf-8"))):
                if IS_SQL.search(text):
                    yield f"{path.relative_to(ROOT).as_posix()}:{line}", text


def test_the_walk_sees_the_sql():
    assert len(list(_sql("cases"))) > 40


@pytest.mark.parametrize("folder", MAY_READ)
def test_a_floor_reads_its_own_and_lower_tables(folder):
    foreign = [
        (place, found.group(0))
        for place, text in _sql(folder)
        for found in READS.finditer(text)
        if found.group(1) not in MAY_READ[folder] and found.group(0).split()[-1] not in SHARED
    ]

    assert foreign == []


@pytest.mark.parametrize("folder", MAY_WRITE)
def test_a_floor_writes_its_own_tables(folder):
    foreign = [
        (place, found.group(0))
        for place, text in _sql(folder)
        for found in WRITES.finditer(text)
        if found.group(1) not in MAY_WRITE[folder]
    ]

    assert foreign == []


@pytest.mark.parametrize("folder", MAY_READ)
def test_sql_takes_states_from_enums_and_lifecycles(folder):
    known = _enum_values()
    by_hand = [
        (place, found.group(1))
        for place, text in _sql(folder)
        for found in QUOTED.finditer(text)
        if found.group(1) in known
    ]

    assert by_hand == []
