"""The open case of a borrower is that of their person."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.selectors.casework.open_cases import open_case_of, open_cases_of
from tests.factories.casework import make_case
from tests.factories.people import merged_by_number
from tests.factories.portfolio import make_overdue


@pytest.mark.django_db
def test_the_open_case_is_found_from_each_borrower_of_the_person(shanghai: Any, risk_manager: Any) -> None:
    accounts = [make_overdue(territory=shanghai) for _each in range(4)]
    one, other, alone, without = (account.borrower for account in accounts)
    merged_by_number(one, other, approver=risk_manager)
    make_case(account=accounts[0], stage="CLOSED", closed_on="2026-03-02")
    case, own = make_case(account=accounts[1]), make_case(account=accounts[2])

    assert [open_case_of(borrower=each) for each in (one, other, alone, without)] == [case, case, own, None]
    with CaptureQueriesContext(connection) as captured:
        found = open_cases_of(borrowers=[each.pk for each in (one, other, alone, without)])
    assert found == {one.pk: case.pk, other.pk: case.pk, alone.pk: own.pk}
    assert len(captured) == 2


@pytest.mark.django_db
def test_the_open_case_is_found_by_index(shanghai: Any) -> None:
    # With few cases it is cheaper to read them all, and which of both is cheaper depends on the statistics of other tests.
    cases = [make_case(account=make_overdue(territory=shanghai)) for _each in range(120)]
    borrower = cases[0].borrower
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_borrower; ANALYZE cases_case; SET LOCAL enable_seqscan = off")
    plan = Case.objects.open().of_people_of([borrower.pk]).explain()

    assert "borrower_by_person_key" in plan
    # Whichever index of the cases the few rows of a test make cheapest.
    assert "on cases_case" in plan
    assert "Seq Scan" not in plan
