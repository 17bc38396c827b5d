"""Statements through the REST doors: an agency's people and program read, dispute and accept their own."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from backoffice.access.models import User
from tests.backoffice.core.rest.test_api import machine
from tests.factories.requests import post, signed_in
from tests.factories.statements import make_done
from tests.factories.visits import AT, TODAY, make_agency, make_coordinator, make_member
from visits.models import AgencyStatement, StatementLine
from visits.services.agencies.statement_building import build_statements
from visits.services.agencies.statements import send_statement

ROOT = "/api/v1/agency-statements/"


def make_sent(*, shanghai: Any, approver: Any, risk_manager: Any) -> AgencyStatement:
    agency = make_agency(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    make_done(agency=agency, pair=pair, territory=shanghai, approver=approver, day=date(2026, 2, 10))
    build_statements(month=date(2026, 2, 1), business_date=TODAY, at=AT)
    statement = AgencyStatement.objects.get(agency=agency)
    return send_statement(statement=statement, actor=risk_manager, at=AT, business_date=TODAY)


@pytest.fixture
def statement(shanghai: Any, approver: Any, risk_manager: Any) -> AgencyStatement:
    return make_sent(shanghai=shanghai, approver=approver, risk_manager=risk_manager)


def test_an_agency_reads_disputes_and_accepts(statement: Any, risk_manager: Any) -> None:
    coordinator = make_coordinator(agency=statement.agency)
    client = signed_in(coordinator)

    listed = client.get(ROOT).json()["results"]
    assert [(row["number"], row["month"], row["state"], row["sums"]) for row in listed] == [
        (str(statement), "2026-02-01", "SENT", ["CNY 220.00"])
    ]
    lines = client.get(f"{ROOT}{statement.pk}/").json()["lines"]
    assert [(line["basis"], line["amount"]) for line in lines] == [
        ("PER_ACCEPTED_REPORT", "80.00"),
        ("PER_VISIT", "120.00"),
        ("TRAVEL", "20.00"),
    ]

    disputed = post(coordinator, f"{ROOT}{statement.pk}/dispute/", {"line": lines[2]["id"], "reason": "two ways"})
    assert (disputed.status_code, disputed.json()["open_disputes"]) == (200, 1)
    assert disputed.json()["lines"][2]["reason"] == "two ways"
    assert post(coordinator, f"{ROOT}{statement.pk}/accept/", {}).status_code == 400

    from visits.services.agencies.statement_disputes import uphold_dispute

    line = StatementLine.objects.get(pk=lines[2]["id"])
    uphold_dispute(line=line, amount=Decimal("40.00"), answer="right", actor=risk_manager, at=AT)
    accepted = post(coordinator, f"{ROOT}{statement.pk}/accept/", {})
    assert (accepted.status_code, accepted.json()["state"], accepted.json()["sums"]) == (
        200,
        "ACCEPTED",
        ["CNY 240.00"],
    )


def test_a_line_of_another_statement_is_refused(
    statement: Any, shanghai: Any, approver: Any, risk_manager: Any
) -> None:
    other = make_sent(shanghai=shanghai, approver=approver, risk_manager=risk_manager)
    coordinator = make_coordinator(agency=statement.agency)
    other.agency.coordinators.add(coordinator)
    foreign = other.lines.first()

    answer = post(coordinator, f"{ROOT}{statement.pk}/dispute/", {"line": foreign.pk, "reason": "x"})

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "line")
    assert not StatementLine.objects.filter(state="DISPUTED").exists()


def test_strangers_find_nothing_and_the_lender_answers_for_no_agency(
    statement: Any, shanghai: Any, risk_manager: Any, officer: Any
) -> None:
    stranger = make_coordinator(agency=make_agency(territory=shanghai))

    assert post(stranger, f"{ROOT}{statement.pk}/accept/", {}).status_code == 404
    assert post(risk_manager, f"{ROOT}{statement.pk}/accept/", {}).status_code == 403
    assert signed_in(officer).get(ROOT).status_code == 403
    assert AgencyStatement.objects.get(pk=statement.pk).state == "SENT"


def test_an_agencys_program_accepts_for_the_agencies_that_name_it(statement: Any) -> None:
    headers = machine("visits:read", "visits:write", name="program")
    client = Client()
    address = f"{ROOT}{statement.pk}/accept/"
    assert client.post(address, {}, content_type="application/json", headers=headers).status_code == 404

    statement.agency.coordinators.add(User.objects.get(username="machine-program"))

    assert client.get(ROOT, headers=headers).json()["results"][0]["id"] == statement.pk
    assert client.post(address, {}, content_type="application/json", headers=headers).json()["state"] == "ACCEPTED"


@pytest.mark.parametrize("statements", [1, 3])
def test_a_list_costs_the_same_for_one_statement_and_three(
    statements: int, shanghai: Any, approver: Any, risk_manager: Any, django_assert_num_queries: Any
) -> None:
    for _each in range(statements):
        make_sent(shanghai=shanghai, approver=approver, risk_manager=risk_manager)
    client = signed_in(risk_manager)

    # session, user, rows
    with django_assert_num_queries(3):
        assert len(client.get(ROOT).json()["results"]) == statements
