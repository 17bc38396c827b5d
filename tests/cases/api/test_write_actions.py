"""What officers, approvers and the core write through the REST doors."""

import json
from typing import Any

import pytest
import time_machine
from django.test import Client

from backoffice.audit.models import AuditEntry
from cases.api import casework, complaints, portfolio
from cases.models import Case, CaseEvent, Complaint, ContactAttempt, Decision, TermsChange, Verification
from tests.backoffice.core.rest.test_api import machine
from tests.factories.profiles import make_profile
from tests.factories.requests import every_column, outcome, post
from tests.factories.world import make_world

NOW = "2026-03-02T02:00:00Z"


@pytest.fixture
def world(shanghai: Any, person: Any) -> Any:
    return make_world(
        territory=shanghai, author=person("CASE_OFFICER", name="author"), approver=person("APPROVER", name="approver2")
    )


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def write_actions(world: Any) -> list[tuple[str, str, str, dict[str, Any], Any]]:
    """Return (role, address, action, body, view) of every write action of the ground floor, each with a body that is taken."""
    case, decision, complaint = world["cases.case"], world["cases.decision"], world["cases.complaint"]
    borrower = world["cases.borrower"]
    standing = Decision.objects.get(kind="PLAN", account=world["cases.account"])
    at_case, at_decision = f"/api/v1/cases/{case.pk}", f"/api/v1/decisions/{decision.pk}"
    fact = {"section": "CAPACITY", "verdict": "PARTLY_ABLE", "confidence": "0.90", "evidence": ["REC1"]}
    return [
        ("CASE_OFFICER", f"{at_case}/note/", "note", {"text": "Called the employer."}, casework.CaseViewSet),
        (
            "CASE_OFFICER",
            f"{at_case}/hold/",
            "hold",
            {"until": "2026-03-20", "reason": "in hospital"},
            casework.CaseViewSet,
        ),
        ("CASE_OFFICER", f"{at_case}/assign/", "assign", {"owner": "author"}, casework.CaseViewSet),
        (
            "CASE_OFFICER",
            f"{at_case}/desk-check/",
            "desk_check",
            {"recording_ref": "REC-77", "facts": [fact], "right_party_met": True, "verified_on": "2026-03-02"},
            casework.CaseViewSet,
        ),
        ("APPROVER", f"{at_decision}/approve/", "approve", {"note": "fits"}, casework.DecisionViewSet),
        ("APPROVER", f"{at_decision}/reject/", "reject", {"reason": "too early"}, casework.DecisionViewSet),
        (
            "APPROVER",
            f"/api/v1/decisions/{standing.pk}/reverse/",
            "reverse",
            {"reason": "wrong person"},
            casework.DecisionViewSet,
        ),
        (
            "CASE_OFFICER",
            "/api/v1/complaints/",
            "create",
            {"borrower": borrower.pk, "kind": "DISPUTE", "subject": "not my debt", "occurred_on": "2026-03-01"},
            complaints.ComplaintViewSet,
        ),
        (
            "CASE_OFFICER",
            f"/api/v1/complaints/{complaint.pk}/acknowledge/",
            "acknowledge",
            {},
            complaints.ComplaintViewSet,
        ),
        (
            "APPROVER",
            f"/api/v1/complaints/{complaint.pk}/answer/",
            "answer",
            {"upheld": True, "answer": "We are sorry."},
            complaints.ComplaintViewSet,
        ),
        (
            "CASE_OFFICER",
            "/api/v1/contacts/",
            "create",
            {"borrower": borrower.pk, "channel": "VOICE", "outcome": "RIGHT_PARTY"},
            portfolio.ContactViewSet,
        ),
    ]


def test_every_write_action_is_taken_and_leaves_a_trail(world: Any, person: Any) -> None:
    people = {role: person(role) for role in ("CASE_OFFICER", "APPROVER")}

    for role, address, action, body, _view in write_actions(world):
        status, entries = outcome(AuditEntry, lambda user=people[role], a=address, b=body: post(user, a, b))

        assert status in (200, 201), (address, action)
        assert {entry["actor_id"] for entry in entries} == {people[role].pk}, address


def test_no_write_action_changes_a_column_that_it_does_not_declare(world: Any, person: Any) -> None:
    people = {role: person(role) for role in ("CASE_OFFICER", "APPROVER")}
    # The first contact of a source writes the source too; later ones find it.
    post(people["CASE_OFFICER"], "/api/v1/contacts/", write_actions(world)[-1][3])

    for role, address, action, body, view in write_actions(world):
        declared = set(getattr(view, action).takes().fields)
        stuffed = every_column(view.model, but_not=declared) | body
        user = people[role]
        plain = outcome(view.model, lambda u=user, a=address, b=body: post(u, a, b))
        attempted = outcome(view.model, lambda u=user, a=address, b=stuffed: post(u, a, b))

        assert len(stuffed) > len(body) + 5
        assert attempted == plain, address


