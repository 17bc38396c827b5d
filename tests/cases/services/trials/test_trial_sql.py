"""The SQL of trials reads a closed list of tables, writes none, and reads no personal data."""

import re

import pytest

from cases.services.trials import trial_sql

STATEMENTS = {name: text for name, text in vars(trial_sql).items() if name.isupper() and not name.startswith("_")}


def test_the_statements_are_those_of_this_test() -> None:
    assert sorted(STATEMENTS) == ["COMPARE", "OUTCOMES", "RANGE_END", "REPLAY"]


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_a_statement_reads_only_facts_hits_mutes_and_currencies(name: str) -> None:
    tables = set(re.findall(r"\bcases_\w+", STATEMENTS[name]))

    assert tables <= {"cases_accountfacts", "cases_triggerhit", "cases_rulemute", "cases_account"}
    assert re.findall(r"\b(INSERT|UPDATE|DELETE|TRUNCATE|CREATE)\b", STATEMENTS[name]) == []


@pytest.mark.parametrize("name", ["COMPARE", "OUTCOMES", "REPLAY"])
def test_a_statement_that_judges_accounts_returns_groups(name: str) -> None:
    assert "count(*)" in STATEMENTS[name]
    assert "GROUP BY" in STATEMENTS[name]
