"""The SQL of the triggers follows the case's lifecycle and the enums, and keeps the partial index of open cases usable."""

import re
from importlib import reload
from typing import Any

import pytest
from django.db import connection
from django.db.models import TextChoices

from backoffice.core.transitions import Lifecycle
from cases import enums
from cases.enums import CaseStage
from cases.rules import lifecycle
from cases.services.evaluation import trigger_statements

WORD = re.compile(r"'([A-Z][A-Z_]{2,})'")


def statements() -> dict[str, str]:
    return {name: text for name, text in vars(trigger_statements).items() if name.isupper() and isinstance(text, str)}


def test_every_word_is_of_an_enum() -> None:
    choices = [each for each in vars(enums).values() if isinstance(each, type) and issubclass(each, TextChoices)]
    known = {str(value) for each in choices for value in each.values}

    assert {word for text in statements().values() for word in WORD.findall(text)} - known == set()


def test_cases_close_from_the_sources_of_the_lifecycle_only(monkeypatch: pytest.MonkeyPatch) -> None:
    step = lifecycle.CASE.step("close")
    narrower = step.__class__(
        action="close",
        sources=step.sources - {CaseStage.MONITORED, CaseStage.IN_WORK},
        target=step.target,
        permission=step.permission,
        label=step.label,
    )
    others = tuple(each for each in lifecycle.CASE.transitions if each.action != "close")
    before = trigger_statements.CLOSE_CASES

    with monkeypatch.context() as changed:
        changed.setattr(lifecycle, "CASE", Lifecycle(name="case", field="stage", transitions=(*others, narrower)))
        reload(trigger_statements)
        narrowed = trigger_statements.CLOSE_CASES
    reload(trigger_statements)

    assert "open_case.stage IN ('OPEN')" in narrowed
    assert "open_case.stage IN ('VERIFIED')" in narrowed
    after = trigger_statements.CLOSE_CASES
    assert after == before


@pytest.mark.owner_rights
@pytest.mark.django_db
def test_open_cases_of_a_range_are_found_by_the_partial_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        # On an empty table two indexes cost the same: the one over all cases is taken away until the test ends.
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'cases_case' AND indexdef LIKE '%(borrower_id)'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')
        cursor.execute(
            f"EXPLAIN SELECT 1 FROM cases_case open_case WHERE {trigger_statements.CASE_IN_RANGE}",  # noqa: S608 - our own text
            {"lower": 1, "upper": 9},
        )
        plan = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'cases_case' AND indexdef LIKE '%UNIQUE%borrower_id%WHERE%'"
        )
        partial: list[Any] = [name for (name,) in cursor.fetchall()]

    assert any(name in plan for name in partial), (plan, partial)
