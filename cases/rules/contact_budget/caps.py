"""How often a person is spoken to and a number tried, whichever loan, agency or program asks. Inbound contacts never count."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cases.enums import Channel, ContactRule
from cases.rules.contact_budget.local_days import midnight_after
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.contact_budget.question import Asked, KnownOfPerson, PastContact, Reservation
from cases.rules.contact_budget.refusals import ContactRefusal, refusal

WEEK, MONTH = 7, 30


def free_from(*, ends: Iterable[datetime], cap: int) -> datetime | None:
    """
    Return when fewer than `cap` of the things that end at `ends` are left; None if the cap is zero.

    The caller passes only those that still count.
    """
    last = sorted(ends)
    return last[len(last) - cap] if 1 <= cap <= len(last) else None


def conversation_refusals(
    *, policy: ContactPolicy, zone: ZoneInfo, at: datetime, known: KnownOfPerson
) -> Iterator[ContactRefusal]:
    """Yield the caps of conversations that are used up at `at`. A permit that may still become a contact counts as one."""
    reached = [contact for contact in known.contacts if contact.reached]
    standing = [each for each in known.reservations if each.ends_at > at]
    day = at.astimezone(zone).date()
    midnight = midnight_after(day=day, zone=zone)
    of_day = [
        *(midnight for contact in reached if contact.at.astimezone(zone).date() == day),
        *(min(each.ends_at, midnight) for each in standing if each.asked_at.astimezone(zone).date() == day),
    ]
    caps = (
        (ContactRule.CONVERSATIONS_A_DAY, policy.conversations_a_day, of_day),
        (ContactRule.CONVERSATIONS_A_WEEK, policy.conversations_a_week, _in_days(WEEK, at, reached, standing)),
        (ContactRule.CONVERSATIONS_A_MONTH, policy.conversations_a_month, _in_days(MONTH, at, reached, standing)),
    )
    for rule, cap, ends in caps:
        if cap is not None and len(ends) >= cap:
            yield refusal(rule=rule, policy=policy, until=free_from(ends=ends, cap=cap))


def try_refusals(
    *, policy: ContactPolicy, zone: ZoneInfo, at: datetime, asked: Asked, known: KnownOfPerson
) -> Iterator[ContactRefusal]:
    """Yield the caps of tries of the number on the day, and of calls to the person, that are used up at `at`."""
    day = at.astimezone(zone).date()
    midnight = midnight_after(day=day, zone=zone)
    tries = [
        *(midnight for each in known.contacts_by_number if each.astimezone(zone).date() == day),
        *(
            min(each.ends_at, midnight)
            for each in known.reservations_by_number
            if each.ends_at > at and each.asked_at.astimezone(zone).date() == day
        ),
    ]
    if asked.number and policy.tries_a_number is not None and len(tries) >= policy.tries_a_number:
        until = free_from(ends=tries, cap=policy.tries_a_number)
        yield refusal(rule=ContactRule.TRIES_A_NUMBER, policy=policy, until=until)
    if asked.channel != Channel.VOICE:
        return
    calls = [contact for contact in known.contacts if contact.channel == Channel.VOICE]
    standing = [each for each in known.reservations if each.channel == Channel.VOICE and each.ends_at > at]
    ends = _in_days(WEEK, at, calls, standing)
    if policy.calls_a_week is not None and len(ends) >= policy.calls_a_week:
        yield refusal(rule=ContactRule.CALLS_A_WEEK, policy=policy, until=free_from(ends=ends, cap=policy.calls_a_week))
    if policy.after_conversation_days is not None:
        spoken = [contact for contact in calls if contact.reached]
        after = _in_days(policy.after_conversation_days, at, spoken, standing)
        if after:
            yield refusal(rule=ContactRule.AFTER_CONVERSATION, policy=policy, until=max(after))


def _in_days(
    days: int, at: datetime, contacts: Iterable[PastContact], standing: Iterable[Reservation]
) -> list[datetime]:
    """Return when each contact of the last `days` days, and each permit that stands, stops counting."""
    span = timedelta(days=days)
    return [
        *(contact.at + span for contact in contacts if contact.at + span > at),
        *(each.ends_at for each in standing),
    ]
