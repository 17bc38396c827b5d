"""The limits as a table of SQL."""

from datetime import date, time
from typing import Any

from cases.services.contacts.limits_sql import limit_parameters


def test_every_jurisdiction_is_one_row(db: Any) -> None:
    found = limit_parameters(first=date(2026, 10, 1), last=date(2026, 10, 2))

    assert list(zip(found["codes"], found["zones"], found["starts"], found["ends"], found["talks"], strict=True)) == [
        ("CN", "Asia/Shanghai", time(8), time(22), 3),
        ("UK", None, time(8), time(22), None),
        ("US", None, time(8), time(21), None),
        ("AU", None, time(7, 30), time(21), None),
        ("IN", None, time(8), time(19), None),
    ]
    assert (found["tries"], found["wish_days"]) == ([6, None, None, None, None], [30] * 5)
    # China's calls are not off on holidays unless the operator says so; no calendar of Australia is kept.
    assert (found["holiday_codes"], found["holiday_days"]) == ([], [])


def test_holidays_of_the_operators_stricter_limits(db: Any, settings: Any) -> None:
    settings.CONTACT = {"CN": {"holidays_off": True, "conversations_a_day": 2}}

    found = limit_parameters(first=date(2026, 9, 30), last=date(2026, 10, 2))

    assert found["talks"][0] == 2
    assert (found["holiday_codes"], found["holiday_days"]) == (["CN"] * 2, [date(2026, 10, 1), date(2026, 10, 2)])
