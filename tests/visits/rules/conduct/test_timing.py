"""Whole minutes, as letters print them. Hours, caps and protections are tried through the guard in test_guard.py."""

from datetime import UTC, datetime, timedelta

import pytest

from visits.rules.conduct.timing import whole_minute

MINUTE = datetime(2026, 3, 3, 2, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("past", "minutes"),
    [
        (timedelta(0), 0),
        (timedelta(microseconds=1), 1),
        (timedelta(seconds=1), 1),
        (timedelta(seconds=59, microseconds=999_999), 1),
        (timedelta(minutes=43, microseconds=1), 44),
    ],
)
def test_a_whole_minute_is_never_before_the_instant(past, minutes):
    assert whole_minute(at=MINUTE + past) == MINUTE + timedelta(minutes=minutes)
