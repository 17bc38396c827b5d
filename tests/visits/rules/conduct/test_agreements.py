"""Which agreement a visit rests on: to the second, for one door, and never beyond its end."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.enums import AddressKind
from tests.factories.conduct import CN, NO_NOTICES, SHANGHAI
from visits.rules.conduct.agreements import (
    NO_AGREEMENTS,
    Agreements,
    PlaceConsent,
    expires_at,
    is_outside_hours,
    place_consent,
    time_for,
    times_of_day,
    window_closes_at,
)
from visits.rules.conduct.clauses import ConductRule
from visits.rules.conduct.contact import AgreedTime
from visits.rules.conduct.door import Door
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.conduct.timing import hour_refusals

SECOND, HALF_HOUR = timedelta(seconds=1), timedelta(minutes=30)
# A Tuesday that is no holiday; the microseconds are those of a clock.
SAID_AT = datetime(2026, 11, 24, 10, 0, 17, 482_913, tzinfo=SHANGHAI)
OPENS = datetime(2026, 11, 26, 20, 30, tzinfo=SHANGHAI)
CLOSES = datetime(2026, 11, 26, 22, 30, tzinfo=SHANGHAI)
EVENING = AgreedTime(
    opens_at=OPENS,
    closes_at=CLOSES,
    granted_at=SAID_AT,
    expires_at=SAID_AT + timedelta(days=30),
    evidence_ref="REC-1",
)
OFFICE = Door(key="office", city="3101")
CONSENT = PlaceConsent(
    door=OFFICE,
    place=AddressKind.EMPLOYER,
    granted_at=SAID_AT,
    expires_at=SAID_AT + timedelta(days=30),
    evidence_ref=" REC-2 ",
)


def refused(*times, starts_at, minutes=30, policy=CN):
    ends_at = starts_at + timedelta(minutes=minutes)
    found = time_for(policy=policy, agreements=Agreements(times=times), starts_at=starts_at, ends_at=ends_at)
    hours = hour_refusals(policy=policy, calendar=NO_NOTICES, starts_at=starts_at, ends_at=ends_at, agreed_time=found)
    return [refusal.rule for refusal in hours]


def consented(*places, door=OFFICE, place=AddressKind.EMPLOYER, at=SAID_AT, policy=CN):
    return place_consent(policy=policy, agreements=Agreements(places=places), door=door, place=place, at=at)


@pytest.mark.parametrize(
    ("starts_at", "expected"),
    [
        (OPENS - SECOND, [ConductRule.AGREED_TIME, ConductRule.VISIT_WINDOW]),
        (OPENS, []),
        (CLOSES - HALF_HOUR, []),
        (CLOSES - HALF_HOUR + SECOND, [ConductRule.AGREED_TIME, ConductRule.QUIET_HOURS, ConductRule.VISIT_WINDOW]),
    ],
)
def test_an_agreed_time_holds_a_visit_to_the_second_at_both_ends(starts_at, expected):
    assert refused(EVENING, starts_at=starts_at) == expected


@pytest.mark.parametrize(
    ("end", "expected"), [(OPENS, []), (OPENS - SECOND, [ConductRule.AGREED_TIME, ConductRule.VISIT_WINDOW])]
)
def test_an_agreed_time_holds_to_the_second_of_its_expiry(end, expected):
    assert refused(replace(EVENING, expires_at=end), starts_at=OPENS) == expected
    # The longest validity of the policy ends one that says it counts for longer.
    early = replace(EVENING, granted_at=end - timedelta(days=30), expires_at=OPENS + timedelta(days=300))
    assert refused(early, starts_at=OPENS) == expected


def test_an_hour_of_visits_needs_no_agreement_and_is_not_refused_for_one():
    noon = OPENS.replace(hour=12, minute=0)

    assert refused(EVENING, starts_at=noon) == []
    assert (
        time_for(policy=CN, agreements=Agreements(times=(EVENING,)), starts_at=noon, ends_at=noon + HALF_HOUR) is None
    )
    assert time_for(policy=CN, agreements=NO_AGREEMENTS, starts_at=OPENS, ends_at=OPENS + HALF_HOUR) is None


def test_of_several_times_the_one_that_ends_last_holds_and_one_of_another_day_does_not():
    shorter = replace(EVENING, closes_at=CLOSES - HALF_HOUR)
    another_day = replace(EVENING, opens_at=OPENS + timedelta(days=1), closes_at=CLOSES + timedelta(days=1))
    every = Agreements(times=(shorter, EVENING, another_day))

    assert time_for(policy=CN, agreements=every, starts_at=OPENS, ends_at=OPENS + HALF_HOUR) == EVENING
    assert times_of_day(policy=CN, times=every.times, day=date(2026, 11, 27)) == [another_day]
    assert refused(another_day, starts_at=OPENS) == [ConductRule.VISIT_WINDOW]


def test_an_agreed_time_never_opens_a_holiday():
    national_day = datetime(2026, 10, 1, 20, 30, tzinfo=SHANGHAI)
    agreed = AgreedTime(
        opens_at=national_day,
        closes_at=national_day + timedelta(hours=2),
        granted_at=national_day - timedelta(days=2),
        expires_at=national_day + timedelta(days=28),
        evidence_ref="REC-1",
    )

    assert refused(agreed, starts_at=national_day) == [ConductRule.HOLIDAY]


@given(
    start=st.integers(0, 3 * 86_400 - 1),
    minutes=st.integers(1, 120),
    spans=st.lists(
        st.tuples(st.integers(0, 3 * 86_400), st.integers(1, 86_400), st.integers(-40, 5), st.booleans()), max_size=4
    ),
)
def test_a_visit_is_lawful_inside_the_window_or_inside_one_agreed_time_in_force(start, minutes, spans):
    day = OPENS.replace(hour=0, minute=0)
    starts_at = day + timedelta(seconds=start)
    ends_at = starts_at + timedelta(minutes=minutes)
    times = [
        AgreedTime(
            opens_at=day + timedelta(seconds=opens),
            closes_at=day + timedelta(seconds=opens + length),
            granted_at=day + timedelta(days=granted),
            expires_at=day + timedelta(days=granted + 30),
            evidence_ref="REC-1" if proven else " ",
        )
        for opens, length, granted, proven in spans
    ]

    in_window = start % 86_400 >= 9 * 3600 and start % 86_400 + minutes * 60 <= 20 * 3600
    agreed = any(
        each.opens_at <= starts_at
        and ends_at <= each.closes_at
        and each.granted_at <= starts_at <= each.expires_at
        and each.evidence_ref == "REC-1"
        for each in times
    )
    assert (refused(*times, starts_at=starts_at, minutes=minutes) == []) is (in_window or agreed)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (SAID_AT - SECOND, ""),
        (SAID_AT, "REC-2"),
        (SAID_AT + timedelta(days=30), "REC-2"),
        (SAID_AT + timedelta(days=30) + SECOND, ""),
    ],
)
def test_a_consent_to_a_place_counts_to_the_second_of_its_expiry(at, found):
    assert consented(CONSENT, at=at) == found
    # A stricter limit of the operator ends it earlier, and nothing typed lengthens it.
    assert consented(replace(CONSENT, expires_at=SAID_AT + timedelta(days=300)), at=at) == found
    assert consented(CONSENT, at=SAID_AT + timedelta(days=5) + SECOND, policy=ConductPolicy(exception_max_days=5)) == ""


@pytest.mark.parametrize(
    ("door", "place"),
    [
        (Door(key="another", city="3101"), AddressKind.EMPLOYER),
        # Caps count such doors as one; a consent does not reach further than what was said.
        (Door(key="office"), AddressKind.EMPLOYER),
        (OFFICE, AddressKind.RELATIVE),
    ],
)
def test_a_consent_holds_for_its_door_and_kind_of_place_alone(door, place):
    assert consented(CONSENT) == "REC-2"
    assert consented(CONSENT, door=door, place=place) == ""


def test_a_consent_without_evidence_is_none():
    assert consented(replace(CONSENT, evidence_ref=" ")) == ""


def test_an_agreement_ends_after_thirty_days_or_with_its_last_day():
    assert expires_at(policy=CN, granted_at=SAID_AT) == SAID_AT + timedelta(days=30)
    assert expires_at(policy=CN, granted_at=SAID_AT, last_day=date(2026, 11, 25)) == datetime(
        2026, 11, 26, tzinfo=SHANGHAI
    )
    assert expires_at(policy=CN, granted_at=SAID_AT, last_day=date(2027, 3, 1)) == SAID_AT + timedelta(days=30)


@pytest.mark.parametrize(
    ("hour", "minute", "second", "outside"),
    [(8, 59, 59, True), (9, 0, 0, False), (19, 30, 0, False), (19, 30, 1, True)],
)
def test_outside_is_what_leaves_the_visit_window(hour, minute, second, outside):
    starts_at = OPENS.replace(hour=hour, minute=minute, second=second)

    assert is_outside_hours(policy=CN, starts_at=starts_at, ends_at=starts_at + HALF_HOUR) is outside


def test_a_holiday_alone_is_not_outside_of_the_hours():
    noon = datetime(2026, 10, 1, 12, tzinfo=SHANGHAI)

    assert is_outside_hours(policy=CN, starts_at=noon, ends_at=noon + HALF_HOUR) is False


def test_a_visit_lasts_until_its_agreed_time_closes_else_until_the_window_does():
    evening = Agreements(times=(EVENING,))
    noon = OPENS.replace(hour=12, minute=0)

    assert window_closes_at(policy=CN, agreements=evening, starts_at=OPENS, ends_at=OPENS + HALF_HOUR) == CLOSES
    assert window_closes_at(policy=CN, agreements=evening, starts_at=noon, ends_at=noon + HALF_HOUR) == noon.replace(
        hour=20
    )
