"""How often a person is spoken to and a number tried, one second to each side."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.enums import Channel, ContactPurpose, ContactRule
from cases.rules.contact_budget.caps import conversation_refusals, free_from, try_refusals
from cases.rules.contact_budget.jurisdictions import AUSTRALIA, CHINA, UNITED_STATES
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.contact_budget.question import Asked, KnownOfPerson, PastContact, Reservation

SECOND = timedelta(seconds=1)
ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 2, 16, tzinfo=UTC)


def talk(at: datetime, **fields: Any) -> PastContact:
    return PastContact(**{"at": at, "channel": Channel.VOICE, "reached": True} | fields)


def held(asked_at: datetime, *, minutes: int = 75, channel: Channel = Channel.VOICE) -> Reservation:
    return Reservation(asked_at=asked_at, ends_at=asked_at + timedelta(minutes=minutes), channel=channel)


def talks(policy: ContactPolicy, at: datetime, **known: Any) -> list[Any]:
    found = conversation_refusals(policy=policy, zone=ZONE, at=at, known=KnownOfPerson(**known))
    return [(each.rule, each.until) for each in found]


def tries(policy: ContactPolicy, at: datetime, channel: Channel = Channel.VOICE, **known: Any) -> list[Any]:
    asked = Asked(channel=channel, purpose=ContactPurpose.COLLECTION, number=b"n")
    found = try_refusals(policy=policy, zone=ZONE, at=at, asked=asked, known=KnownOfPerson(**known))
    return [(each.rule, each.until) for each in found]


def test_the_fourth_conversation_of_a_day_waits_for_midnight() -> None:
    today = [talk(AT), talk(AT + SECOND, channel=Channel.APP), talk(AT - timedelta(hours=9, minutes=59))]

    assert talks(CHINA, AT, contacts=tuple(today[:2])) == []
    assert talks(CHINA, AT, contacts=tuple(today)) == [(ContactRule.CONVERSATIONS_A_DAY, MIDNIGHT)]
    assert talks(CHINA, MIDNIGHT - SECOND, contacts=tuple(today)) == [(ContactRule.CONVERSATIONS_A_DAY, MIDNIGHT)]
    assert talks(CHINA, MIDNIGHT, contacts=tuple(today)) == []


def test_contacts_that_reached_nobody_and_those_of_yesterday_do_not_count() -> None:
    yesterday = AT - timedelta(hours=10, seconds=1)
    contacts = (talk(yesterday), talk(AT, reached=False), talk(AT), talk(AT))

    assert talks(CHINA, AT, contacts=contacts) == []


def test_a_permit_that_stands_counts_until_its_time_is_over() -> None:
    first = held(AT, minutes=75)
    known = {"contacts": (talk(AT),), "reservations": (first, held(AT, minutes=90))}

    assert talks(CHINA, AT, **known) == [(ContactRule.CONVERSATIONS_A_DAY, first.ends_at)]
    assert talks(CHINA, first.ends_at - SECOND, **known) == [(ContactRule.CONVERSATIONS_A_DAY, first.ends_at)]
    assert talks(CHINA, first.ends_at, **known) == []


def test_a_visit_that_is_not_reported_counts_on_its_own_day_only() -> None:
    visits = tuple(held(AT, minutes=60 * 24 * 30, channel=Channel.VISIT) for _each in range(3))

    assert talks(CHINA, AT, reservations=visits) == [(ContactRule.CONVERSATIONS_A_DAY, MIDNIGHT)]
    assert talks(CHINA, MIDNIGHT, reservations=visits) == []


def test_weeks_and_months_roll() -> None:
    week = tuple(talk(AT - timedelta(days=days)) for days in (1, 2, 6))
    free = AT + timedelta(days=1)

    assert talks(AUSTRALIA, AT, contacts=week) == [(ContactRule.CONVERSATIONS_A_WEEK, free)]
    assert talks(AUSTRALIA, free - SECOND, contacts=week) == [(ContactRule.CONVERSATIONS_A_WEEK, free)]
    assert talks(AUSTRALIA, free, contacts=week) == []
    month = tuple(talk(AT - timedelta(days=days)) for days in range(8, 28, 2))
    assert talks(AUSTRALIA, AT, contacts=month) == [(ContactRule.CONVERSATIONS_A_MONTH, AT + timedelta(days=4))]


def test_the_seventh_try_of_a_number_waits_for_midnight() -> None:
    assert tries(CHINA, AT, contacts_by_number=(AT,) * 5) == []
    assert tries(CHINA, AT, contacts_by_number=(AT,) * 6) == [(ContactRule.TRIES_A_NUMBER, MIDNIGHT)]
    assert tries(CHINA, MIDNIGHT, contacts_by_number=(AT,) * 6) == []
    first = held(AT)
    assert tries(CHINA, AT, contacts_by_number=(AT,) * 5, reservations_by_number=(first,)) == [
        (ContactRule.TRIES_A_NUMBER, first.ends_at)
    ]


def test_without_a_number_no_tries_are_counted() -> None:
    asked = Asked(channel=Channel.APP, purpose=ContactPurpose.COLLECTION)
    known = KnownOfPerson(contacts_by_number=(AT,) * 9)

    assert list(try_refusals(policy=CHINA, zone=ZONE, at=AT, asked=asked, known=known)) == []


def test_seven_calls_in_seven_days_and_none_after_a_conversation() -> None:
    calls = tuple(talk(AT - timedelta(days=days), reached=False) for days in range(7))

    assert tries(UNITED_STATES, AT, contacts=calls[:6]) == []
    assert tries(UNITED_STATES, AT, contacts=calls) == [(ContactRule.CALLS_A_WEEK, AT + timedelta(days=1))]
    assert tries(UNITED_STATES, AT, Channel.SMS, contacts=calls) == []
    spoken = talk(AT - timedelta(days=7) + SECOND)
    assert tries(UNITED_STATES, AT, contacts=(spoken,)) == [(ContactRule.AFTER_CONVERSATION, AT + SECOND)]
    assert tries(UNITED_STATES, AT + SECOND, contacts=(spoken,)) == []
    standing = held(AT)
    assert tries(UNITED_STATES, AT, reservations=(standing,)) == [(ContactRule.AFTER_CONVERSATION, standing.ends_at)]


@pytest.mark.parametrize(("cap", "expected"), [(0, None), (1, AT + 2 * SECOND), (2, AT + SECOND), (3, AT), (4, None)])
def test_free_from(cap: int, expected: datetime | None) -> None:
    assert free_from(ends=[AT + SECOND, AT, AT + 2 * SECOND], cap=cap) == expected
