"""The limits of each jurisdiction."""

from dataclasses import fields, replace
from datetime import time
from typing import Any

import pytest

from backoffice.access.models import Jurisdiction
from cases.rules.contact_budget.jurisdictions import AUSTRALIA, CHINA, INDIA, SHIPPED, UNITED_KINGDOM, UNITED_STATES
from cases.rules.contact_budget.policy import ContactPolicy, TextStatus
from cases.rules.tightening import PolicyLoosened, tightened, tighter_ways


def test_every_jurisdiction_of_a_territory_has_limits() -> None:
    assert sorted(SHIPPED) == sorted(Jurisdiction.values)


def test_each_limit_says_which_way_is_tighter() -> None:
    assert list(tighter_ways(ContactPolicy)) == [field.name for field in fields(ContactPolicy)]


def named(policy: ContactPolicy) -> dict[str, Any]:
    """Return the limits in which a policy differs from one that names none."""
    plain = ContactPolicy(jurisdiction="", source="", version="")
    return {
        field.name: getattr(policy, field.name)
        for field in fields(ContactPolicy)
        if field.name not in ("jurisdiction", "source", "version")
        and getattr(policy, field.name) != getattr(plain, field.name)
    }


def test_what_ships() -> None:
    assert {policy.jurisdiction: named(policy) for policy in SHIPPED.values()} == {
        "CN": {"official_time_zone": "Asia/Shanghai", "conversations_a_day": 3, "tries_a_number": 6},
        "UK": {},
        "US": {
            "contact_until": time(21),
            "weekend_until": time(21),
            "calls_a_week": 7,
            "after_conversation_days": 7,
        },
        "AU": {
            "contact_from": time(7, 30),
            "contact_until": time(21),
            "weekend_from": time(9),
            "weekend_until": time(21),
            "holidays_off": True,
            "conversations_a_week": 3,
            "conversations_a_month": 10,
        },
        "IN": {"status": TextStatus.DRAFT, "contact_until": time(19), "weekend_until": time(19)},
    }
    assert (CHINA.contact_from, CHINA.contact_until) == (time(8), time(22))
    assert {policy.status for policy in (CHINA, UNITED_KINGDOM, UNITED_STATES, AUSTRALIA)} == {TextStatus.IN_FORCE}
    assert INDIA.source == "RBI draft directions of 2026-02-12"


def test_the_house_may_set_its_stricter_limits() -> None:
    house = {"conversations_a_day": 2, "tries_a_number": 3, "conversations_a_week": 7, "conversations_a_month": 20}

    assert tightened(CHINA, **house) == replace(CHINA, **house)  # type: ignore[arg-type]
    with pytest.raises(PolicyLoosened):
        tightened(CHINA, conversations_a_day=4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"contact_from": time(22)},
        {"weekend_until": time(8)},
        {"permit_minutes": 0},
        {"report_minutes": -1},
    ],
)
def test_limits_that_leave_nothing_are_a_mistake(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be(gin)?"):
        replace(CHINA, **wrong)
