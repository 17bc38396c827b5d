"""Each conduct rule says where it comes from."""

from visits.enums import Protection
from visits.rules.conduct.clauses import CLAUSES, PROTECTION_RULES, ConductRule, Refusal


def test_every_rule_cites_its_source() -> None:
    assert set(CLAUSES) == set(ConductRule)
    assert all(clause.source for clause in CLAUSES.values())
    assert set(PROTECTION_RULES) == set(Protection)
    assert Refusal(rule=ConductRule.QUIET_HOURS, message="").clause.row == 1
