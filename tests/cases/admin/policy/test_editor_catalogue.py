"""The editor's catalogue of features in the reader's language."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import PolicyVersion
from cases.services.policies import versions
from tests.factories.policy import policy_body
from tests.factories.portfolio import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(risk_manager: Any) -> PolicyVersion:
    return versions.draft_version(body=policy_body(), note="first", actor=risk_manager, at=AT)


def at(name: str, version: PolicyVersion) -> str:
    return reverse(f"admin:cases_policyversion_{name}", args=[version.pk])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_editor_opens_with_the_catalogue_in_the_readers_language(
    client: Client, risk_manager: Any, draft: PolicyVersion, language: str
) -> None:
    client.force_login(risk_manager)
    client.cookies["django_language"] = language

    page = client.get(at("revise", draft))

    data = page.context["data"]
    assert page.status_code == 200
    assert data["body"] == draft.body
    labels = {feature["name"]: feature["label"] for feature in data["features"]}
    assert labels["days_past_due"] == {"zh-hans": "逾期天数", "en": "Days past due"}[language]
    assert labels["cause"] == {"zh-hans": "逾期原因", "en": "Cause of the overdue"}[language]
    assert set(data["results"]["terms"]) == {kind for kind, _label in data["kinds"]["proposals"]}
    assert [word for word, _label in data["choices"]["cause_certainty"]] == ["FIRM", "LIKELY", "WEAK"]
    assert "age" not in labels
    assert "territory_id" not in labels
