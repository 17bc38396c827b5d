"""Territories that a profile names."""

from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.profile.records import TerritoryCard
from cases.rules.profile.territory_cards import territory_cards


def test_territory_cards_have_the_time_zone_of_china_unless_given() -> None:
    tables = [
        {"code": "310000", "name": "上海"},
        {"code": "TW", "name": "台湾", "name_en": "Taiwan", "time_zone": "Asia/Taipei"},
    ]

    assert territory_cards(tables=tables) == (
        TerritoryCard(code="310000", name="上海", name_en="", time_zone="Asia/Shanghai"),
        TerritoryCard(code="TW", name="台湾", name_en="Taiwan", time_zone="Asia/Taipei"),
    )


@pytest.mark.parametrize(
    ("tables", "field"),
    [
        ({}, "territories"),
        ([{"code": "X"}], "territories[1]"),
        ([{"code": "X" * 21, "name": "x"}], "territories[1]"),
        ([{"code": "X", "name": "x", "time_zone": "Mars/Base"}], "territories[1].time_zone"),
        ([{"code": "X", "name": "x", "colour": "red"}], "territories[1].colour"),
    ],
)
def test_territory_cards_name_what_is_wrong(tables: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        territory_cards(tables=tables)

    assert refused.value.field == field
