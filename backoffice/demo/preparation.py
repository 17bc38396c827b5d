"""What exists before the demo's first feed: a policy, territories, people, agencies and prices."""

from datetime import date, datetime, timedelta

from backoffice.access.models import Territory
from backoffice.demo.people import Cast, hire
from backoffice.demo.places import CITIES
from cases.models import StrategyUpgrade
from cases.services.policies import strategy_upgrades, versions
from reports.models import CostRate


def prepare(*, since: date, today: date, at: datetime) -> Cast:
    """Create what the first feed needs, where it is missing, and return the people. `since` is the first business date."""
    versions.install_default_policy(effective_from=since, at=at)
    territories = []
    for city in CITIES:
        territory, _made = Territory.objects.get_or_create(
            code=city.code, defaults={"name": city.name, "name_en": city.name_en}
        )
        territories.append(territory)
    cast = hire(territories=territories, since=since, at=at)
    for channel, amount in (("APP", "0.0050"), ("SMS", "0.0450"), ("VOICE", "0.1500"), ("LETTER", "2.8000")):
        CostRate.objects.get_or_create(
            channel=channel, valid_from=since - timedelta(days=90), defaults={"amount": amount}
        )
    risk, approver = cast.users["risk"], cast.users["approver"]
    if StrategyUpgrade.objects.exists():
        return cast
    upgrade = strategy_upgrades.raise_upgrade(
        territory=territories[1],
        segment="新客",
        starts_on=since,
        ends_on=today + timedelta(days=30),
        reason="该区域新客首期逾期率连续三周上升",
        actor=risk,
        at=at,
    )
    strategy_upgrades.approve_upgrade(upgrade=upgrade, actor=approver, at=at)
    return cast
