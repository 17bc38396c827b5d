"""Strategy upgrades in the admin: an approver sees and approves those of the own territories."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import StrategyUpgrade
from tests.factories.policy import make_upgrade

pytestmark = pytest.mark.django_db
SUBMIT = {"_form_submitted": "on"}


def at(name: str, upgrade: StrategyUpgrade) -> str:
    return reverse(f"admin:cases_strategyupgrade_{name}", args=[upgrade.pk])


def test_an_upgrade_of_another_territory_is_not_there(
    client: Client, approver: Any, risk_manager: Any, chengdu: Any
) -> None:
    upgrade = make_upgrade(territory=chengdu, raised_by=risk_manager, approved_by=None)
    client.force_login(approver)

    assert client.post(at("approve", upgrade), SUBMIT).status_code == 404
    assert StrategyUpgrade.objects.get().approved_by is None


def test_an_upgrade_of_all_territories_is_approved_by_a_person_of_all(
    client: Client, approver: Any, general_approver: Any, risk_manager: Any
) -> None:
    upgrade = make_upgrade(territory=None, segment="vip", raised_by=risk_manager, approved_by=None)
    client.force_login(approver)
    page = client.get(at("change", upgrade)).content.decode()
    refused = client.post(at("approve", upgrade), SUBMIT)

    assert at("approve", upgrade) not in page
    assert (refused.status_code, bool(refused.context["form"].non_field_errors())) == (200, True)
    assert StrategyUpgrade.objects.get().approved_by is None
    client.force_login(general_approver)
    assert at("approve", upgrade) in client.get(at("change", upgrade)).content.decode()
    assert client.post(at("approve", upgrade), SUBMIT).status_code == 302
    assert StrategyUpgrade.objects.get().approved_by == general_approver
