"""Statements in the admin: the whole way by the buttons of each role, the file, and what an agency does not see."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories.requests import signed_in
from tests.factories.statements import make_done
from tests.factories.visits import make_agency, make_coordinator, make_member
from visits.models import AgencyStatement, StatementLine

NOW = "2026-03-02T02:00:17.482913Z"
SUBMIT = {"_form_submitted": "on"}


@pytest.fixture(autouse=True)
def second_of_march() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agency(shanghai: Any, approver: Any) -> Any:
    agency = make_agency(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    make_done(agency=agency, pair=pair, territory=shanghai, approver=approver, day=date(2026, 2, 10))
    return agency


def press(user: Any, name: str, record: Any, **values: Any) -> Any:
    address = reverse(f"admin:visits_{record._meta.model_name}_{name}", args=[record.pk])
    return signed_in(user).post(address, SUBMIT | values)


def page(client: Client, record: Any) -> str:
    client.cookies["django_language"] = "en"
    return client.get(reverse(f"admin:visits_{record._meta.model_name}_change", args=[record.pk])).content.decode()


def build(user: Any, month: str = "2026-02-14") -> Any:
    return signed_in(user).post(reverse("admin:visits_agencystatement_build"), {"month": month})


def test_a_month_goes_from_the_button_to_the_payment(agency: Any, risk_manager: Any, person: Any) -> None:
    coordinator, chief = make_coordinator(agency=agency), person("APPROVER", name="chief", all_territories=True)
    assert build(risk_manager).status_code == 302
    statement = AgencyStatement.objects.get()
    line = StatementLine.objects.get(basis="TRAVEL")
    steps: list[tuple[Any, str, Any, dict[str, Any]]] = [
        (risk_manager, "rebuild", statement, {}),
        (risk_manager, "send", statement, {}),
    ]
    for user, name, record, values in steps:
        assert press(user, name, record, **values).status_code in (200, 302)
    line = StatementLine.objects.get(basis="TRAVEL")
    for user, name, record, values in (
        (coordinator, "dispute", line, {"reason": "two ways"}),
        (risk_manager, "uphold", line, {"amount": "40.00", "answer": "right"}),
        (coordinator, "accept", statement, {}),
        (chief, "approve", statement, {}),
        (risk_manager, "mark_paid", statement, {"paid_on": "2026-03-02", "payment_ref": "PAY-1"}),
    ):
        assert press(user, name, record, **values).status_code in (200, 302), name

    kept = AgencyStatement.objects.get()
    assert (kept.state, kept.prepared_by, kept.accepted_by, kept.approved_by, kept.payment_ref) == (
        "PAID",
        risk_manager,
        coordinator,
        chief,
        "PAY-1",
    )
    assert StatementLine.objects.get(basis="TRAVEL").amount == Decimal("40.00")
    shown = page(signed_in(coordinator), kept)
    assert "CNY 240.00" in shown
    assert "Of earlier months" in shown


@pytest.mark.parametrize("role", ["APPROVER", "AGENCY_COORDINATOR", "DISPATCHER", "AUDITOR"])
def test_other_roles_build_nothing(role: str, agency: Any, person: Any) -> None:
    user = make_coordinator(agency=agency) if role == "AGENCY_COORDINATOR" else person(role, name="other")

    assert build(user).status_code == 403
    assert not AgencyStatement.objects.exists()


def test_a_month_that_is_not_over_is_refused_at_its_field(agency: Any, risk_manager: Any) -> None:
    answer = build(risk_manager, "2026-03-01")

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["month"])


def test_an_agency_finds_no_draft_and_nothing_of_others(agency: Any, shanghai: Any, risk_manager: Any) -> None:
    build(risk_manager)
    statement = AgencyStatement.objects.get()
    own, stranger = make_coordinator(agency=agency), make_coordinator(agency=make_agency(territory=shanghai))
    file = reverse("admin:visits_agencystatement_download", args=[statement.pk])
    assert [signed_in(user).get(file).status_code for user in (own, stranger, risk_manager)] == [404, 404, 200]

    press(risk_manager, "send", statement)

    assert [signed_in(user).get(file).status_code for user in (own, stranger)] == [200, 404]
    assert press(stranger, "accept", statement).status_code == 404
    press(risk_manager, "take_back", statement, reason="the price of March")
    assert "the price of March" in page(signed_in(risk_manager), statement)
    press(risk_manager, "send", statement)
    assert "the price of March" not in page(signed_in(own), statement)


def test_the_file_is_saved_as_csv(agency: Any, risk_manager: Any) -> None:
    build(risk_manager)

    answer = signed_in(risk_manager).get(
        reverse("admin:visits_agencystatement_download", args=[AgencyStatement.objects.get().pk])
    )

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="statement-{agency.code}-2026-02.csv"' in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content).startswith("\ufeff".encode())


def test_the_lender_is_told_of_visits_without_a_price(
    agency: Any, risk_manager: Any, shanghai: Any, approver: Any
) -> None:
    build(risk_manager)
    agency.prices.all().delete()
    pair = make_member(agency=agency), make_member(agency=agency)
    make_done(agency=agency, pair=pair, territory=shanghai, approver=approver, day=date(2026, 2, 11))

    shown = page(signed_in(risk_manager), AgencyStatement.objects.get())

    assert "1 visit with an accepted report up to the end of this month is on no statement" in shown


def test_a_button_shows_where_its_step_is_due(agency: Any, risk_manager: Any) -> None:
    build(risk_manager)
    statement = AgencyStatement.objects.get()

    def buttons(user: Any) -> set[str]:
        shown = page(signed_in(user), statement)
        names = ("rebuild", "send", "accept", "approve", "mark_paid", "take_back")
        return {n for n in names if reverse(f"admin:visits_agencystatement_{n}", args=[statement.pk]) in shown}

    assert buttons(risk_manager) == {"rebuild", "send"}
    press(risk_manager, "send", statement)
    assert buttons(risk_manager) == {"take_back"}
    assert buttons(make_coordinator(agency=agency)) == {"accept"}
