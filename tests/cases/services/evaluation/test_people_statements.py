"""The SQL over people finds borrowers, hits, accounts and cases by index."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from cases.services.evaluation import people_statements
from cases.services.evaluation.triggers import parameters_of
from cases.services.policies.policy_book import book_of
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY


def plan_of(sql: str, scope: str, on: date = TODAY) -> str:
    params: dict[str, Any] = parameters_of(book=book_of({"": make_version()}), business_date=on, at=AT)
    params |= {"lower": 1, "upper": 9, "people": [1, 2], "first_new": 1}
    with connection.cursor() as cursor:
        # As in joined_by_hash: only what has no other way is a loop.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_nestloop = off")
        cursor.execute("EXPLAIN " + sql.format(scope=scope), params)
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize("scope", [people_statements.IN_RANGE, people_statements.IN_LIST])
def test_people_are_read_by_their_indexes(scope: str) -> None:
    plan = plan_of(people_statements.OPEN_AND_REGRADE_PEOPLE, scope)

    assert "borrower_by_person" in plan or "borrower_in_person" in plan
    assert "one_open_case_a_person" in plan
    for table in ("cases_borrower", "cases_account", "cases_case ", "cases_triggerhit"):
        assert f"Seq Scan on {table}" not in plan


@pytest.mark.django_db
def test_cases_of_people_are_closed_by_index() -> None:
    plan = plan_of(people_statements.CLOSE_CASES_OF_PEOPLE, people_statements.IN_LIST)

    assert "one_open_case_a_person" in plan
