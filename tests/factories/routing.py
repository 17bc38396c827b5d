"""Crews and stops of a day's routing, around a place in Hangzhou."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from visits.rules.routing import Crew, Stop, TimeWindow

NINE = datetime(2026, 11, 24, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)


def crew(name: str = "c1", **changes: Any) -> Crew:
    sound = Crew(id=name, latitude=30.25, longitude=120.15, starts_at=NINE, ends_at=NINE + 11 * HOUR)
    return replace(sound, **changes)


def stop(name: str = "s1", *, north: float = 0.01, east: float = 0.0, **changes: Any) -> Stop:
    return replace(Stop(id=name, latitude=30.25 + north, longitude=120.15 + east), **changes)


def window(opens: float, closes: float) -> TimeWindow:
    return TimeWindow(opens_at=NINE + opens * HOUR, closes_at=NINE + closes * HOUR)