def test_note_is_sealed_and_not_shown(world: Any, officer: Any) -> None:
    case = world["cases.case"]

    post(officer, f"/api/v1/cases/{case.pk}/note/", {"text": "欧阳雪峰 moved"})

    event = CaseEvent.objects.get(case=case, kind="NOTE")
    shown = Client()
    shown.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    line = shown.get(f"/api/v1/cases/{case.pk}/events/?kind=NOTE").json()["results"][0]
    assert event.note == "欧阳雪峰 moved"
    assert (line["has_note"], "欧阳" in json.dumps(line, ensure_ascii=False)) == (True, False)


def test_second_approval_loses(world: Any, person: Any) -> None:
    address = f"/api/v1/decisions/{world['cases.decision'].pk}/approve/"

    answers = [post(person("APPROVER", name=name), address, {}) for name in ("one", "two")]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["errors"][0]["code"] == "state_conflict"


def test_proposer_cannot_approve(world: Any, person: Any) -> None:
    approver = person("APPROVER", name="both")
    Decision.objects.filter(pk=world["cases.decision"].pk).update(proposed_by=approver)

    answer = post(approver, f"/api/v1/decisions/{world['cases.decision'].pk}/approve/", {})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "self_approval")
    assert Decision.objects.get(pk=world["cases.decision"].pk).state == "PROPOSED"


def test_desk_check_records_a_verification_and_proposes(world: Any, officer: Any) -> None:
    case = world["cases.case"]
    body = {
        "recording_ref": "REC-77",
        "right_party_met": True,
        "cooperative": True,
        "verified_on": "2026-03-02",
        "facts": [
            {"section": "IDENTITY", "verdict": "CONFIRMED", "confidence": "0.90", "evidence": ["REC-77"]},
            {"section": "CAUSE", "verdict": "FORCE_MAJEURE", "confidence": "0.90", "evidence": ["REC-77"]},
            {"section": "CAPACITY", "verdict": "UNABLE", "confidence": "0.90", "evidence": ["REC-77"]},
        ],
    }

    answer = post(officer, f"/api/v1/cases/{case.pk}/desk-check/", body)

    assert answer.status_code == 201
    verification = Verification.objects.get(source_ref="REC-77")
    assert answer.json()["id"] == verification.pk
    assert (verification.source, verification.recorded_by) == ("DESK", officer)
    assert list(verification.decisions.values_list("kind", flat=True)) == ["SPECIAL_CARE"]


