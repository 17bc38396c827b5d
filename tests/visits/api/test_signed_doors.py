"""A crew member's own phone over REST: announced, bound, given tickets, and heard when it signs."""

import json
from datetime import timedelta

import pytest

from tests.factories.phones import Phone
from tests.factories.requests import post, signed_in
from tests.factories.visits import AT, VISIT_AT, make_order
from visits.models import CheckIn, CrewDevice, VisitOrder

KNOCK = VISIT_AT + timedelta(minutes=5, microseconds=77)
LATER = KNOCK + timedelta(hours=2)


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)


@pytest.fixture
def phones(pair, coordinator):
    return [Phone(member=member, coordinator=coordinator, at=AT) for member in pair]


def door(order, name):
    return f"/api/v1/visit-orders/{order.pk}/{name}/"


def ticket(order, phone, user=None):
    body = {"device": phone.device.pk, "device_at": KNOCK.isoformat()}
    return post(phone.device.member.user if user is None else user, door(order, "tickets"), body)


def signed(visit, phone, name="signed-check-in", user=None, **statement):
    said = {"order": visit.pk, "at": KNOCK, "ref": f"P-{phone.device.pk}-{name}"} | statement
    return post(phone.device.member.user if user is None else user, door(visit, name), phone.body(**said))


def test_a_member_announces_their_phone_and_sees_it_alone(pair):
    answer = post(pair[0].user, "/api/v1/member-devices/", {"label": "Pixel 8", "public_key": Phone().public_key})
    Phone(member=pair[1], at=AT)

    assert (answer.status_code, answer.json()["registered_at"], answer.json()["signs"]) == (201, None, True)
    listed = signed_in(pair[0].user).get("/api/v1/member-devices/").json()["results"]
    assert [each["id"] for each in listed] == [answer.json()["id"]]


def test_a_crew_out_of_reach_arrives_and_leaves_when_its_phones_are_back(order, phones, time_machine):
    time_machine.move_to(KNOCK, tick=False)
    tickets = [ticket(order, phone).json()["ticket"] for phone in phones]
    time_machine.move_to(LATER, tick=False)

    answers = [signed(order, phone, ticket=text).json() for phone, text in zip(phones, tickets, strict=True)]
    out = signed(order, phones[0], "signed-check-out", ticket=tickets[0], moment="OUT", at=KNOCK + timedelta(minutes=9))

    assert [answer["opened"] for answer in answers] == [False, True]
    assert VisitOrder.objects.get(pk=order.pk).state == "CHECKED_IN"
    assert out.status_code == 200
    assert CheckIn.objects.get(moment="OUT").happened_at == KNOCK + timedelta(minutes=9)
    assert set(CheckIn.objects.filter(moment="IN").values_list("happened_at", "received_at")) == {(KNOCK, LATER)}


def test_what_was_signed_for_another_visit_or_moment_is_refused(order, phones, time_machine):
    time_machine.move_to(KNOCK, tick=False)
    text = ticket(order, phones[0]).json()["ticket"]

    for wrong in ({"order": order.pk + 1}, {"moment": "OUT"}):
        answer = signed(order, phones[0], ticket=text, **wrong)
        assert answer.status_code == 400
        assert "statement" in json.dumps(answer.json())
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", "[" * 3000])
def test_a_statement_that_is_none_is_refused(order, phones, text, time_machine):
    time_machine.move_to(KNOCK, tick=False)
    body = {"device": phones[0].device.pk, "statement": text, "signature": phones[0].sign(text)}

    assert post(phones[0].device.member.user, door(order, "signed-check-in"), body).status_code == 400
    assert not CheckIn.objects.exists()


def test_one_phone_does_not_check_in_two_people(order, phones, pair, time_machine):
    time_machine.move_to(KNOCK, tick=False)
    text = ticket(order, phones[0]).json()["ticket"]

    # The colleague signs in on the same phone, which signs as before.
    answer = signed(order, phones[0], ticket=text, user=pair[1].user)

    assert answer.status_code in (400, 403)
    assert not CheckIn.objects.exists()
    assert CrewDevice.objects.filter(member=pair[1]).count() == 1


def test_a_program_of_the_agency_signs_for_nobody(order, phones, coordinator, time_machine):
    time_machine.move_to(KNOCK, tick=False)

    assert ticket(order, phones[0], user=coordinator).status_code == 403
    assert (
        post(coordinator, "/api/v1/member-devices/", {"label": "x", "public_key": Phone().public_key}).status_code
        == 403
    )
