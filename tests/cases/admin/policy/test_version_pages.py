"""Pages of a policy version open for the permitted role only."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.access.roles import CARDS, Role
from cases.models import PolicyVersion
from cases.services.policies import versions
from tests.factories.policy import policy_body
from tests.factories.portfolio import AT

pytestmark = pytest.mark.django_db


STAFF = [role for role in Role if role != Role.MACHINE]


@pytest.fixture
def draft(risk_manager: Any) -> PolicyVersion:
    return versions.draft_version(body=policy_body(), note="first", actor=risk_manager, at=AT)


def at(name: str, version: PolicyVersion) -> str:
    return reverse(f"admin:cases_policyversion_{name}", args=[version.pk])


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("revise", "cases.change_policyversion"),
        ("draft", "cases.add_policyversion"),
        ("inspect", "cases.view_policyversion"),
        ("compare", "cases.view_policyversion"),
        ("submit", "cases.submit_policyversion"),
        ("check", "cases.view_policyversion"),
        ("count", "cases.view_policyversion"),
    ],
)
def test_pages_open_for_the_permitted_role_only(
    client: Client, person: Any, draft: PolicyVersion, role: str, name: str, permission: str
) -> None:
    user = person(role, name="visitor")
    client.force_login(user)

    visible = PolicyVersion.objects.visible_to(user).exists()
    expected = 404 if not visible else 200 if permission in CARDS[role].permissions else 403
    assert client.get(at(name, draft)).status_code == expected


@pytest.mark.parametrize("name", ["revise", "draft", "submit"])
def test_pages_that_write_are_closed_to_a_person_of_one_territory(
    client: Client, approver: Any, draft: PolicyVersion, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = CARDS[Role.APPROVER]
    permissions = card.permissions | CARDS[Role.RISK_MANAGER].permissions
    monkeypatch.setitem(CARDS, Role.APPROVER, replace(card, permissions=permissions))
    client.force_login(approver)
    page = client.get(reverse("admin:cases_policyversion_change", args=[draft.pk])).content.decode()

    assert at(name, draft) not in page
    assert client.get(at(name, draft)).status_code == 403
    approver.all_territories = True
    approver.save()
    assert client.get(at(name, draft)).status_code == 200