@pytest.mark.parametrize(
    "garbage",
    [
        {"text": "a\0b"},
        {"text": ""},
        {"text": 5 * [1]},
        {"text": "x" * 2001},
        {},
        [1],
        "text",
        None,
        {"text": "\ud800"},
        {"text": "x", "next_action_on": "0000-00-00"},
    ],
)
def test_garbage_in_a_body_is_400_and_changes_nothing(world: Any, officer: Any, garbage: Any) -> None:
    case = world["cases.case"]
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post(f"/api/v1/cases/{case.pk}/note/", json.dumps(garbage), content_type="application/json")

    assert answer.status_code == 400
    assert CaseEvent.objects.filter(case=case, kind="NOTE").count() == 0


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**40, "x", 1.5, True, None, {}])
def test_related_number_out_of_range_is_400(world: Any, officer: Any, number: Any) -> None:
    answer = post(officer, "/api/v1/contacts/", {"borrower": number, "channel": "VOICE", "outcome": "BUSY"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["attr"] == "borrower"


def test_related_record_of_another_territory_does_not_exist(
    world: Any, officer: Any, chengdu: Any, person: Any
) -> None:
    foreign = make_world(
        territory=chengdu, author=person("CASE_OFFICER", name="a"), approver=person("APPROVER", name="b")
    )
    before = ContactAttempt.objects.count(), Complaint.objects.count()

    answers = [
        post(
            officer,
            "/api/v1/contacts/",
            {"borrower": foreign["cases.borrower"].pk, "channel": "VOICE", "outcome": "BUSY"},
        ),
        post(
            officer,
            "/api/v1/complaints/",
            {
                "borrower": world["cases.borrower"].pk,
                "kind": "APPEAL",
                "subject": "x",
                "decision": foreign["cases.decision"].pk,
            },
        ),
    ]

    assert [(a.status_code, a.json()["errors"][0]["code"]) for a in answers] == [(400, "does_not_exist")] * 2
    assert (ContactAttempt.objects.count(), Complaint.objects.count()) == before


def test_core_acknowledges_a_terms_change_once(world: Any) -> None:
    change = world["cases.termschange"]
    headers = machine("terms:write")
    body = {"effect_key": change.effect_key, "accepted": True, "value": change.after}

    answers = [
        Client().post("/api/v1/terms-changes/acknowledge/", body, content_type="application/json", headers=headers)
        for _time in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["acknowledged_at"] == answers[1].json()["acknowledged_at"]
    assert TermsChange.objects.get(pk=change.pk).acknowledged_at is not None
    assert AuditEntry.objects.filter(action="terms.acknowledged").count() == 1


def test_core_learns_that_a_key_is_unknown(db: Any) -> None:
    body = {"effect_key": "nobody", "accepted": True, "value": "1"}

    answer = Client().post(
        "/api/v1/terms-changes/acknowledge/", body, content_type="application/json", headers=machine("terms:write")
    )

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "missing")


def test_case_says_why_and_what_would_close(world: Any, officer: Any) -> None:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")

    hits = client.get(f"/api/v1/cases/{world['cases.case'].pk}/", headers={"accept-language": "en"}).json()["hits"]

    assert [hit["rule"] for hit in hits] == ["LARGE_ARREARS"]
    assert "Arrears" in " ".join(hits[0]["why"])
    assert len(hits[0]["what_would_close"]) == len(hits[0]["why"])
    assert not set(hits[0]["what_would_close"]) & set(hits[0]["why"])


def test_feed_takes_a_file_in_once(shanghai: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    headers = machine("portfolio:write") | {"idempotency-key": "day-1"}
    profile = (
        'title = "Repayments"\nkind = "REPAYMENTS"\n[repayment]\n'
        'account = { column = "account" }\nexternal_ref = { column = "ref" }\n'
        'amount = { column = "amount", as = "decimal" }\npaid_on = { column = "day", as = "date" }\n'
    )
    from cases.models import IntakeFile

    make_profile(name="own", kind="REPAYMENTS", body=profile)

    def send(content: bytes) -> Any:
        upload = SimpleUploadedFile("day-1.csv", content, content_type="text/csv")
        return Client().post("/api/v1/intake/", {"file": upload, "profile": "own"}, headers=headers)

    first, again, other = (
        send(b"account,ref,amount,day\nA1,R1,5,2026-03-01\n"),
        send(b"account,ref,amount,day\nA1,R1,5,2026-03-01\n"),
        send(b"x\n1\n"),
    )

    assert [first.status_code, again.status_code, other.status_code] == [201, 201, 422], first.content
    assert (first.json()["rows"], first.json()["rejected"]) == (1, 1)
    assert again.json() == first.json()
    assert IntakeFile.objects.count() == 1
    assert Case.objects.count() == 0


def test_large_file_is_answered_202_and_worked_later(shanghai: Any, monkeypatch: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from cases.models import IntakeFile
    from cases.services.intake import uploads
    from tests.cases.services.intake.samples import CONTENT, PROFILE

    make_profile(name="own", kind="ACCOUNTS", body=PROFILE)
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    headers = machine("portfolio:write") | {"idempotency-key": "day-2"}

    def send() -> Any:
        upload = SimpleUploadedFile("day-2.csv", CONTENT, content_type="text/csv")
        return Client().post("/api/v1/intake/", {"file": upload, "profile": "own", "mode": "SNAPSHOT"}, headers=headers)

    first, again = send(), send()

    assert [first.status_code, again.status_code] == [202, 202], first.content
    assert (first.json()["state"], first.json()["mode"], again.json()) == ("QUEUED", "SNAPSHOT", first.json())
    file = IntakeFile.objects.get()
    uploads.work_upload(file_id=file.pk, at=timezone.now())
    told = Client().get(f"/api/v1/intake/{file.pk}/", headers=headers).json()
    assert (told["state"], told["rows"], told["total"], told["created"], told["missing"]) == ("FINISHED", 3, 3, 3, 0)
    assert Client().get(f"/api/v1/intake/{file.pk}/difference/", headers=headers).json() == {"counts": {}, "sample": []}


def test_dry_run_tells_what_would_change(shanghai: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.cases.services.intake.samples import CONTENT, PROFILE

    make_profile(name="own", kind="ACCOUNTS", body=PROFILE)
    headers = machine("portfolio:write")
    upload = SimpleUploadedFile("day.csv", CONTENT, content_type="text/csv")

    tried = (
        Client().post("/api/v1/intake/", {"file": upload, "profile": "own", "dry_run": True}, headers=headers).json()
    )

    told = Client().get(f"/api/v1/intake/{tried['id']}/difference/", headers=headers).json()
    assert told["counts"]["account"] == {"new": 3, "changed": 0, "fields": {}}
    assert told["sample"] == []
