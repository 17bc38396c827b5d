"""What protects a person from contact: circumstances, a plan that is kept, a promise, a talk that was declined."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from cases.enums import ContactPurpose, ContactRule, FlagKind
from cases.rules.contact_budget.local_days import midnight_after
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.contact_budget.question import Asked, Circumstance, KnownOfPerson
from cases.rules.contact_budget.refusals import ContactRefusal, refusal

P = ContactPurpose
COLLECTION: Final = frozenset({P.COLLECTION, P.VERIFICATION, P.VISIT_NOTICE})
ANSWERS: Final = frozenset({P.COMPLAINT_ANSWER, P.REQUEST_ANSWER})
INFORMATIVE: Final = ANSWERS | {P.DUE_REMINDER}
# What a person may still be contacted for in a circumstance. A kind that is missing here leaves the answers that they
# wait for, and nothing else.
STILL_ALLOWED: Final[Mapping[FlagKind, frozenset[ContactPurpose]]] = MappingProxyType(
    {
        # The estate has its own procedure; a contact person may be asked how to reach the heirs.
        FlagKind.DECEASED: frozenset({P.RESTORE_CONTACT}),
        FlagKind.HARDSHIP: INFORMATIVE,
        FlagKind.VULNERABLE: INFORMATIVE,
        # Handled with the people: the representative is contacted instead.
        FlagKind.REPRESENTED: frozenset(P),
        # Visits have their own guard.
        FlagKind.OPTED_OUT_OF_VISITS: frozenset(P) - {P.VISIT_NOTICE},
    }
)


def ends_at(*, policy: ContactPolicy, zone: ZoneInfo, circumstance: Circumstance) -> datetime | None:
    """Return the instant at which a circumstance ends; None if only a person ends it. Recovery follows a hospital."""
    if circumstance.last_day is None:
        return None
    more = policy.after_hospital_days if circumstance.kind == FlagKind.HOSPITAL else 0
    return midnight_after(day=circumstance.last_day + timedelta(days=more), zone=zone)


def holds(*, policy: ContactPolicy, zone: ZoneInfo, at: datetime, circumstance: Circumstance) -> bool:
    """Return whether a circumstance holds at `at`."""
    until = ends_at(policy=policy, zone=zone, circumstance=circumstance)
    return until is None or at < until


def protection_refusals(
    *, policy: ContactPolicy, zone: ZoneInfo, at: datetime, asked: Asked, known: KnownOfPerson
) -> Iterator[ContactRefusal]:
    """Yield what protects the person at `at`. Only collection is refused after a promise or a declined talk, or by a plan or grace."""
    for each in known.circumstances:
        if asked.purpose in STILL_ALLOWED.get(each.kind, ANSWERS):
            continue
        if holds(policy=policy, zone=zone, at=at, circumstance=each):
            until = ends_at(policy=policy, zone=zone, circumstance=each)
            yield refusal(rule=ContactRule.CIRCUMSTANCE, policy=policy, until=until, about=each.kind)
    if asked.purpose not in COLLECTION:
        return
    if known.plan_runs:
        yield refusal(rule=ContactRule.PLAN_ACTIVE, policy=policy)
    if known.grace_runs:
        yield refusal(rule=ContactRule.GRACE, policy=policy)
    if known.promise_due_on is not None:
        until = midnight_after(day=_plus(known.promise_due_on, policy.after_promise_days), zone=zone)
        if at < until:
            yield refusal(rule=ContactRule.AFTER_PROMISE, policy=policy, until=until)
    if known.talk_refused_at is not None:
        until = known.talk_refused_at + timedelta(days=policy.after_refusal_days)
        if at < until:
            yield refusal(rule=ContactRule.AFTER_REFUSAL, policy=policy, until=until)


def _plus(day: date, days: int) -> date:
    return day + timedelta(days=days)
