"""Submission: each warning is accepted by a tick, and errors are refused."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import PolicyVersion
from cases.services.policies import versions
from tests.factories.policy import make_rule, policy_body
from tests.factories.portfolio import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(risk_manager: Any) -> PolicyVersion:
    return versions.draft_version(body=policy_body(), note="first", actor=risk_manager, at=AT)


def at(name: str, version: PolicyVersion) -> str:
    return reverse(f"admin:cases_policyversion_{name}", args=[version.pk])


def send(client: Client, address: str, body: Any) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(address, text, content_type="application/json")


def test_submit_asks_for_each_warning(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    twice = [make_rule(code="ONE"), make_rule(code="TWO")]
    versions.revise_version(version=draft, body=policy_body(rules=twice), note="", actor=risk_manager, at=AT)
    client.force_login(risk_manager)

    page = client.get(at("submit", draft))
    ticks = {name: "on" for name in page.context["form"].fields}
    refused = client.post(at("submit", draft), {})
    state = PolicyVersion.objects.get().state
    done = client.post(at("submit", draft), ticks)

    assert ticks
    assert (refused.status_code, state) == (200, "DRAFT")
    assert done.status_code == 302
    version = PolicyVersion.objects.get()
    assert (version.state, len(version.accepted_warnings)) == ("SUBMITTED", len(ticks))


def test_submit_is_closed_to_a_draft_that_is_wrong(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    never = {"all": [{"feature": "days_past_due", "op": op, "value": 90} for op in ("gt", "lt")]}
    wrong = policy_body(rules=[make_rule(when=never)])
    versions.revise_version(version=draft, body=wrong, note="", actor=risk_manager, at=AT)
    client.force_login(risk_manager)

    page = client.get(at("submit", draft))
    ticks = {name: "on" for name in page.context["form"].fields}
    answer = client.post(at("submit", draft), ticks)

    assert page.context["errors"]
    assert (answer.status_code, PolicyVersion.objects.get().state) == (200, "DRAFT")
