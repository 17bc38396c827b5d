"""Agreements about visits through the REST doors: recorded once, listed, withdrawn, and refused to those who go there."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from tests.backoffice.core.rest.test_api import machine
from tests.factories.agreements import CLOSES, OPENS, SECOND, make_consent, make_office, make_time
from tests.factories.requests import post, signed_in
from tests.factories.visits import (
    AT,
    HOME,
    make_agency,
    make_case,
    make_coordinator,
    make_member,
    make_order,
    make_placement,
)
from visits.models import VisitAgreement, VisitOrder
from visits.services.answers.agreements import withdraw_agreement

DOOR = "/api/v1/visit-agreements/"


@pytest.fixture
def case(shanghai):
    return make_case(territory=shanghai)


@pytest.fixture
def agency(shanghai):
    return make_agency(territory=shanghai)


@pytest.fixture
def pair(agency):
    return make_member(agency=agency), make_member(agency=agency)


def evening(case, **fields):
    values = {
        "case": case.pk,
        "kind": "TIME",
        "opens_at": OPENS.isoformat(),
        "closes_at": CLOSES.isoformat(),
        "evidence_ref": "REC-1",
    }
    return values | fields


@time_machine.travel(AT, tick=False)
def test_a_time_is_recorded_once_for_a_key_and_read_back(officer, case):
    headers = {"Idempotency-Key": "wish-1"}

    first, again = (post(officer, DOOR, evening(case, note="夜班"), **headers) for _one in range(2))

    made = VisitAgreement.objects.get()
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert made.note == "夜班"
    shown = first.json()
    assert {name: shown[name] for name in ("number", "kind", "is_outside_hours", "evidence_ref", "withdrawn_at")} == {
        "number": str(made),
        "kind": "TIME",
        "is_outside_hours": True,
        "evidence_ref": "REC-1",
        "withdrawn_at": None,
    }
    assert "note" not in shown
    listed = signed_in(officer).get(DOOR, {"case": case.pk, "withdrawn": "false"}).json()["results"]
    assert [each["number"] for each in listed] == [str(made)]


@time_machine.travel(AT, tick=False)
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"evidence_ref": ""}, "evidence_ref"),
        ({"closes_at": (OPENS + timedelta(hours=2) - SECOND).isoformat()}, "opens_at"),
        ({"kind": "PLACE"}, "address"),
        ({"kind": "VIDEO"}, "kind"),
        ({"last_day": "2026-04-02"}, "last_day"),
    ],
)
def test_what_cannot_be_agreed_is_refused_with_its_field(change, field, officer, case):
    answer = post(officer, DOOR, evening(case, **change))

    assert answer.status_code == 400
    assert field in answer.content.decode()
    assert VisitAgreement.objects.count() == 0


@time_machine.travel(AT, tick=False)
def test_a_withdrawal_through_the_door(officer, dispatcher, case):
    office = make_office(borrower=case.borrower)
    made = post(officer, DOOR, {"case": case.pk, "kind": "PLACE", "address": office.pk, "evidence_ref": "REC-2"}).json()

    done = post(dispatcher, f"{DOOR}{made['id']}/withdraw/", {"note": "来电"})
    again = post(dispatcher, f"{DOOR}{made['id']}/withdraw/", {})

    assert (made["place"], done.status_code, again.status_code) == ("EMPLOYER", 200, 409)
    assert done.json()["withdrawn_at"] is not None
    assert signed_in(officer).get(DOOR, {"withdrawn": "false"}).json()["results"] == []


@time_machine.travel(AT, tick=False)
def test_no_agency_no_crew_and_no_program_records_or_reads_agreements(case, agency, pair, officer):
    make_placement(case=case, agency=agency)
    made = make_time(case=case, actor=officer)
    people = [make_coordinator(agency=agency), pair[0].user]

    for user in people:
        assert post(user, DOOR, evening(case)).status_code == 403
        assert post(user, f"{DOOR}{made.pk}/withdraw/", {}).status_code == 403
        assert signed_in(user).get(DOOR).status_code == 403
    headers = machine("visits:read", "visits:write")
    program = Client().post(DOOR, evening(case), content_type="application/json", headers=headers)
    assert program.status_code == 403
    assert VisitAgreement.objects.count() == 1


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        (OPENS - SECOND, False),
        (OPENS, True),
        (CLOSES - timedelta(minutes=30), True),
        (CLOSES - timedelta(minutes=30) + SECOND, False),
    ],
)
def test_a_crew_checks_in_inside_the_agreed_time_alone(at, opened, case, agency, pair, officer, approver):
    make_time(case=case, actor=officer)
    order = going(case, agency, pair, approver)

    answers = [check_in(order, member, at, number) for number, member in enumerate(pair)]

    assert [answer.json()["opened"] for answer in answers] == [False, opened]


def test_a_crew_is_turned_back_after_the_withdrawal(case, agency, pair, officer, approver):
    agreed = make_time(case=case, actor=officer)
    order = going(case, agency, pair, approver)
    withdraw_agreement(agreement=agreed, actor=officer, at=OPENS - SECOND)

    answer = check_in(order, pair[0], OPENS, 0)

    assert (answer.json()["opened"], answer.json()["aborted"]) == (False, True)
    assert VisitOrder.objects.get(pk=order.pk).state == "ABORTED"


def test_a_crew_reads_that_only_the_reception_is_open_to_it(case, agency, pair, officer, approver):
    office = make_office(borrower=case.borrower)
    make_consent(case=case, address=office, actor=officer)
    order = going(case, agency, pair, approver)
    read = signed_in(pair[0].user)
    assert read.get(f"/api/v1/visit-orders/{order.pk}/").json()["reception_only"] is False

    VisitOrder.objects.update(address=office)

    assert read.get(f"/api/v1/visit-orders/{order.pk}/").json()["reception_only"] is True


def going(case, agency, pair, approver):
    return make_order(
        case=case,
        placement=make_placement(case=case, agency=agency),
        state="EN_ROUTE",
        approver=approver,
        pair=pair,
        planned_arrival_at=OPENS,
        window_start=OPENS - timedelta(minutes=5),
        window_end=CLOSES,
        address=case.borrower.addresses.get(kind="RESIDENCE"),
    )


def check_in(order, member, at, number):
    position = {
        "external_ref": f"P-{number}",
        "latitude": HOME[0],
        "longitude": HOME[1],
        "accuracy_m": 12,
        "device_at": at.isoformat(),
    }
    with time_machine.travel(at, tick=False):
        body = {"badge": member.external_ref, "position": position, "badge_evidence_ref": "M1"}
        return post(make_coordinator(agency=member.agency), f"/api/v1/visit-orders/{order.pk}/check-in/", body)
