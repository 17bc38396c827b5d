"""When a visit may take place: hours, caps, protections, notice and the last resort, asked through the guard."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.enums import AddressKind, NationalHoliday
from cases.rules.calendar import Calendar
from cases.rules.holidays import Break
from tests.factories.conduct import (
    CN,
    LAWFUL,
    NO_HISTORY,
    NO_NOTICES,
    NOON,
    SHANGHAI,
    UNREACHED,
    arrived,
    check_in,
    refused,
)
from tests.factories.holidays import NOTICE_2027, notice_of
from visits.enums import Protection
from visits.rules.conduct.clauses import PROTECTION_RULES, ConductRule
from visits.rules.conduct.contact import (
    AgreedTime,
    AttemptTotals,
    ContactHistory,
    Flag,
    PastVisit,
)
from visits.rules.conduct.door import Door
from visits.rules.conduct.guard import (
    earliest_lawful_slot,
    may_schedule_visit,
    may_start,
)
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.conduct.timing import cap_free_from, hour_refusals


def at_local(clock: time, *, minutes: int = 0, seconds: int = 1) -> list[ConductRule]:
    start = datetime.combine(NOON.date(), clock, tzinfo=SHANGHAI)
    end = start + timedelta(minutes=minutes, seconds=seconds)
    return [r.rule for r in hour_refusals(policy=CN, calendar=NO_NOTICES, starts_at=start, ends_at=end)]


def visited(*days_ago: float, address: str = "home", placement: str = "P1") -> ContactHistory:
    return ContactHistory(
        visits=tuple(
            PastVisit(starts_at=NOON - timedelta(days=n), door=Door(key=address), placement_ref=placement)
            for n in days_ago
        )
    )


def test_may_schedule_visit_passes_a_lawful_visit() -> None:
    assert refused() == []


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [(time(7, 59, 59), True), (time(8, 0, 0), False), (time(21, 59, 58), False), (time(22, 0, 0), True)],
)
def test_quiet_hours_are_exact_to_the_second_at_the_start(clock: time, quiet: bool) -> None:
    assert (ConductRule.QUIET_HOURS in at_local(clock)) is quiet


@pytest.mark.parametrize(("seconds", "quiet"), [(59, False), (60, True)])
def test_quiet_hours_hold_for_the_end_of_a_visit(seconds: int, quiet: bool) -> None:
    # 21:59:00 plus 59 seconds ends at 21:59:59; plus 60 it ends at 22:00:00.
    assert (ConductRule.QUIET_HOURS in at_local(time(21, 59), seconds=seconds)) is quiet


@pytest.mark.parametrize(
    ("clock", "minutes", "fits"),
    [
        (time(8, 59, 59), 30, False),
        (time(9), 30, True),
        (time(19, 30), 30, True),
        (time(19, 30, 1), 30, False),
        (time(19, 45), 30, False),
    ],
)
def test_visit_window_leaves_room_for_the_whole_visit(clock: time, minutes: int, fits: bool) -> None:
    assert (at_local(clock, minutes=minutes, seconds=0) == []) is fits


def test_quiet_hours_use_the_official_zone_wherever_the_instant_comes_from() -> None:
    # 08:30 by the sun in Urumqi is 10:30 by law; 07:30 UTC+0 would be a different matter.
    sun_time = datetime(2026, 11, 24, 8, 30, tzinfo=ZoneInfo("Asia/Urumqi"))

    assert refused(replace(LAWFUL, starts_at=sun_time, ends_at=sun_time + timedelta(minutes=30))) == []


def test_a_visit_across_midnight_is_refused() -> None:
    start = NOON.replace(hour=21)

    rules = [
        r.rule
        for r in hour_refusals(policy=CN, calendar=NO_NOTICES, starts_at=start, ends_at=start + timedelta(hours=12))
    ]

    assert rules == [ConductRule.QUIET_HOURS, ConductRule.VISIT_WINDOW]


@settings(deadline=None)
@given(seconds=st.integers(min_value=0, max_value=86_399), length=st.integers(min_value=1, max_value=14_400))
def test_hour_refusals_agree_with_the_clock_on_every_second(seconds: int, length: int) -> None:
    start = NOON.replace(hour=0) + timedelta(seconds=seconds)
    end = start + timedelta(seconds=length)

    rules = {refusal.rule for refusal in hour_refusals(policy=CN, calendar=NO_NOTICES, starts_at=start, ends_at=end)}

    assert (ConductRule.QUIET_HOURS not in rules) is (seconds >= 8 * 3600 and seconds + length < 22 * 3600)
    assert (ConductRule.VISIT_WINDOW not in rules) is (seconds >= 9 * 3600 and seconds + length <= 20 * 3600)


def agreed(**changes: Any) -> AgreedTime:
    evening = NOON.replace(hour=20)
    sound = AgreedTime(
        opens_at=evening,
        closes_at=evening + timedelta(hours=3),
        granted_at=evening - timedelta(days=5),
        expires_at=evening + timedelta(days=5),
        evidence_ref="rec-1",
    )
    return replace(sound, **changes)


@pytest.mark.parametrize(
    ("exception", "expected"),
    [
        (agreed(), []),
        (agreed(evidence_ref=" "), [ConductRule.AGREED_TIME, ConductRule.VISIT_WINDOW]),
        (agreed(expires_at=NOON), [ConductRule.AGREED_TIME, ConductRule.VISIT_WINDOW]),
        (agreed(granted_at=NOON - timedelta(days=40)), [ConductRule.AGREED_TIME, ConductRule.VISIT_WINDOW]),
        (agreed(closes_at=NOON.replace(hour=21)), [ConductRule.AGREED_TIME, ConductRule.VISIT_WINDOW]),
    ],
)
def test_an_agreed_time_lifts_the_window_only_with_a_recording_in_force(
    exception: AgreedTime, expected: list[ConductRule]
) -> None:
    start = NOON.replace(hour=20, minute=45)
    late = replace(LAWFUL, starts_at=start, ends_at=start + timedelta(minutes=30), agreed_time=exception)

    assert refused(late) == expected


def test_a_national_holiday_is_refused_until_the_first_day_after_it() -> None:
    start = datetime(2026, 10, 1, 12, tzinfo=SHANGHAI)

    refusals = list(
        hour_refusals(policy=CN, calendar=NO_NOTICES, starts_at=start, ends_at=start + timedelta(minutes=30))
    )

    assert [(r.rule, r.until) for r in refusals] == [(ConductRule.HOLIDAY, datetime(2026, 10, 8, tzinfo=SHANGHAI))]


def test_a_holiday_that_staff_have_entered_is_refused_until_the_first_day_after_it() -> None:
    start = datetime(2027, 10, 8, 12, tzinfo=SHANGHAI)
    end = start + timedelta(minutes=30)
    entered = Calendar(notices=(NOTICE_2027,))

    refusals = list(hour_refusals(policy=CN, calendar=entered, starts_at=start, ends_at=end))

    assert list(hour_refusals(policy=CN, calendar=NO_NOTICES, starts_at=start, ends_at=end)) == []
    assert [(r.rule, r.until) for r in refusals] == [(ConductRule.HOLIDAY, datetime(2027, 10, 9, tzinfo=SHANGHAI))]


def test_the_edges_of_spring_festival_are_those_of_the_notice_that_staff_have_entered() -> None:
    festival = notice_of(2027, SPRING_FESTIVAL=(date(2027, 2, 5), date(2027, 2, 13)))
    start = datetime(2027, 2, 13, 12, tzinfo=SHANGHAI)
    policy = ConductPolicy(holidays_off=False)

    refusals = list(
        hour_refusals(
            policy=policy,
            calendar=Calendar(notices=(festival,)),
            starts_at=start,
            ends_at=start + timedelta(minutes=30),
        )
    )

    assert [(r.rule, r.until) for r in refusals] == [
        (ConductRule.SPRING_FESTIVAL, datetime(2027, 2, 14, tzinfo=SHANGHAI))
    ]


def test_breaks_that_follow_each_other_for_longer_than_a_month_have_an_end() -> None:
    breaks = notice_of(
        2028, NEW_YEAR=(date(2027, 12, 30), date(2028, 1, 13)), SPRING_FESTIVAL=(date(2028, 1, 14), date(2028, 1, 29))
    )
    late = Break(holiday=NationalHoliday.OTHER, first=date(2028, 1, 30), last=date(2028, 2, 13))
    entered = Calendar(notices=(replace(breaks, breaks=(*breaks.breaks, late)),))
    start = datetime(2027, 12, 30, 12, tzinfo=SHANGHAI)

    refusals = list(hour_refusals(policy=CN, calendar=entered, starts_at=start, ends_at=start + timedelta(minutes=30)))

    assert [(r.rule, r.until) for r in refusals] == [(ConductRule.HOLIDAY, datetime(2028, 2, 14, tzinfo=SHANGHAI))]


def test_spring_festival_edges_hold_even_where_holidays_are_worked() -> None:
    policy = ConductPolicy(holidays_off=False)
    start = datetime(2026, 2, 16, 12, tzinfo=SHANGHAI)

    refusals = list(
        hour_refusals(policy=policy, calendar=NO_NOTICES, starts_at=start, ends_at=start + timedelta(minutes=30))
    )

    assert [(r.rule, r.until) for r in refusals] == [
        (ConductRule.SPRING_FESTIVAL, datetime(2026, 2, 18, tzinfo=SHANGHAI))
    ]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (visited(7), []),
        (visited(6.9), [ConductRule.ADDRESS_CAP, ConductRule.AFTER_VISIT]),
        (visited(6.9, address="other"), [ConductRule.AFTER_VISIT]),
        (visited(-3), [ConductRule.ADDRESS_CAP, ConductRule.AFTER_VISIT]),
        (visited(8, 29), [ConductRule.DEBTOR_CAP]),
        (visited(8, 30), []),
        (visited(40, 80, 120, 160), [ConductRule.PLACEMENT_CAP]),
        (visited(40, 80, 120, 160, placement="P0"), []),
    ],
)
def test_visit_caps(history: ContactHistory, expected: list[ConductRule]) -> None:
    assert refused(LAWFUL, history) == expected


def test_a_cap_says_when_it_ends() -> None:
    refusals = may_schedule_visit(policy=CN, calendar=NO_NOTICES, proposal=LAWFUL, history=visited(8, 29), flags=())

    assert [refusal.until for refusal in refusals] == [NOON + timedelta(days=1)]


@settings(deadline=None)
@given(
    hours=st.lists(st.integers(min_value=0, max_value=24 * 90), max_size=25),
    cap=st.integers(min_value=1, max_value=4),
    days=st.integers(min_value=1, max_value=40),
)
def test_a_cap_holds_in_every_window_however_bookings_interleave(hours: list[int], cap: int, days: int) -> None:
    booked: list[datetime] = []
    for hour in hours:
        wanted = NOON + timedelta(hours=hour)
        if cap_free_from(at=wanted, others=booked, cap=cap, days=days) == wanted:
            booked.append(wanted)

    for opens in booked:
        assert sum(1 for each in booked if opens <= each < opens + timedelta(days=days)) <= cap


@settings(deadline=None)
@given(
    hours=st.lists(st.integers(min_value=0, max_value=24 * 60), max_size=12),
    wanted=st.integers(min_value=0, max_value=24 * 60),
)
def test_cap_free_from_is_the_first_free_hour(hours: list[int], wanted: int) -> None:
    others = [NOON + timedelta(hours=hour) for hour in hours]
    at = NOON + timedelta(hours=wanted)

    free_from = cap_free_from(at=at, others=others, cap=2, days=5)

    assert free_from is not None
    assert cap_free_from(at=free_from, others=others, cap=2, days=5) == free_from
    step = at
    while step < free_from:
        assert cap_free_from(at=step, others=others, cap=2, days=5) != step
        step += timedelta(hours=1)


def test_cap_free_from_is_never_with_a_cap_of_zero() -> None:
    assert cap_free_from(at=NOON, others=[], cap=0, days=7) is None


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (ContactHistory(talk_refused_at=NOON - timedelta(days=30)), []),
        (ContactHistory(talk_refused_at=NOON - timedelta(days=30, seconds=-1)), [ConductRule.AFTER_REFUSAL]),
        (ContactHistory(promise_due_on=date(2026, 11, 20)), []),
        (ContactHistory(promise_due_on=date(2026, 11, 21)), [ConductRule.AFTER_PROMISE]),
    ],
)
def test_cool_offs(history: ContactHistory, expected: list[ConductRule]) -> None:
    assert refused(LAWFUL, history) == expected


@pytest.mark.parametrize("kind", list(Protection))
def test_every_protection_refuses_until_it_is_lifted(kind: Protection) -> None:
    refusals = may_schedule_visit(
        policy=CN, calendar=NO_NOTICES, proposal=LAWFUL, history=NO_HISTORY, flags=[Flag(kind=kind)]
    )

    assert [(refusal.rule, refusal.until) for refusal in refusals] == [(PROTECTION_RULES[kind], None)]


@pytest.mark.parametrize(
    ("kind", "least_days"),
    [
        (Protection.COMPLAINT_OPEN, 15),
        (Protection.BEREAVED, 90),
        (Protection.CHILDBIRTH, 180),
        (Protection.DISASTER, 60),
        (Protection.DISPUTED, 1),
    ],
)
def test_a_protection_lasts_at_least_as_long_as_the_policy_says(kind: Protection, least_days: int) -> None:
    since = NOON - timedelta(days=least_days)
    flag = Flag(kind=kind, since=since, until=since + timedelta(days=1))

    assert refused(LAWFUL, NO_HISTORY, flag) == []
    assert refused(
        LAWFUL,
        NO_HISTORY,
        replace(flag, since=since + timedelta(seconds=1), until=since + timedelta(days=1, seconds=1)),
    ) == [PROTECTION_RULES[kind]]


@pytest.mark.parametrize(
    ("place", "consent", "expected"),
    [
        (AddressKind.RESIDENCE, "", []),
        (AddressKind.EMPLOYER, "", [ConductRule.WORKPLACE_CONSENT]),
        (AddressKind.EMPLOYER, "rec-2", []),
        (AddressKind.RELATIVE, "", [ConductRule.PLACE]),
        (AddressKind.RELATIVE, "rec-2", []),
        (AddressKind.SCHOOL, "rec-2", [ConductRule.PLACE]),
        (AddressKind.NEW, "rec-2", [ConductRule.PLACE]),
    ],
)
def test_places_that_need_consent_or_are_never_visited(
    place: AddressKind, consent: str, expected: list[ConductRule]
) -> None:
    assert refused(replace(LAWFUL, place=place, place_consent_ref=consent)) == expected


@pytest.mark.parametrize(
    ("notice_hours", "expected"), [(24, []), (23.99, [ConductRule.NOTICE]), (None, [ConductRule.NOTICE])]
)
def test_notice_is_at_least_a_day(notice_hours: float | None, expected: list[ConductRule]) -> None:
    notice_at = None if notice_hours is None else NOON - timedelta(hours=notice_hours)

    assert refused(replace(LAWFUL, notice_at=notice_at)) == expected


def test_an_order_lapses_after_its_validity() -> None:
    assert refused(replace(LAWFUL, approved_at=NOON - timedelta(days=14))) == []
    assert refused(replace(LAWFUL, approved_at=NOON - timedelta(days=14, seconds=1))) == [ConductRule.ORDER_LAPSED]


def test_a_visit_after_two_attempts_is_refused_with_what_is_missing() -> None:
    attempts = AttemptTotals(attempts=2, days_spanned=7, channels=1, dayparts=3, voice_failure_days=3)

    refusals = may_schedule_visit(
        policy=CN, calendar=NO_NOTICES, proposal=replace(LAWFUL, attempts=attempts), history=NO_HISTORY, flags=()
    )

    assert [refusal.rule for refusal in refusals] == [ConductRule.LAST_RESORT]
    with override("en"):
        assert (
            str(refusals[0].message)
            == "A visit is the last resort, and it is too early: 2 of 6 attempts; 1 of 3 channels."
        )


def test_a_borrower_who_asks_needs_no_attempts() -> None:
    assert refused(replace(LAWFUL, attempts=AttemptTotals(), borrower_asked=True)) == []


@pytest.mark.parametrize(("days", "rules"), [(7, [ConductRule.LAST_RESORT]), (8, [])])
def test_whoever_was_reached_lately_is_not_visited_whatever_the_reason(days: int, rules: list[ConductRule]) -> None:
    attempts = replace(UNREACHED, right_party_contacts=1, voice_failure_days=0, days_since_reached=days)

    assert refused(replace(LAWFUL, attempts=attempts, has_reason=True)) == rules


def test_may_schedule_visit_returns_all_refusals_at_once() -> None:
    proposal = replace(LAWFUL, notice_at=None, crew=(), mandate=None, place=AddressKind.SCHOOL)

    assert refused(proposal, visited(1), Flag(kind=Protection.CEASE)) == [
        ConductRule.CEASE,
        ConductRule.ADDRESS_CAP,
        ConductRule.AFTER_VISIT,
        ConductRule.NOTICE,
        ConductRule.PLACE,
        ConductRule.CREW_SIZE,
        ConductRule.MANDATE,
    ]


def test_may_start_asks_the_scheduling_rules_again_at_the_knock() -> None:
    late = NOON.replace(hour=19, minute=45)
    arrival = arrived(check_in("c1"), check_in("c2"))

    refusals = may_start(
        policy=CN,
        calendar=NO_NOTICES,
        proposal=LAWFUL,
        history=NO_HISTORY,
        flags=[Flag(kind=Protection.PAID)],
        at=late,
        arrival=arrival,
    )

    assert [refusal.rule for refusal in refusals] == [ConductRule.PAID, ConductRule.VISIT_WINDOW]


def slot(not_before: datetime, history: ContactHistory = NO_HISTORY, *flags: Flag, minutes: int = 30) -> Any:
    return earliest_lawful_slot(
        policy=CN,
        calendar=NO_NOTICES,
        not_before=not_before,
        duration_minutes=minutes,
        history=history,
        flags=flags,
        door=Door(key="home"),
        placement_ref="P1",
    )


def test_earliest_lawful_slot_is_now_when_now_is_lawful() -> None:
    assert slot(NOON) == NOON


@pytest.mark.parametrize(
    ("not_before", "expected"),
    [
        (NOON.replace(hour=3), NOON.replace(hour=9)),
        (NOON.replace(hour=19, minute=31), NOON.replace(hour=9) + timedelta(days=1)),
        (datetime(2026, 9, 30, 23, tzinfo=SHANGHAI), datetime(2026, 10, 8, 9, tzinfo=SHANGHAI)),
        (datetime(2026, 9, 30, 12, tzinfo=UTC), datetime(2026, 10, 8, 1, tzinfo=UTC)),
    ],
)
def test_earliest_lawful_slot_waits_for_the_window(not_before: datetime, expected: datetime) -> None:
    assert slot(not_before) == expected


def test_earliest_lawful_slot_waits_for_the_last_of_several_reasons() -> None:
    flag = Flag(kind=Protection.ILLNESS, until=NOON + timedelta(days=10))

    assert slot(NOON, visited(1), flag) == NOON + timedelta(days=10)


@pytest.mark.parametrize(
    ("history", "flags", "minutes"),
    [
        (NO_HISTORY, (Flag(kind=Protection.DECEASED),), 30),
        (visited(40, 80, 120, 160), (), 30),
        (NO_HISTORY, (), 12 * 60),
    ],
)
def test_earliest_lawful_slot_is_none_when_waiting_does_not_help(
    history: ContactHistory, flags: tuple[Flag, ...], minutes: int
) -> None:
    assert slot(NOON, history, *flags, minutes=minutes) is None


@settings(deadline=None)
@given(
    not_before=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 10, 1), timezones=st.just(UTC)),
    days_ago=st.lists(st.integers(min_value=-20, max_value=40), max_size=3),
)
def test_earliest_lawful_slot_is_lawful_and_nothing_an_hour_earlier_is(
    not_before: datetime, days_ago: list[int]
) -> None:
    visits = tuple(PastVisit(starts_at=not_before - timedelta(days=n), door=Door(key="home")) for n in days_ago)
    history = ContactHistory(visits=visits)

    found = slot(not_before, history)

    assert found is not None
    assert slot(found, history) == found
    earlier = found - timedelta(hours=1)
    if earlier >= not_before:
        assert slot(earlier, history) == found


def test_a_birthday_to_come_protects_from_its_first_second() -> None:
    midnight = NOON.replace(hour=0)
    flag = Flag(kind=Protection.AGED, not_before=NOON)

    assert refused(LAWFUL, NO_HISTORY, flag) == [ConductRule.SPECIAL_CARE]
    assert refused(LAWFUL, NO_HISTORY, replace(flag, not_before=midnight)) == [ConductRule.SPECIAL_CARE]
    assert refused(LAWFUL, NO_HISTORY, replace(flag, not_before=NOON + timedelta(seconds=1))) == []


@pytest.mark.parametrize(
    ("kind", "days"),
    [(Protection.ILLNESS, 30), (Protection.SELF_HARM, 180), (Protection.CHILDBIRTH, 180), (Protection.BEREAVED, 90)],
)
def test_a_protection_counts_at_least_as_long_as_the_policy_says(kind: Protection, days: int) -> None:
    flag = Flag(kind=kind, since=NOON - timedelta(days=days), until=NOON - timedelta(days=1))

    assert refused(LAWFUL, NO_HISTORY, flag) == []
    assert refused(LAWFUL, NO_HISTORY, replace(flag, since=flag.since + timedelta(seconds=1))) == [  # type: ignore[operator]
        ConductRule.SPECIAL_CARE
    ]
