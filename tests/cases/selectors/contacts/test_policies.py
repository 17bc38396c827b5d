"""The limits of contact in force."""

from typing import Any

import pytest

from cases.rules.contact_budget.jurisdictions import AUSTRALIA, CHINA, SHIPPED
from cases.rules.tightening import PolicyLoosened, tightened
from cases.selectors.contacts.policies import contact_policies, contact_policy, holidays_of


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


def test_holidays_are_known_of_china_alone(db: Any) -> None:
    assert holidays_of(policy=CHINA) is None
    assert holidays_of(policy=AUSTRALIA) is None
    assert holidays_of(policy=tightened(CHINA, holidays_off=True)) is not None
