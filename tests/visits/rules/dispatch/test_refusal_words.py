"""Every refusal has words, a remedy, and its clause."""

import pytest

from visits.enums import UnassignedReason
from visits.rules.conduct.clauses import ConductRule
from visits.rules.dispatch.refusal_words import NOT_PLANNABLE, reason_words, rule_words


@pytest.mark.parametrize("rule", list(ConductRule))
def test_every_rule_says_what_holds_what_to_do_and_where_it_stands(rule):
    words = rule_words(rule=rule)

    assert str(words.what) != rule
    assert str(words.remedy)
    assert words.clause


@pytest.mark.parametrize("reason", [*UnassignedReason, NOT_PLANNABLE])
def test_every_other_reason_says_what_to_do(reason):
    words = reason_words(reason=reason)

    assert str(words.what)
    assert str(words.remedy)
    assert (words.clause, words.row) == ("", None)


def test_a_rule_shows_its_clause_and_row():
    words = rule_words(rule="CREW_SIZE")

    assert (str(words.clause), words.row) == ("中银协 2026 年指引：两人以上", 15)


def test_a_code_of_an_older_version_is_shown_as_it_is():
    words = rule_words(rule="GONE")

    assert (words.what, words.remedy, words.clause) == ("GONE", "", "")
