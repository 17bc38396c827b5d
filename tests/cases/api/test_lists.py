"""Every list of the REST doors costs the same for one row and for three."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.world import make_world

# Each: session, person, territories of the person (for whoever sees their own), the rows; then what the rows need.
QUERIES = {
    "borrowers": 4,
    "accounts": 4,
    "contacts": 4,
    "contact-permits": 4,
    "contact-breaches": 4,
    "contact-wishes": 4,
    "contact-stops": 4,
    "terms-changes": 4,
    "cases": 4,
    "verifications": 5,  # and their facts
    "decisions": 4,
    "decision-letters": 4,
    "repayment-plans": 4,
    "waivers": 4,
    "concession-budgets": 3,  # no territory: the lender's own people see every budget
    "complaints": 4,
    "person-merges": 5,  # and their borrowers
    "evaluation-runs": 3,  # no territory: the lender's own people see every run
    "policy-versions": 3,
    "policy-terms": 3,
    "policy-trials": 3,
    "agencies": 3,  # no territory: every agency is seen
    "agency-papers": 3,
    "price-cards": 3,
    "crew": 3,
    "placements": 4,
    "visit-orders": 4,
    "check-ins": 4,
    "visit-reports": 4,
    "evidence": 4,
}


@pytest.mark.parametrize("worlds", [1, 3])
@pytest.mark.parametrize("door", QUERIES)
def test_list_costs_the_same_for_one_row_and_three(shanghai: Any, person: Any, door: str, worlds: int) -> None:
    author, approver = person("CASE_OFFICER", name="author"), person("APPROVER", name="approver2")
    for _one in range(worlds):
        make_world(territory=shanghai, author=author, approver=approver)
    client = Client()
    client.force_login(person("APPROVER"), backend="django.contrib.auth.backends.ModelBackend")

    with CaptureQueriesContext(
        connection,
    ) as spent:
        answer = client.get(f"/api/v1/{door}/")

    assert len(answer.json()["results"]) >= worlds
    assert len(spent) == QUERIES[door], [query["sql"][:200] for query in spent.captured_queries]


@pytest.mark.parametrize(("door", "queries"), [("intake", 3)])
@pytest.mark.parametrize("worlds", [1, 3])
def test_list_of_files_costs_the_same_for_one_row_and_three(
    shanghai: Any, person: Any, auditor: Any, door: str, queries: int, worlds: int
) -> None:
    author, approver = person("CASE_OFFICER", name="author"), person("APPROVER")
    for _one in range(worlds):
        make_world(territory=shanghai, author=author, approver=approver)
    client = Client()
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")

    with CaptureQueriesContext(connection) as spent:
        answer = client.get(f"/api/v1/{door}/")

    assert len(answer.json()["results"]) == worlds
    # Session, person, files.
    assert len(spent) == queries, [query["sql"][:200] for query in spent.captured_queries]


@pytest.mark.parametrize("part", ["events", "rejects"])
@pytest.mark.parametrize("rows", [1, 3])
def test_list_below_a_record_costs_the_same_for_one_row_and_three(
    shanghai: Any, person: Any, auditor: Any, part: str, rows: int, at: Any, today: Any
) -> None:
    from cases.models import CaseEvent, IntakeReject

    world = make_world(territory=shanghai, author=person("CASE_OFFICER", name="author"), approver=person("APPROVER"))
    case, file = world["cases.case"], world["cases.intakefile"]
    for number in range(rows - 1):
        CaseEvent.objects.create(case=case, kind="NOTE", at=at, business_date=today, actor=auditor)
        IntakeReject.objects.create(
            file=file, external_ref=f"x{number}", row_number=9, field="name", reason="A", created_at=at
        )
    client = Client()
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/api/v1/cases/{case.pk}/events/" if part == "events" else f"/api/v1/intake/{file.pk}/rejects/"

    with CaptureQueriesContext(connection) as spent:
        answer = client.get(address)

    assert len(answer.json()["results"]) == rows
    # Session, person, the record, its rows.
    assert len(spent) == 4, [query["sql"][:200] for query in spent.captured_queries]
