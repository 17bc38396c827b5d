"""Whether a file of a daily source is missing."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from cases.rules.feed_days import DAYS_KEPT, missing_since, with_arrival

SHANGHAI = timezone(timedelta(hours=8))
# Monday 2 to Friday 6 March 2026, at eight in the morning of Shanghai.
WEEK = [datetime(2026, 3, day, 0, 0, 17, 482_913, tzinfo=UTC) for day in range(2, 7)]


def moment(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, 0, 0, 1, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "missing"),
    [
        (moment(6, 23), None),
        (moment(8, 23), None),
        (moment(9, 7), None),
        (moment(9, 9), date(2026, 3, 6)),
        (moment(10, 1), date(2026, 3, 6)),
    ],
)
def test_a_file_is_missing_from_the_hour_by_which_it_always_came_and_never_on_a_weekend(
    at: datetime, missing: date | None
) -> None:
    assert missing_since(arrivals=WEEK, at=at, zone=SHANGHAI) == missing


@pytest.mark.parametrize("arrivals", [[], WEEK[1:], [*WEEK[:2], *WEEK[3:]]])
def test_nothing_is_missing_of_a_source_that_does_not_come_daily(arrivals: list[datetime]) -> None:
    assert missing_since(arrivals=arrivals, at=moment(20, 12), zone=SHANGHAI) is None


def test_the_first_arrival_of_each_of_the_last_days_is_kept() -> None:
    kept = with_arrival(arrivals=WEEK, at=WEEK[4] + timedelta(hours=3), zone=SHANGHAI)

    assert kept == WEEK[::-1]
    many = [WEEK[0] + timedelta(days=day) for day in range(20)]
    assert with_arrival(arrivals=many[:-1], at=many[-1], zone=SHANGHAI) == many[::-1][:DAYS_KEPT]
