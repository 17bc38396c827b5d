"""The lender's channels fetch letters about decisions with their own scope, and report how they arrived."""

from datetime import timedelta

import pytest

from cases.models import DecisionLetter, LetterDelivery
from cases.selectors.casework.letters import RELATED, letter_pdf, letter_text
from cases.services.decisions.lifecycle import approve_decision
from tests.backoffice.core.rest.test_api import machine
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue
from tests.factories.requests import signed_in

INSTANT = "2026-03-02T10:15:00.250000+08:00"


@pytest.fixture
def letter(shanghai, approver):
    approve_decision(decision=make_decision(account=make_overdue(territory=shanghai)), actor=approver, at=AT)
    return DecisionLetter.objects.select_related(*RELATED).get()


@pytest.fixture
def address(letter):
    return f"/api/v1/decision-letters/{letter.pk}/"


def report(client, address, headers, **change):
    body = {"report": "DELIVERED", "channel": "APP", "happened_at": INSTANT} | change
    return client.post(f"{address}delivery/", body, content_type="application/json", headers=headers)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_channel_reads_a_letter_as_text_and_pdf(client, letter, address, language):
    headers = machine("letters:deliver")

    shown = client.get(address, {"language": language}, headers=headers)
    pdf = client.get(f"{address}pdf/", {"language": language}, headers=headers)

    assert shown.json() == {
        "id": letter.pk,
        "number": str(letter),
        "decision": letter.decision_id,
        "borrower_ref": letter.decision.borrower.external_ref,
        "kind": "GRANTED",
        "kind_label": shown.json()["kind_label"],
        "state": "WAITING",
        "state_label": shown.json()["state_label"],
        "happened_on": "2026-03-02",
        "digest": letter.digest,
        "created_at": shown.json()["created_at"],
        "text": letter_text(letter=letter, language=language),
        "deliveries": [],
    }
    assert pdf.content == letter_pdf(letter=letter, language=language)
    assert (pdf["Content-Type"], pdf["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert pdf["Content-Disposition"] == f'attachment; filename="letter-{letter}-{language[:2]}.pdf"'
    assert "no-store" in pdf["Cache-Control"]


def test_without_a_language_the_header_counts(client, letter, address):
    headers = machine("letters:deliver") | {"Accept-Language": "en"}

    assert client.get(address, headers=headers).json()["text"] == letter_text(letter=letter, language="en")


@pytest.mark.parametrize("part", ["", "pdf/"])
def test_another_language_is_refused_by_name(client, address, part):
    answer = client.get(f"{address}{part}", {"language": "fr"}, headers=machine("letters:deliver"))

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "language")


def test_a_channel_reports_what_happened_and_when(client, letter, address):
    headers = machine("letters:deliver")

    first, second = report(client, address, headers), report(client, address, headers, report="OPENED")

    assert (first.status_code, first.json()["state"], second.json()["state"]) == (200, "DELIVERED", "OPENED")
    assert [(row["report"], row["channel"]) for row in second.json()["deliveries"]] == [
        ("DELIVERED", "APP"),
        ("OPENED", "APP"),
    ]
    assert (
        LetterDelivery.objects.filter(happened_at=AT + timedelta(minutes=14, seconds=42, microseconds=767_087)).count()
        == 2
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"report": "LOST"}, "report"),
        ({"channel": "PIGEON"}, "channel"),
        ({"happened_at": "2026-02-01T00:00:00Z"}, "happened_at"),
    ],
)
def test_a_report_that_cannot_be_names_its_field(client, address, change, field):
    answer = report(client, address, machine("letters:deliver"), **change)

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)
    assert LetterDelivery.objects.count() == 0


@pytest.mark.parametrize("scope", ["cases:read", "terms:write", "portfolio:write", "visits:write"])
def test_another_scope_opens_none_of_the_doors(client, address, scope):
    headers = machine(scope)

    answers = [client.get(at, headers=headers) for at in ("/api/v1/decision-letters/", address, f"{address}pdf/")]
    answers.append(report(client, address, headers))

    assert {answer.status_code for answer in answers} == {403}


def test_the_scope_of_letters_opens_nothing_else(client, letter):
    headers = machine("letters:deliver")

    assert client.get(f"/api/v1/decisions/{letter.decision_id}/", headers=headers).status_code == 403


def test_people_see_the_letters_of_their_territories(letter, address, officer, person, chengdu):
    stranger = signed_in(person("CASE_OFFICER", name="stranger", territories=(chengdu,)))
    own = signed_in(officer)

    assert [own.get(address).status_code, own.get(f"{address}pdf/").status_code] == [200, 200]
    assert [stranger.get(address).status_code, stranger.get(f"{address}pdf/").status_code] == [404, 404]
    assert report(stranger, address, {}).status_code == 404
    assert report(signed_in(person("AUDITOR", name="reads")), address, {}).status_code == 403
    assert report(own, address, {}).status_code == 200


def test_the_list_finds_undelivered_letters(client, letter):
    headers = machine("letters:deliver")

    def found(**query):
        return [row["id"] for row in client.get("/api/v1/decision-letters/", query, headers=headers).json()["results"]]

    # Written in March 2026: long ago by the clock of this request.
    assert (found(undelivered="true"), found(state="WAITING"), found(kind="TAKEN")) == ([letter.pk], [letter.pk], [])
    DecisionLetter.objects.update(state="DELIVERED")
    assert (found(undelivered="true"), found(decision=letter.decision_id)) == ([], [letter.pk])
