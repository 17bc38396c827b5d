"""Configuration that holds for every territory is changed only by people of all territories."""

from dataclasses import replace

import pytest

from backoffice.access.roles import CARDS, Role
from cases.models import BreakerLimit, RetentionRule, VisitPrice
from reports.models import CostRate

MODELS = (
    "cases.{}_breakerlimit",
    "cases.{}_retentionrule",
    "cases.{}_visitprice",
    "reports.{}_costrate",
)
ADD = {model.format(verb) for model in MODELS for verb in ("add", "view")}
LIMIT = {"measure": "OPENED", "max_share": "0.9", "max_multiple": "3", "at_least": "50"}
RATE = {"channel": "SMS", "amount": "0.05", "currency": "CNY", "valid_from": "2026-03-02"}


@pytest.mark.parametrize(
    ("address", "values", "model"),
    [
        ("/admin/cases/retentionrule/add/", {"kind": "FACTS", "months": "12"}, RetentionRule),
        ("/admin/cases/breakerlimit/add/", LIMIT, BreakerLimit),
        ("/admin/reports/costrate/add/", RATE, CostRate),
        ("/admin/cases/visitprice/add/", {"amount": "9", "currency": "CNY", "valid_from": "2026-03-02"}, VisitPrice),
    ],
)
def test_a_person_of_one_territory_does_not_add_what_holds_for_all(address, values, model, client, person, monkeypatch):
    card = CARDS[Role.APPROVER]
    monkeypatch.setitem(CARDS, Role.APPROVER, replace(card, permissions=card.permissions | ADD))
    model.objects.all().delete()
    client.force_login(person("APPROVER"))
    refused = client.post(address, values)
    assert (refused.status_code, model.objects.count()) == (403, 0)

    client.force_login(person("APPROVER", name="of_all", all_territories=True))

    assert (client.post(address, values).status_code, model.objects.count()) == (302, 1)
