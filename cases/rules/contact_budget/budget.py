"""
Whether a person may be contacted now.

Every rule that refuses is returned, never only the first, so that whoever asks sees all at once what stands in the way.
"""

from datetime import datetime, timedelta

from cases.enums import Channel
from cases.rules.calendar import Calendar
from cases.rules.contact_budget.caps import conversation_refusals, try_refusals
from cases.rules.contact_budget.hours import closes_at, has_hours, hours_refusals
from cases.rules.contact_budget.local_days import zone_of
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.contact_budget.protection import protection_refusals
from cases.rules.contact_budget.question import Asked, KnownOfPerson
from cases.rules.contact_budget.recipients import recipient_refusals
from cases.rules.contact_budget.refusals import ContactRefusal


def contact_refusals(
    *,
    policy: ContactPolicy,
    calendar: Calendar | None,
    time_zone: str,
    asked: Asked,
    known: KnownOfPerson,
    at: datetime,
) -> tuple[ContactRefusal, ...]:
    """
    Return every reason why a contact may not begin at `at`; empty means it may.

    `time_zone` is that of the borrower's territory. A visit is asked about conversations only: its hours, circumstances
    and people are the visit guard's.
    """
    zone = zone_of(policy=policy, time_zone=time_zone)
    talks = conversation_refusals(policy=policy, zone=zone, at=at, known=known)
    if asked.channel == Channel.VISIT:
        return tuple(talks)
    hours = (
        hours_refusals(policy=policy, calendar=calendar, zone=zone, at=at, wishes=known.wishes)
        if has_hours(channel=asked.channel)
        else ()
    )
    return (
        *protection_refusals(policy=policy, zone=zone, at=at, asked=asked, known=known),
        *recipient_refusals(policy=policy, zone=zone, at=at, asked=asked, known=known),
        *hours,
        *talks,
        *try_refusals(policy=policy, zone=zone, at=at, asked=asked, known=known),
    )


def good_until(*, policy: ContactPolicy, time_zone: str, asked: Asked, known: KnownOfPerson, at: datetime) -> datetime:
    """
    Return until when a contact that is allowed at `at` may begin: never after the hours of contact or the local day end.

    A visit's permit is good until the visit is reported.
    """
    if asked.channel == Channel.VISIT:
        return at + timedelta(days=policy.visit_report_days)
    zone = zone_of(policy=policy, time_zone=time_zone)
    closes = closes_at(policy=policy, zone=zone, at=at, channel=asked.channel, wishes=known.wishes)
    return min(at + timedelta(minutes=policy.permit_minutes), closes)


def counts_until(*, policy: ContactPolicy, channel: Channel, good: datetime) -> datetime:
    """Return until when a permit that is good until `good` takes a place, unless it is used or given back before."""
    return good if channel == Channel.VISIT else good + timedelta(minutes=policy.report_minutes)
