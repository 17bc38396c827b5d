"""Each conduct rule says where it comes from."""

import pytest
from django.utils import translation

from visits.enums import Protection
from visits.rules.conduct.clauses import CLAUSES, PROTECTION_RULES, ConductRule, Refusal


def test_every_rule_cites_its_source() -> None:
    assert set(CLAUSES) == set(ConductRule)
    assert all(clause.source for clause in CLAUSES.values())
    assert set(PROTECTION_RULES) == set(Protection)
    assert Refusal(rule=ConductRule.QUIET_HOURS, message="").clause.row == 1


@pytest.mark.parametrize(
    ("rule", "source", "row"),
    [
        (ConductRule.VISIT_WINDOW, "House rule, stricter than law", 2),
        (ConductRule.NOTICE, "CONC 7.9.12R: adequate notice", None),
        (ConductRule.PLAN_ACTIVE, "Credit-card measures art. 70", 31),
        (ConductRule.GRACE, "House rule: collection rests while a grace runs", None),
    ],
)
def test_a_refusal_cites_the_clause_of_its_rule(rule: ConductRule, source: str, row: int | None) -> None:
    clause = Refusal(rule=rule, message="").clause

    with translation.override("en"):
        assert (str(clause.source), clause.row) == (source, row)


def test_a_clause_is_cited_in_the_readers_language() -> None:
    assert str(CLAUSES[ConductRule.CREW_SIZE].source) == "中银协 2026 年指引：两人以上"


def test_the_tables_cannot_be_changed_while_the_program_runs() -> None:
    for table in (CLAUSES, PROTECTION_RULES):
        with pytest.raises(TypeError):
            table[next(iter(table))] = None  # type: ignore[index]


def test_a_rule_is_stored_under_its_own_name() -> None:
    assert {rule.name: rule.value for rule in ConductRule} == {rule.name: rule.name for rule in ConductRule}
