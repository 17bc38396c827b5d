"""The territories that a profile names: they are made where they do not exist."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from cases.rules.profile.constants import wrong
from cases.rules.profile.field_sources import only_known
from cases.rules.profile.records import TerritoryCard

_TERRITORY: Final = {"code", "name", "name_en", "time_zone"}


def territory_cards(*, tables: Any) -> tuple[TerritoryCard, ...]:
    """
    Return the territories that a profile makes where they are absent.

    :raises InvalidInput: naming the key and the remedy, if a value is missing or not allowed.
    """
    if not isinstance(tables, list):
        raise wrong("territories", _("is a list of tables, each [[territories]]"))
    cards = []
    for number, table in enumerate(tables, start=1):
        where = f"territories[{number}]"
        only_known(table, _TERRITORY, where=where)
        values = {key: table.get(key, "") for key in _TERRITORY}
        if not all(isinstance(v, str) for v in values.values()) or not values["code"] or not values["name"]:
            raise wrong(where, _("needs a code and a name"))
        if len(values["code"]) > 20 or len(values["name"]) > 60 or len(values["name_en"]) > 60:
            raise wrong(where, _("code has at most 20, name 60 characters"))
        zone = values["time_zone"] or "Asia/Shanghai"
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise wrong(f"{where}.time_zone", _("no such time zone")) from None
        cards.append(TerritoryCard(code=values["code"], name=values["name"], name_en=values["name_en"], time_zone=zone))
    return tuple(cards)
