"""Buttons of a policy version: only people of all territories see and press those that change it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import PolicyVersion
from tests.factories.policy import make_version

pytestmark = pytest.mark.django_db
SUBMIT = {"_form_submitted": "on", "reason": "x", "effective_from": "2026-03-02"}


def shown(client: Client, version: PolicyVersion) -> set[str]:
    """Return the buttons of the version's page."""
    page = client.get(reverse("admin:cases_policyversion_change", args=[version.pk])).content.decode()
    names = ("approve", "send_back", "activate", "retire", "roll_back", "inspect", "compare")
    return {name for name in names if reverse(f"admin:cases_policyversion_{name}", args=[version.pk]) in page}


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("SUBMITTED", {"approve", "send_back", "retire"}),
        ("APPROVED", {"activate", "retire"}),
        ("RETIRED", {"roll_back"}),
    ],
)
def test_an_approver_of_one_territory_neither_sees_nor_presses_a_button_that_changes_a_version(
    client: Client, approver: Any, general_approver: Any, risk_manager: Any, state: str, buttons: set[str]
) -> None:
    version = make_version(state=state)
    PolicyVersion.objects.update(proposed_by=risk_manager)
    client.force_login(approver)

    assert shown(client, version) == {"inspect", "compare"}
    for name in buttons:
        assert client.post(reverse(f"admin:cases_policyversion_{name}", args=[version.pk]), SUBMIT).status_code == 403
    assert PolicyVersion.objects.get().state == state
    client.force_login(general_approver)
    assert shown(client, version) == {"inspect", "compare", *buttons}
