"""The whole answer: every rule that refuses, until when a yes is good, and that `until` is exact."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cases.enums import Channel, ContactPurpose, ContactRule, FlagKind, WishKind
from cases.rules.calendar import Calendar
from cases.rules.contact_budget.budget import contact_refusals, counts_until, good_until
from cases.rules.contact_budget.jurisdictions import CHINA, SHIPPED
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.contact_budget.question import Asked, Circumstance, KnownOfPerson, PastContact, Reservation, Wish

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
CALL = Asked(channel=Channel.VOICE, purpose=ContactPurpose.COLLECTION, number=b"n")
NOTHING = KnownOfPerson()


def ask(asked: Asked = CALL, known: KnownOfPerson = NOTHING, at: datetime = AT, policy: ContactPolicy = CHINA) -> Any:
    return contact_refusals(
        policy=policy, calendar=Calendar(), time_zone="America/New_York", asked=asked, known=known, at=at
    )


def good(asked: Asked, at: datetime) -> datetime:
    return good_until(policy=CHINA, time_zone="Asia/Shanghai", asked=asked, known=NOTHING, at=at)


def test_nothing_known_is_a_yes_for_a_quarter_of_an_hour() -> None:
    assert ask() == ()
    assert good(CALL, AT) == AT + timedelta(minutes=15)
    assert counts_until(policy=CHINA, channel=CALL.channel, good=AT) == AT + timedelta(minutes=60)


def test_a_yes_ends_with_the_hours() -> None:
    # Ten minutes before ten in the evening.
    evening = datetime(2026, 3, 2, 13, 50, tzinfo=UTC)

    assert good(CALL, evening) == datetime(2026, 3, 2, 14, tzinfo=UTC)
    letter = Asked(channel=Channel.LETTER, purpose=ContactPurpose.DUE_REMINDER)
    assert good(letter, evening) == evening + timedelta(minutes=15)


def test_every_rule_that_refuses_is_named() -> None:
    talks = tuple(PastContact(at=AT - timedelta(hours=4), channel=Channel.VOICE, reached=True) for _each in range(3))
    known = KnownOfPerson(
        contacts=talks,
        contacts_by_number=(AT - timedelta(hours=4),) * 6,
        circumstances=(Circumstance(kind=FlagKind.CEASE), Circumstance(kind=FlagKind.COMPLAINT)),
        plan_runs=True,
        grace_runs=True,
        promise_due_on=date(2026, 3, 9),
        talk_refused_at=AT,
        represented=True,
        number_stopped=True,
    )

    found = ask(known=known, at=AT - timedelta(hours=3))

    R = ContactRule
    assert [each.rule for each in found] == [
        R.CIRCUMSTANCE,
        R.CIRCUMSTANCE,
        R.PLAN_ACTIVE,
        R.GRACE,
        R.AFTER_PROMISE,
        R.AFTER_REFUSAL,
        R.NUMBER_STOPPED,
        R.REPRESENTED,
        R.QUIET_HOURS,
        R.CONVERSATIONS_A_DAY,
        R.TRIES_A_NUMBER,
    ]


def test_a_visit_is_asked_about_conversations_only() -> None:
    visit = Asked(channel=Channel.VISIT, purpose=ContactPurpose.VERIFICATION)
    talks = tuple(PastContact(at=AT, channel=Channel.VOICE, reached=True) for _each in range(3))
    known = KnownOfPerson(circumstances=(Circumstance(kind=FlagKind.CEASE),), represented=True)

    assert ask(visit, known, at=AT + timedelta(hours=13)) == ()
    assert [each.rule for each in ask(visit, KnownOfPerson(contacts=talks))] == [ContactRule.CONVERSATIONS_A_DAY]
    assert good(visit, AT) == AT + timedelta(days=30)
    assert counts_until(policy=CHINA, channel=Channel.VISIT, good=AT) == AT


moments = st.integers(-40 * 24 * 60, 60).map(lambda minutes: AT + timedelta(minutes=minutes))
contacts = st.builds(PastContact, at=moments, channel=st.sampled_from(Channel), reached=st.booleans())
held = st.builds(
    lambda at, minutes, channel: Reservation(asked_at=at, ends_at=at + timedelta(minutes=minutes), channel=channel),
    moments,
    st.integers(1, 3000),
    st.sampled_from(Channel),
)
wishes = st.builds(
    lambda kind, hours, days: Wish(
        kind=kind,
        opens=time(min(hours)),
        closes=time(max(hours), 30),
        granted_at=AT - timedelta(days=2, hours=hours[0]),
        last_day=AT.date() + timedelta(days=days),
        evidence_ref="REC",
    ),
    st.sampled_from(WishKind),
    st.tuples(st.integers(0, 23), st.integers(0, 23)),
    st.integers(-1, 2),
)
people = st.builds(
    KnownOfPerson,
    contacts=st.lists(contacts, max_size=12).map(tuple),
    contacts_by_number=st.lists(moments, max_size=9).map(tuple),
    reservations=st.lists(held, max_size=5).map(tuple),
    reservations_by_number=st.lists(held, max_size=5).map(tuple),
    circumstances=st.lists(
        st.builds(
            Circumstance,
            kind=st.sampled_from(FlagKind),
            last_day=st.none() | st.dates(date(2026, 2, 20), date(2026, 3, 9)),
        ),
        max_size=2,
    ).map(tuple),
    wishes=st.lists(wishes, max_size=2).map(tuple),
    talk_refused_at=st.none() | moments,
    promise_due_on=st.none() | st.dates(date(2026, 2, 20), date(2026, 3, 9)),
    represented=st.booleans(),
    representative_until=st.none() | st.dates(date(2026, 2, 28), date(2026, 3, 9)),
)


@given(
    known=people,
    channel=st.sampled_from([Channel.VOICE, Channel.SMS, Channel.APP, Channel.LETTER]),
    purpose=st.sampled_from(ContactPurpose),
    minutes=st.integers(0, 7 * 24 * 60),
    policy=st.sampled_from(sorted(SHIPPED)),
)
def test_until_is_the_first_instant_at_which_a_rule_no_longer_refuses(
    known: KnownOfPerson, channel: Channel, purpose: ContactPurpose, minutes: int, policy: str
) -> None:
    asked = Asked(channel=channel, purpose=purpose, number=b"n")
    at = AT + timedelta(minutes=minutes)
    tick = timedelta(microseconds=1)

    def rules(moment: datetime) -> set[tuple[ContactRule, FlagKind | None]]:
        found = ask(asked, known, at=moment, policy=SHIPPED[policy])
        # Two circumstances of one kind end on different days: the rule holds until the last of them.
        return {(each.rule, each.about) for each in found}

    untils: dict[tuple[ContactRule, FlagKind | None], list[datetime | None]] = {}
    for each in ask(asked, known, at=at, policy=SHIPPED[policy]):
        untils.setdefault((each.rule, each.about), []).append(each.until)
    for rule, ends in untils.items():
        if None in ends:
            continue
        until = max(end for end in ends if end is not None)
        assert until > at
        assert rule in rules(until - tick)
        assert rule not in rules(until)


@given(known=people, minutes=st.integers(0, 7 * 24 * 60), policy=st.sampled_from(sorted(SHIPPED)))
def test_whatever_is_allowed_stays_within_the_hours_and_its_day(
    known: KnownOfPerson, minutes: int, policy: str
) -> None:
    at = AT + timedelta(minutes=minutes)
    if ask(known=known, at=at, policy=SHIPPED[policy]):
        return
    until = good_until(policy=SHIPPED[policy], time_zone="America/New_York", asked=CALL, known=known, at=at)

    last = until - timedelta(microseconds=1)
    hours = {ContactRule.QUIET_HOURS, ContactRule.AGREED_TIME, ContactRule.HOLIDAY}
    assert at < until <= at + timedelta(minutes=15)
    assert not hours & {each.rule for each in ask(known=known, at=last, policy=SHIPPED[policy])}
