"""The policy editor: who saves, and that no save overwrites another person's."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.access.roles import Role
from backoffice.audit.models import AuditEntry
from cases.models import PolicyVersion
from cases.services.policies import versions
from tests.factories.policy import make_rule, policy_body
from tests.factories.portfolio import AT

pytestmark = pytest.mark.django_db


STAFF = [role for role in Role if role != Role.MACHINE]


@pytest.fixture
def draft(risk_manager: Any) -> PolicyVersion:
    return versions.draft_version(body=policy_body(), note="first", actor=risk_manager, at=AT)


def at(name: str, version: PolicyVersion) -> str:
    return reverse(f"admin:cases_policyversion_{name}", args=[version.pk])


def send(client: Client, address: str, body: Any) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(address, text, content_type="application/json")


def stamp(version: PolicyVersion) -> str:
    version.refresh_from_db()
    return version.updated_at.isoformat()


@pytest.mark.parametrize("role", [role for role in STAFF if role != Role.RISK_MANAGER])
def test_nobody_else_checks_counts_or_saves(client: Client, person: Any, draft: PolicyVersion, role: str) -> None:
    client.force_login(person(role, name="visitor"))
    before = AuditEntry.objects.count()

    answers = [send(client, at(name, draft), policy_body()) for name in ("check", "count", "revise", "draft")]

    assert {answer.status_code for answer in answers} <= {403, 404}
    assert (AuditEntry.objects.count(), PolicyVersion.objects.count()) == (before, 1)


def test_a_stranger_is_sent_to_sign_in_and_a_forged_form_is_refused(risk_manager: Any, draft: PolicyVersion) -> None:
    stranger, forged = Client(), Client(enforce_csrf_checks=True)
    forged.force_login(risk_manager)

    assert send(stranger, at("check", draft), {}).status_code == 302
    assert send(forged, at("revise", draft), {"body": policy_body()}).status_code == 403


def test_save_refuses_what_somebody_else_saved_meanwhile(
    client: Client, risk_manager: Any, person: Any, draft: PolicyVersion
) -> None:
    opened = stamp(draft)
    other = person("RISK_MANAGER", name="other")
    versions.revise_version(
        version=draft, body=policy_body(rules=[make_rule()]), note="theirs", actor=other, at=AT + timedelta(hours=1)
    )
    client.force_login(risk_manager)
    mine = {"body": policy_body(rules=[]), "note": "mine", "updated_at": opened}

    refused = send(client, at("revise", draft), mine)
    kept = PolicyVersion.objects.get().note
    over = send(client, at("revise", draft), mine | {"updated_at": refused.json()["conflict"]["updated_at"]})

    assert (refused.status_code, kept) == (409, "theirs")
    assert refused.json()["conflict"]["by"] == str(other)
    assert (over.status_code, PolicyVersion.objects.get().note) == (200, "mine")


def test_save_of_a_submitted_version_is_a_conflict(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    versions.submit_version(version=draft, actor=risk_manager, at=AT)
    client.force_login(risk_manager)

    answer = send(client, at("revise", draft), {"body": policy_body(rules=[]), "note": "", "updated_at": stamp(draft)})

    assert (answer.status_code, answer.json()["conflict"]["is_draft"]) == (409, False)
    assert PolicyVersion.objects.get().body == policy_body()
    assert client.get(at("revise", draft)).context["readonly"]


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-03-02T02:00:00", 7])
def test_save_needs_the_moment_of_the_last_save(
    client: Client, risk_manager: Any, draft: PolicyVersion, moment: Any
) -> None:
    client.force_login(risk_manager)

    answer = send(client, at("revise", draft), {"body": policy_body(rules=[]), "note": "", "updated_at": moment})

    assert (answer.status_code, answer.json()["faults"][0]["path"]) == (400, "updated_at")
    assert PolicyVersion.objects.get().body == policy_body()


def test_a_draft_for_a_segment_begins_a_policy_of_its_own(
    client: Client, risk_manager: Any, draft: PolicyVersion
) -> None:
    client.force_login(risk_manager)

    answer = send(client, at("draft", draft), {"body": draft.body, "note": "cards", "segment": "CARD"})

    made = PolicyVersion.objects.get(note="cards")
    assert (answer.status_code, answer.json()["url"]) == (201, at("revise", made))
    assert (made.policy.segment, made.number, made.based_on) == ("CARD", 1, draft)
