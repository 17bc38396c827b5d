"""A book's rules as SQL: made once for what the book says, and anew when it says something else."""

import pytest

from cases.models import PolicyVersion
from cases.services.policies.policy_book import PolicyBook, book_of
from cases.services.policies.rule_sql import rule_sql
from tests.factories.policy import make_rule, policy_body

pytestmark = pytest.mark.django_db


def book(*, value: str = "20000", number: int = 1) -> PolicyBook:
    return book_of({"": PolicyVersion(pk=number, number=number, body=policy_body(rules=[make_rule(value=value)]))})


def test_the_same_rules_are_made_once() -> None:
    assert rule_sql(book=book()) is rule_sql(book=book())


def test_a_draft_that_was_revised_under_its_number_is_made_anew() -> None:
    before, after = rule_sql(book=book()), rule_sql(book=book(value="30000"))

    assert "20000" in before.accounts_holding
    assert "30000" in after.accounts_holding
    assert "20000" not in after.accounts_holding


def test_a_version_that_says_the_same_as_another_signs_its_own_hits() -> None:
    assert rule_sql(book=book(number=8)).version == "CASE WHEN true THEN 8 END"
    assert rule_sql(book=book(number=9)).version == "CASE WHEN true THEN 9 END"


def test_facts_hold_only_what_rules_and_statements_read() -> None:
    day = rule_sql(book=book()).day

    assert '"cases_accountfacts"."arrears_amount"' in day
    assert "attempts" not in day
