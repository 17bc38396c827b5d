"""Strategy upgrades: two persons, own territories, at most 180 days."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice.access.roles import CARDS, Role
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import StrategyUpgrade
from cases.services.policies.strategy_upgrades import approve_upgrade, raise_upgrade


def raised(*, territory, actor, at, today, **fields):
    values = {
        "segment": "",
        "starts_on": today,
        "ends_on": today + timedelta(days=30),
        "reason": "roll rate up",
    } | fields
    return raise_upgrade(territory=territory, actor=actor, at=at, **values)


def test_raise_upgrade_waits_for_another_person(shanghai, risk_manager, approver, at, today):
    upgrade = raised(territory=shanghai, actor=risk_manager, at=at, today=today)
    assert upgrade.approved_by is None

    approve_upgrade(upgrade=upgrade, actor=approver, at=at)

    assert StrategyUpgrade.objects.get().approved_by == approver
    assert list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True)) == [
        "strategyupgrade.raised",
        "strategyupgrade.approved",
    ]


def test_approve_upgrade_second_caller_loses(shanghai, risk_manager, approver, at, today):
    upgrade = raised(territory=shanghai, actor=risk_manager, at=at, today=today)
    approve_upgrade(upgrade=upgrade, actor=approver, at=at)

    with pytest.raises(StateConflict):
        approve_upgrade(upgrade=upgrade, actor=approver, at=at)


def test_approve_upgrade_refuses_who_raised_it_and_the_system(shanghai, approver, at, today):
    upgrade = StrategyUpgrade.objects.create(
        territory=shanghai, starts_on=today, ends_on=today, reason="x", raised_by=approver, created_at=at
    )

    with pytest.raises(SelfApproval):
        approve_upgrade(upgrade=upgrade, actor=approver, at=at)
    with pytest.raises(NotAllowed):
        approve_upgrade(upgrade=upgrade, actor=None, at=at)
    assert StrategyUpgrade.objects.get().approved_by is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"territory": None}, "territory"),
        ({"days": -1}, "ends_on"),
        ({"days": 181}, "ends_on"),
        ({"reason": " "}, "reason"),
    ],
)
def test_raise_upgrade_refuses(fields, field, shanghai, risk_manager, at, today):
    days = fields.pop("days", 30) if "days" in fields else 30
    values = {"territory": shanghai, "ends_on": today + timedelta(days=days)} | fields

    with pytest.raises(InvalidInput) as refused:
        raised(actor=risk_manager, at=at, today=today, **values)

    assert refused.value.field == field
    assert StrategyUpgrade.objects.count() == 0


def test_approve_upgrade_refuses_an_approver_of_another_territory(shanghai, chengdu, risk_manager, person, at, today):
    upgrade = raised(territory=shanghai, actor=risk_manager, at=at, today=today)

    with pytest.raises(NotAllowed):
        approve_upgrade(upgrade=upgrade, actor=person("APPROVER", territories=[chengdu]), at=at)

    assert StrategyUpgrade.objects.get().approved_by is None


def test_approve_upgrade_without_a_territory_needs_an_approver_of_all(
    risk_manager, approver, general_approver, at, today
):
    upgrade = raised(territory=None, segment="vip", actor=risk_manager, at=at, today=today)

    with pytest.raises(NotAllowed):
        approve_upgrade(upgrade=upgrade, actor=approver, at=at)
    approve_upgrade(upgrade=upgrade, actor=general_approver, at=at)

    assert StrategyUpgrade.objects.get().approved_by == general_approver


def test_raise_upgrade_refuses_a_territory_that_is_not_the_actors(shanghai, chengdu, person, at, today, monkeypatch):
    card = CARDS[Role.APPROVER]
    permissions = card.permissions | {"cases.raise_strategyupgrade"}
    monkeypatch.setitem(CARDS, Role.APPROVER, replace(card, permissions=permissions))
    limited = person("APPROVER", territories=[chengdu])

    with pytest.raises(NotAllowed):
        raised(territory=shanghai, actor=limited, at=at, today=today)
    assert StrategyUpgrade.objects.count() == 0
    raised(territory=chengdu, actor=limited, at=at, today=today)

    assert StrategyUpgrade.objects.get().territory == chengdu


def test_people_of_a_territory_see_its_upgrades_and_those_of_all(shanghai, chengdu, risk_manager, approver, at, today):
    mine, _theirs, everybodys = (
        raised(territory=territory, segment="vip", actor=risk_manager, at=at, today=today)
        for territory in (shanghai, chengdu, None)
    )

    assert list(StrategyUpgrade.objects.visible_to(approver).order_by("pk")) == [mine, everybodys]
