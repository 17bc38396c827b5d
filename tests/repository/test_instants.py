"""Instants of tests and of the demo carry microseconds, as the clock of a real machine does.

Whole seconds hide defects: a library that refuses microseconds, a comparison that is right to the second only.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# Pure rules are tried one second to each side of a limit, so their instants are whole seconds on purpose.
BOUNDARY_TESTS = "rules"


def instants() -> Iterator[tuple[str, ast.Call]]:
    """Yield (place, call) for each constant `AT` or `..._AT` that a test module or factory builds with `datetime(...)`."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if BOUNDARY_TESTS in path.parts:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                names = [target.id for target in node.targets if isinstance(target, ast.Name)]
                called = getattr(node.value.func, "id", "")
                if called == "datetime" and any(name == "AT" or name.endswith("_AT") for name in names):
                    yield f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", node.value


def test_the_walk_finds_the_instants():
    assert len(list(instants())) >= 10


@pytest.mark.parametrize(("place", "call"), list(instants()), ids=lambda part: part if isinstance(part, str) else "")
def test_an_instant_of_a_test_carries_microseconds(place: str, call: ast.Call):
    has_microseconds = len(call.args) >= 7 or any(word.arg == "microsecond" for word in call.keywords)

    assert has_microseconds, f"{place} is a whole second"


def test_the_days_of_the_demo_begin_between_two_seconds():
    from datetime import date

    from backoffice.demo.story import _morning

    assert _morning(date(2026, 3, 2)).microsecond != 0
