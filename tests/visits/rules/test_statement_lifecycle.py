"""The lifecycles of a statement and of its lines."""

from typing import Any

from visits.rules.statement_lifecycle import STATEMENT, STATEMENT_LINE

PREPARE, ANSWER, APPROVE = (f"visits.{verb}_agencystatement" for verb in ("prepare", "answer", "approve"))


def table(lifecycle: Any) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (step.action, str(source)): (str(step.target), step.permission)
        for step in lifecycle.transitions
        for source in step.sources
    }


def test_the_whole_table_of_a_statement() -> None:
    assert table(STATEMENT) == {
        ("send", "DRAFT"): ("SENT", PREPARE),
        ("accept", "SENT"): ("ACCEPTED", ANSWER),
        ("take_back", "SENT"): ("DRAFT", PREPARE),
        ("take_back", "ACCEPTED"): ("DRAFT", PREPARE),
        ("approve", "SENT"): ("APPROVED", APPROVE),
        ("approve", "ACCEPTED"): ("APPROVED", APPROVE),
        ("mark_paid", "APPROVED"): ("PAID", PREPARE),
    }


def test_the_whole_table_of_a_line() -> None:
    assert table(STATEMENT_LINE) == {
        ("dispute", "BUILT"): ("DISPUTED", ANSWER),
        ("uphold", "DISPUTED"): ("UPHELD", PREPARE),
        ("reject", "DISPUTED"): ("REJECTED", PREPARE),
    }


def test_no_role_both_prepares_and_approves() -> None:
    from backoffice.access.roles import CARDS

    assert [role for role, card in CARDS.items() if {PREPARE, APPROVE} <= card.permissions] == []
