"""Hours of contact, one second to each side, in the borrower's own time."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.enums import Channel, ContactRule, WishKind
from cases.rules.calendar import Calendar
from cases.rules.contact_budget.hours import closes_at, has_hours, hours_refusals
from cases.rules.contact_budget.jurisdictions import AUSTRALIA, CHINA, INDIA, UNITED_STATES
from cases.rules.contact_budget.local_days import zone_of
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.contact_budget.question import Wish
from cases.rules.tightening import tightened

SECOND = timedelta(seconds=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
SYDNEY = ZoneInfo("Australia/Sydney")


def local(zone: ZoneInfo, *parts: int) -> datetime:
    return datetime(2026, *parts, tzinfo=zone).astimezone(UTC)  # type: ignore[misc, arg-type]


def rules(policy: ContactPolicy, zone: ZoneInfo, at: datetime, *wishes: Wish, calendar: Any = None) -> list[Any]:
    found = hours_refusals(policy=policy, calendar=calendar, zone=zone, at=at, wishes=wishes)
    return [(each.rule, each.until) for each in found]


@pytest.mark.parametrize(
    ("policy", "zone", "opens", "closes"),
    [
        (CHINA, SHANGHAI, (3, 2, 8), (3, 2, 22)),
        (CHINA, SHANGHAI, (3, 7, 8), (3, 7, 22)),
        (UNITED_STATES, NEW_YORK, (3, 2, 8), (3, 2, 21)),
        # Summer time has begun: the same hours by the clock.
        (UNITED_STATES, NEW_YORK, (3, 8, 8), (3, 8, 21)),
        (AUSTRALIA, SYDNEY, (3, 2, 7, 30), (3, 2, 21)),
        (AUSTRALIA, SYDNEY, (3, 7, 9), (3, 7, 21)),
        (INDIA, ZoneInfo("Asia/Kolkata"), (3, 2, 8), (3, 2, 19)),
    ],
)
def test_hours_open_and_close_to_the_second(
    policy: ContactPolicy, zone: ZoneInfo, opens: tuple[int, ...], closes: tuple[int, ...]
) -> None:
    first, end = local(zone, *opens), local(zone, *closes)

    assert rules(policy, zone, first - SECOND) == [(ContactRule.QUIET_HOURS, first)]
    assert rules(policy, zone, first) == []
    assert rules(policy, zone, end - SECOND) == []
    assert [rule for rule, _until in rules(policy, zone, end)] == [ContactRule.QUIET_HOURS]


def test_quiet_hours_end_with_the_next_opening() -> None:
    # Friday evening: Australia opens at nine on Saturday, not at half past seven.
    assert rules(AUSTRALIA, SYDNEY, local(SYDNEY, 3, 6, 22)) == [(ContactRule.QUIET_HOURS, local(SYDNEY, 3, 7, 9))]
    # The night in which clocks are set forward has one hour less.
    assert rules(UNITED_STATES, NEW_YORK, local(NEW_YORK, 3, 7, 23)) == [
        (ContactRule.QUIET_HOURS, datetime(2026, 3, 8, 12, tzinfo=UTC))
    ]


def test_urumqi_keeps_the_official_hours() -> None:
    zone = zone_of(policy=CHINA, time_zone="Asia/Urumqi")

    # Six in the morning by the sun of Urumqi.
    assert rules(CHINA, zone, local(SHANGHAI, 3, 2, 8)) == []
    assert [rule for rule, _until in rules(CHINA, zone, local(SHANGHAI, 3, 2, 22))] == [ContactRule.QUIET_HOURS]


def wish(kind: WishKind = WishKind.ALSO_THEN, **fields: Any) -> Wish:
    values = {
        "opens": time(22),
        "closes": time(23),
        "granted_at": local(SHANGHAI, 3, 1, 12),
        "last_day": date(2026, 12, 31),
        "evidence_ref": "REC-1",
    } | fields
    return Wish(kind=kind, **values)


@pytest.mark.parametrize(
    ("at", "fields", "allowed"),
    [
        ((3, 2, 22), {}, True),
        ((3, 2, 22, 59, 59), {}, True),
        ((3, 2, 23), {}, False),
        ((3, 2, 22, 30), {"evidence_ref": " "}, False),
        ((3, 2, 22, 30), {"granted_at": local(SHANGHAI, 3, 2, 22, 31)}, False),
        ((3, 2, 22, 30), {"last_day": date(2026, 3, 2)}, True),
        ((3, 3, 22, 30), {"last_day": date(2026, 3, 2)}, False),
        # At most thirty days, whatever it says.
        ((3, 31, 22, 30), {}, True),
        ((4, 1, 22, 30), {}, False),
    ],
)
def test_a_wish_in_force_opens_quiet_hours(at: tuple[int, ...], fields: dict[str, Any], allowed: bool) -> None:
    found = rules(CHINA, SHANGHAI, local(SHANGHAI, *at), wish(**fields))

    assert found == [] if allowed else [rule for rule, _until in found] == [ContactRule.QUIET_HOURS]


def test_a_wish_is_when_quiet_hours_end() -> None:
    early = wish(opens=time(6), closes=time(7))

    assert rules(CHINA, SHANGHAI, local(SHANGHAI, 3, 2, 23), early) == [
        (ContactRule.QUIET_HOURS, local(SHANGHAI, 3, 3, 6))
    ]


def test_only_then_leaves_nothing_else() -> None:
    evening = wish(WishKind.ONLY_THEN, opens=time(18), closes=time(20), last_day=date(2026, 5, 4))
    first = local(SHANGHAI, 3, 2, 18)

    assert rules(CHINA, SHANGHAI, first - SECOND, evening) == [(ContactRule.AGREED_TIME, first)]
    assert rules(CHINA, SHANGHAI, first, evening) == []
    # It protects: no limit of thirty days. On its last evening it ends at midnight, in quiet hours.
    assert [rule for rule, _until in rules(CHINA, SHANGHAI, local(SHANGHAI, 5, 4, 12), evening)] == [
        ContactRule.AGREED_TIME
    ]
    assert (ContactRule.AGREED_TIME, local(SHANGHAI, 5, 5, 0)) in rules(
        CHINA, SHANGHAI, local(SHANGHAI, 5, 4, 20), evening
    )


def test_holidays_count_where_the_policy_says_so() -> None:
    off = tightened(CHINA, holidays_off=True)
    national_day = local(SHANGHAI, 10, 1, 10)

    assert rules(CHINA, SHANGHAI, national_day, calendar=Calendar()) == []
    [(rule, until)] = rules(off, SHANGHAI, national_day, calendar=Calendar())
    assert rule == ContactRule.HOLIDAY
    assert until is not None
    assert [found for found, _until in rules(off, SHANGHAI, until, calendar=Calendar())] == [ContactRule.QUIET_HOURS]
    assert [found for found, _until in rules(off, SHANGHAI, until - SECOND, calendar=Calendar())] == [
        ContactRule.QUIET_HOURS,
        ContactRule.HOLIDAY,
    ]
    assert rules(off, SHANGHAI, national_day) == []


def test_a_letter_has_no_hours() -> None:
    assert [channel for channel in Channel if not has_hours(channel=channel)] == [Channel.LETTER]


@pytest.mark.parametrize(
    ("at", "channel", "wishes", "expected"),
    [
        ((3, 2, 10), Channel.VOICE, [], (3, 2, 22)),
        ((3, 2, 22, 30), Channel.VOICE, [wish()], (3, 2, 23)),
        ((3, 2, 21), Channel.VOICE, [wish(opens=time(20))], (3, 2, 23)),
        ((3, 2, 18, 30), Channel.SMS, [wish(WishKind.ONLY_THEN, opens=time(18), closes=time(19))], (3, 2, 19)),
        ((3, 2, 10), Channel.LETTER, [], (3, 3, 0)),
        # Allowed to the end of the day at most, so that a permit counts on one day.
        ((3, 2, 23, 59), Channel.SMS, [wish(closes=time.max)], (3, 2, 23, 59, 59, 999_999)),
    ],
)
def test_closes_with_the_hours_of_the_day(
    at: tuple[int, ...], channel: Channel, wishes: list[Wish], expected: tuple[int, ...]
) -> None:
    found = closes_at(policy=CHINA, zone=SHANGHAI, at=local(SHANGHAI, *at), channel=channel, wishes=wishes)

    assert found == local(SHANGHAI, *expected)
