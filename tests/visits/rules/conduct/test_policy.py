from dataclasses import fields
from datetime import time
from typing import Any

import pytest

from visits.rules.conduct.policy import TIGHTER_WAY, ConductPolicy, PolicyLoosened, Tighter, loosened_fields, tightened

CN = ConductPolicy()


@pytest.mark.parametrize(
    "changes",
    [
        {"visit_from": time(10)},
        {"visit_until": time(18)},
        {"quiet_from": time(21)},
        {"quiet_until": time(9)},
        {"debtor_cap": 1, "debtor_cap_days": 60},
        {"min_crew": 3},
        {"training_valid_days": 180},
        {"mandate_max_days": 30},
        {"placement_cap": 0},
        {"version": "tenant-7"},
    ],
)
def test_tightened_takes_stricter_limits(changes: dict[str, Any]) -> None:
    stricter = tightened(CN, **changes)

    assert {name: getattr(stricter, name) for name in changes} == changes


@pytest.mark.parametrize(
    "changes",
    [
        {"visit_from": time(8, 59, 59)},
        {"visit_until": time(20, 0, 1)},
        {"quiet_from": time(22, 0, 1)},
        {"quiet_until": time(7, 59, 59)},
        {"holidays_off": False},
        {"debtor_cap": 3},
        {"address_cap_days": 6},
        {"min_crew": 1},
        {"training_valid_days": 366},
        {"mandate_max_days": 91},
        {"notice_min_hours": 23},
        {"official_time_zone": "Europe/London"},
        {"jurisdiction": "XX"},
        {"min_crew": 3, "debtor_cap": 9},
    ],
)
def test_tightened_refuses_looser_limits(changes: dict[str, Any]) -> None:
    with pytest.raises(PolicyLoosened):
        tightened(CN, **changes)


def test_tightened_names_every_loosened_field() -> None:
    looser = ConductPolicy(min_crew=1, debtor_cap=9)

    assert loosened_fields(base=CN, changed=looser) == ("debtor_cap", "min_crew")


def test_tightened_refuses_an_unknown_limit() -> None:
    with pytest.raises(TypeError):
        tightened(CN, no_such_limit=1)


@pytest.mark.parametrize(
    "changes",
    # After midnight reads as earlier, which would open the evening.
    [{"quiet_from": time(0, 30)}, {"visit_from": time(20)}, {"quiet_until": time(9, 30)}, {"photos_min": 13}],
)
def test_tightened_refuses_a_policy_that_contradicts_itself(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"visit window|photographs"):
        tightened(CN, **changes)


def test_every_limit_says_which_way_is_tighter() -> None:
    assert list(TIGHTER_WAY) == [field.name for field in fields(ConductPolicy)]
    assert {name for name, way in TIGHTER_WAY.items() if way is Tighter.FREE} == {"version"}
