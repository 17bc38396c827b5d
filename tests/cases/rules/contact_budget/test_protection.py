"""Circumstances, plans, promises and declined talks, one second to each side."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.enums import Channel, ContactPurpose, ContactRule, FlagKind
from cases.rules.contact_budget.jurisdictions import CHINA
from cases.rules.contact_budget.protection import ends_at, holds, protection_refusals
from cases.rules.contact_budget.question import Asked, Circumstance, KnownOfPerson

SECOND = timedelta(seconds=1)
ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
P = ContactPurpose


def refused(purpose: ContactPurpose, at: datetime = AT, **known: Any) -> list[Any]:
    asked = Asked(channel=Channel.VOICE, purpose=purpose)
    found = protection_refusals(policy=CHINA, zone=ZONE, at=at, asked=asked, known=KnownOfPerson(**known))
    return [(each.rule, each.about, each.until) for each in found]


def allowed_in(kind: FlagKind) -> set[ContactPurpose]:
    return {purpose for purpose in P if not refused(purpose, circumstances=(Circumstance(kind=kind),))}


ANSWERS = {P.COMPLAINT_ANSWER, P.REQUEST_ANSWER}


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [
        (FlagKind.DECEASED, {P.RESTORE_CONTACT}),
        (FlagKind.CEASE, ANSWERS),
        (FlagKind.COMPLAINT, ANSWERS),
        (FlagKind.DISPUTED, ANSWERS),
        (FlagKind.FRAUD_CLAIM, ANSWERS),
        (FlagKind.BEREAVED, ANSWERS),
        (FlagKind.HOSPITAL, ANSWERS),
        (FlagKind.DETAINED, ANSWERS),
        (FlagKind.DISASTER, ANSWERS),
        (FlagKind.HARDSHIP, ANSWERS | {P.DUE_REMINDER}),
        (FlagKind.VULNERABLE, ANSWERS | {P.DUE_REMINDER}),
        (FlagKind.REPRESENTED, set(P)),
        (FlagKind.OPTED_OUT_OF_VISITS, set(P) - {P.VISIT_NOTICE}),
    ],
)
def test_what_a_circumstance_still_allows(kind: FlagKind, allowed: set[ContactPurpose]) -> None:
    assert allowed_in(kind) == allowed


@pytest.mark.parametrize("kind", [kind for kind in FlagKind if kind not in ("REPRESENTED", "OPTED_OUT_OF_VISITS")])
def test_no_circumstance_lets_anybody_ask_for_payment(kind: FlagKind) -> None:
    assert refused(P.COLLECTION, circumstances=(Circumstance(kind=kind),)) == [(ContactRule.CIRCUMSTANCE, kind, None)]


def test_a_circumstance_ends_with_its_last_day() -> None:
    cease = Circumstance(kind=FlagKind.CEASE, last_day=date(2026, 3, 2))
    midnight = datetime(2026, 3, 2, 16, tzinfo=UTC)

    assert refused(P.COLLECTION, midnight - SECOND, circumstances=(cease,)) == [
        (ContactRule.CIRCUMSTANCE, FlagKind.CEASE, midnight)
    ]
    assert refused(P.COLLECTION, midnight, circumstances=(cease,)) == []


def test_recovery_follows_a_hospital() -> None:
    hospital = Circumstance(kind=FlagKind.HOSPITAL, last_day=date(2026, 3, 2))
    end = datetime(2026, 4, 1, 16, tzinfo=UTC)

    assert ends_at(policy=CHINA, zone=ZONE, circumstance=hospital) == end
    assert holds(policy=CHINA, zone=ZONE, at=end - SECOND, circumstance=hospital)
    assert not holds(policy=CHINA, zone=ZONE, at=end, circumstance=hospital)


COLLECTION = [P.COLLECTION, P.VERIFICATION, P.VISIT_NOTICE]


@pytest.mark.parametrize("purpose", list(P))
def test_a_plan_stops_collection_alone(purpose: ContactPurpose) -> None:
    expected = [(ContactRule.PLAN_ACTIVE, None, None)] if purpose in COLLECTION else []

    assert refused(purpose, plan_runs=True) == expected
    assert refused(purpose, grace_runs=True) == [(ContactRule.GRACE, *rest) for _rule, *rest in expected]


def test_a_promise_gives_three_days_of_grace() -> None:
    free = datetime(2026, 3, 5, 16, tzinfo=UTC)

    assert refused(P.COLLECTION, free - SECOND, promise_due_on=date(2026, 3, 2)) == [
        (ContactRule.AFTER_PROMISE, None, free)
    ]
    assert refused(P.COLLECTION, free, promise_due_on=date(2026, 3, 2)) == []
    assert refused(P.DUE_REMINDER, promise_due_on=date(2026, 3, 2)) == []


def test_a_declined_talk_gives_thirty_days() -> None:
    free = AT + timedelta(days=30)

    assert refused(P.COLLECTION, free - SECOND, talk_refused_at=AT) == [(ContactRule.AFTER_REFUSAL, None, free)]
    assert refused(P.COLLECTION, free, talk_refused_at=AT) == []
    assert refused(P.REQUEST_ANSWER, talk_refused_at=AT) == []
