"""When a borrower counts as unreachable."""

from datetime import date
from typing import Any

import pytest

from cases.enums import Channel
from cases.rules.contact_budget.jurisdictions import CHINA
from cases.rules.contact_budget.reach import Tried, is_unreachable

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (2, 3, 4))


def failed(*days: date) -> list[Tried]:
    return [Tried(day=day, channel=Channel.VOICE, reached=False) for day in days]


REACHED = Tried(day=TUESDAY, channel=Channel.APP, reached=True)
SMS = Tried(day=WEDNESDAY, channel=Channel.SMS, reached=False)


@pytest.mark.parametrize(
    ("tried", "fields", "expected"),
    [
        (failed(MONDAY, TUESDAY, WEDNESDAY), {}, True),
        (failed(MONDAY, TUESDAY), {}, False),
        (failed(MONDAY, MONDAY, MONDAY), {}, False),
        ([*failed(MONDAY, TUESDAY), SMS], {}, False),
        ([*failed(MONDAY, TUESDAY), REACHED, *failed(WEDNESDAY)], {}, False),
        ([REACHED, *failed(MONDAY, TUESDAY, WEDNESDAY)], {}, True),
        ([], {"all_numbers_invalid": True}, True),
        ([], {}, False),
        (failed(MONDAY, TUESDAY, WEDNESDAY), {"days_since_app_use": 7}, False),
        (failed(MONDAY, TUESDAY, WEDNESDAY), {"days_since_app_use": 8}, True),
        ([], {"all_numbers_invalid": True, "days_since_app_use": 0}, False),
    ],
)
def test_three_failures_in_a_row_on_different_days_or_no_number(
    tried: list[Tried], fields: dict[str, Any], expected: bool
) -> None:
    known = {"all_numbers_invalid": False, "days_since_app_use": None} | fields

    assert is_unreachable(policy=CHINA, tried=tried, **known) is expected
