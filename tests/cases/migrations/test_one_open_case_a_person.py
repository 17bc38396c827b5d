"""The migration to one open case a person: of several open cases of one person the most advanced stays."""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cases.models import Borrower, Case, CaseEvent
from tests.factories.casework import TODAY, make_case
from tests.factories.people import merged_by_number
from tests.factories.portfolio import make_overdue

BEFORE = ("cases", "0037_holidays_are_entered")


@pytest.mark.owner_rights
@pytest.mark.django_db(transaction=True)
def test_the_most_advanced_case_stays(shanghai: Any, risk_manager: Any, officer: Any) -> None:
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    accounts = [make_overdue(territory=shanghai) for _each in range(4)]
    merged_by_number(*(account.borrower for account in accounts[:3]), approver=risk_manager)
    closed = {"stage": "CLOSED", "closed_on": TODAY, "close_reason": "CURED"}
    cases = [make_case(account=account, **closed) for account in accounts]
    stages = ("OPEN", "IN_WORK", "VERIFIED", "OPEN")
    MigrationExecutor(connection).migrate([BEFORE])
    try:
        with connection.cursor() as cursor:
            for case, stage in zip(cases, stages, strict=True):
                cursor.execute(
                    "UPDATE cases_case SET stage = %s, closed_on = NULL, close_reason = '' WHERE id = %s",
                    [stage, case.pk],
                )
            cursor.execute("UPDATE cases_case SET owner_id = %s WHERE id = %s", [officer.pk, cases[1].pk])
            cursor.execute("UPDATE cases_case SET needs_visit_by = %s WHERE id = %s", [TODAY, cases[0].pk])
    finally:
        MigrationExecutor(connection).migrate(leaves)

    person = Borrower.objects.get(pk=accounts[0].borrower_id).person_id
    fields = ("stage", "close_reason", "person", "owner", "needs_visit_by")
    assert list(Case.objects.order_by("pk").values_list(*fields)) == [
        ("CLOSED", "JOINED", person, None, None),
        ("CLOSED", "JOINED", person, officer.pk, None),
        ("VERIFIED", "", person, officer.pk, TODAY),
        ("OPEN", "", None, None, None),
    ]
    kept = cases[2].pk
    assert sorted(CaseEvent.objects.values_list("case", "kind", "body__case")) == sorted(
        [(case.pk, "CLOSED", kept) for case in cases[:2]] + [(kept, "STAGE", case.pk) for case in cases[:2]]
    )
