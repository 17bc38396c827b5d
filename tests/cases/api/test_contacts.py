"""Diallers ask, report and give back; people record wishes; refusals of contact persons hold."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from cases.models import BorrowerFlag, ContactAttempt, ContactBreach, ContactPermit, ContactStop, ContactWish
from tests.backoffice.core.rest.test_api import machine
from tests.factories.contacts import ask, report
from tests.factories.portfolio import AT, make_borrower, make_phone, make_related
from tests.factories.requests import post, signed_in

PERMITS = "/api/v1/contact-permits/"


@pytest.fixture
def borrower(shanghai: Any) -> Any:
    return make_borrower(territory=shanghai)


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def send(headers: dict[str, str], address: str, body: dict[str, Any] | None = None) -> Any:
    return Client().post(address, body or {}, content_type="application/json", headers=headers)


def question(borrower: Any, **fields: Any) -> dict[str, Any]:
    return {"request_id": "call-1", "borrower": borrower.pk, "channel": "APP", "purpose": "COLLECTION"} | fields


def test_a_dialler_asks_reports_and_the_permit_is_used(borrower: Any) -> None:
    phone = make_phone(borrower=borrower)
    asks = machine("contacts:ask", "portfolio:write")

    asked = send(asks, PERMITS, question(borrower, channel="VOICE", phone_ref=phone.external_ref))
    granted = asked.json()
    reported = send(
        asks,
        "/api/v1/contacts/",
        {
            "borrower": borrower.pk,
            "channel": "VOICE",
            "outcome": "RIGHT_PARTY",
            "phone_ref": phone.external_ref,
            "permit_ref": granted["reference"],
            "external_ref": "D-1",
        },
    )
    read = Client().get(f"{PERMITS}{granted['id']}/", headers=asks).json()

    assert (asked.status_code, reported.status_code) == (201, 201), (asked.content, reported.content)
    assert granted == {
        "id": granted["id"],
        "reference": granted["reference"],
        "request_id": "call-1",
        "borrower": borrower.pk,
        "borrower_ref": borrower.external_ref,
        "channel": "VOICE",
        "channel_label": granted["channel_label"],
        "purpose": "COLLECTION",
        "purpose_label": granted["purpose_label"],
        "phone_ref": phone.external_ref,
        "related_ref": None,
        "state": "RESERVED",
        "state_label": granted["state_label"],
        "granted": True,
        "asked_at": granted["asked_at"],
        "valid_until": granted["valid_until"],
        "refusals": [],
        "policy_version": "CN-1",
        "used_by": "",
    }
    assert (read["state"], read["used_by"], reported.json()["permit_ref"]) == ("USED", "D-1", granted["reference"])
    attempt = ContactAttempt.objects.get()
    assert (attempt.source.kind, attempt.source.name) == ("CLIENT", "machine-core")
    assert ContactBreach.objects.count() == 0


def test_a_no_is_an_answer_with_clause_end_and_words_in_the_readers_language(borrower: Any) -> None:
    BorrowerFlag.objects.create(borrower=borrower, kind="DECEASED", source="CALL", set_at=AT)
    headers = machine("contacts:ask")

    answers = {
        language: send(headers | {"accept-language": language}, PERMITS, question(borrower))
        for language in ("en", "zh-hans")
    }

    assert {answer.status_code for answer in answers.values()} == {201}
    assert answers["en"].json()["refusals"] == [
        {
            "rule": "CIRCUMSTANCE",
            "clause": "House rule: circumstances; complaints measures; CONC 7; RBI",
            "until": None,
            "circumstance": "DECEASED",
            "message": "Deceased: no contact for this purpose.",
        }
    ]
    assert "不得为此目的联系" in answers["zh-hans"].json()["refusals"][0]["message"]
    assert ContactPermit.objects.count() == 1


def test_a_permit_is_given_back_by_its_client_alone(borrower: Any) -> None:
    mine, other = machine("contacts:ask"), machine("contacts:ask", name="other")
    address = f"{PERMITS}{send(mine, PERMITS, question(borrower)).json()['id']}/release/"

    answers = [send(headers, address).status_code for headers in (other, mine, mine)]

    assert answers == [403, 200, 409]
    assert ContactPermit.objects.get().state == "RELEASED"


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"channel": "VISIT"}, "channel"),
        ({"channel": "VOICE"}, "phone_ref"),
        ({"purpose": "FUN"}, "purpose"),
        ({"request_id": ""}, "request_id"),
        ({"phone_ref": "nobody"}, "phone_ref"),
        ({"borrower": 2**63}, "borrower"),
    ],
)
def test_what_cannot_be_asked_says_why(borrower: Any, fields: dict[str, Any], attr: str) -> None:
    answer = send(machine("contacts:ask"), PERMITS, question(borrower) | fields)

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert ContactPermit.objects.count() == 0


def test_what_an_officer_may_not_see_does_not_exist(officer: Any, chengdu: Any, borrower: Any) -> None:
    foreign = make_borrower(territory=chengdu, id_number="")
    phone = make_phone(borrower=foreign)

    for body in (question(foreign), question(borrower, channel="VOICE", phone_ref=phone.external_ref)):
        answer = post(officer, PERMITS, body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "does_not_exist")
    assert post(officer, PERMITS, question(borrower)).status_code == 201


@pytest.mark.parametrize("scope", ["cases:read", "portfolio:write", "visits:read"])
def test_other_scopes_do_not_ask(borrower: Any, scope: str) -> None:
    assert send(machine(scope), PERMITS, question(borrower)).status_code == 403


def test_lists_filter_by_what_they_are_looked_through_for(borrower: Any, risk_manager: Any) -> None:
    ask(borrower=borrower)
    report(borrower=borrower, attempted_at=AT - timedelta(hours=11))
    reader = signed_in(risk_manager)

    def found(address: str) -> int:
        return len(reader.get(f"/api/v1/{address}").json()["results"])

    assert [
        found(f"contact-permits/?{query}")
        for query in ("state=RESERVED", "state=REFUSED", "asked_from=2026-03-02", "asked_to=2026-03-01")
    ] == [1, 0, 1, 0]
    assert [
        found(f"contact-breaches/?{query}")
        for query in (
            "kind=QUIET_HOURS",
            "kind=NO_PERMIT",
            "source_kind=DESK",
            "source_kind=FEED",
            "source_name=x",
            "attempted_from=2026-03-02",
            "attempted_to=2026-03-01",
        )
    ] == [1, 0, 1, 0, 0, 0, 1]


def test_people_record_and_end_a_wish(borrower: Any, officer: Any) -> None:
    body = {
        "borrower": borrower.pk,
        "kind": "ONLY_THEN",
        "opens": "18:00",
        "closes": "20:00",
        "last_day": "2026-03-09",
        "evidence_ref": "REC-1",
    }

    made = post(officer, "/api/v1/contact-wishes/", body)
    refused = post(officer, "/api/v1/contact-wishes/", body | {"closes": "18:00"})
    ended = post(officer, f"/api/v1/contact-wishes/{made.json()['id']}/end/", {})

    assert (made.status_code, refused.status_code, ended.status_code) == (201, 400, 200)
    assert refused.json()["errors"][0]["attr"] == "closes"
    assert ContactWish.objects.get().ended_at == AT
    assert send(machine("contacts:ask"), "/api/v1/contact-wishes/", body).status_code == 403


def test_a_dialler_notes_that_a_contact_person_refused(borrower: Any) -> None:
    related = make_related(borrower=borrower, number="13911112222")

    answers = [
        send(machine("contacts:ask", name=name), "/api/v1/contact-stops/", {"related_ref": related.external_ref})
        for name in ("one", "two")
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"] == ContactStop.objects.get().pk
    assert "13911112222" not in answers[0].content.decode()
