"""Two versions side by side."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import PolicyVersion
from cases.services.policies import versions
from tests.factories.policy import make_rule, make_version, policy_body
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


def test_compare_shows_old_left_and_new_right(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    make_version(number=9, rules=[make_rule(value="20000"), make_rule(code="GONE")])
    versions.revise_version(
        version=draft, body=policy_body(rules=[make_rule(value="30000")]), note="", actor=risk_manager, at=AT
    )
    client.force_login(risk_manager)
    client.cookies["django_language"] = "en"

    page = client.get(at("compare", draft))

    rules = page.context["sections"][2]["rules"]
    marks = {rule["code"]: rule["mark"] for rule in rules}
    changed = next(line for rule in rules for line in rule["lines"] if line["mark"] != "same")
    assert page.context["other"].number == 9
    assert marks == {"LARGE_ARREARS": "changed", "GONE": "removed"}
    assert ("20,000" in changed["old"], "30,000" in changed["new"]) == (True, True)


@pytest.mark.parametrize("asked", ["999999", "x", "-1", "9" * 40])
def test_compare_with_what_is_not_there_is_not_found(
    client: Client, risk_manager: Any, draft: PolicyVersion, asked: str
) -> None:
    client.force_login(risk_manager)

    assert client.get(at("compare", draft), {"with": asked}).status_code == 404


def test_compare_without_another_version_says_so(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    client.force_login(risk_manager)

    assert client.get(at("compare", draft)).context["other"] is None
