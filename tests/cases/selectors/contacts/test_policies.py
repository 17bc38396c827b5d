"""The limits of contact in force."""

from datetime import time
from typing import Any

import pytest

from cases.rules.contact_budget.jurisdictions import AUSTRALIA, CHINA, SHIPPED
from cases.rules.tightening import PolicyLoosened, tightened
from cases.selectors.contacts.policies import contact_limit_problem, contact_policies, contact_policy, holidays_of


def test_the_shipped_limits_hold_unless_the_operator_tightens_them(settings: Any) -> None:
    assert contact_policies() == dict(SHIPPED)
    house = {"conversations_a_day": 2, "tries_a_number": 3}

    settings.CONTACT = {"CN": house}

    assert contact_policies() == {**SHIPPED, "CN": tightened(CHINA, **house)}
    assert contact_policy(jurisdiction="CN") == tightened(CHINA, **house)
    assert contact_policy(jurisdiction="AU") == AUSTRALIA


def test_the_operator_cannot_loosen_them(settings: Any) -> None:
    settings.CONTACT = {"CN": {"conversations_a_day": 4}}

    for read in (contact_policies, lambda: contact_policy(jurisdiction="CN")):
        with pytest.raises(PolicyLoosened):
            read()


def test_hours_come_as_text_from_the_environment(settings: Any) -> None:
    settings.CONTACT = {"CN": {"contact_from": "09:00"}}

    assert contact_policy(jurisdiction="CN") == tightened(CHINA, contact_from=time(9))


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ({}, ""),
        ({"CN": {"contact_until": "21:00"}}, ""),
        ({"CN": {"contact_until": "23:00"}}, "CN: contact_until"),
        ({"CN": {"contact_until": "evening"}}, "CN: Invalid isoformat string: 'evening'"),
        ({"XX": {}}, "no such jurisdiction: XX"),
    ],
)
def test_what_is_wrong_with_the_operators_limits_is_said(settings: Any, limits: Any, problem: str) -> None:
    settings.CONTACT = limits

    assert contact_limit_problem() == problem


def test_an_unknown_limit_is_said(settings: Any) -> None:
    settings.CONTACT = {"CN": {"talks": 2}}

    assert contact_limit_problem().startswith("CN: ")


def test_holidays_are_known_of_china_alone(db: Any) -> None:
    assert holidays_of(policy=CHINA) is None
    assert holidays_of(policy=AUSTRALIA) is None
    assert holidays_of(policy=tightened(CHINA, holidays_off=True)) is not None
