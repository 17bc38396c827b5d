"""
The conduct guard: whether a visit may be scheduled, whether it may start, and when it could.

Every rule that refuses is returned, never only the first, so that whoever plans sees all that is
missing at once. Sources and limits are parameters (`clauses`, `policy`); the operator's lawyers must
confirm them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from cases.enums import AddressKind
from cases.rules.calendar import Calendar
from visits.rules.conduct.clauses import CLAUSES, Clause, ConductRule, Refusal
from visits.rules.conduct.contact import (
    AgreedTime,
    Arrival,
    AttemptTotals,
    CheckIn,
    ContactHistory,
    CrewMember,
    Flag,
    PastVisit,
    VisitProposal,
)
from visits.rules.conduct.crew import agency_refusals, arrival_refusals, crew_refusals
from visits.rules.conduct.door import Door
from visits.rules.conduct.last_resort import gaps_text, last_resort_gaps
from visits.rules.conduct.permission import permission_refusals
from visits.rules.conduct.policy import ConductPolicy, PolicyLoosened, tightened
from visits.rules.conduct.timing import cap_refusals, cool_off_refusals, hour_refusals, protection_refusals

__all__ = [
    "CLAUSES",
    "AgreedTime",
    "Arrival",
    "AttemptTotals",
    "CheckIn",
    "Clause",
    "ConductPolicy",
    "ConductRule",
    "ContactHistory",
    "CrewMember",
    "Door",
    "Flag",
    "PastVisit",
    "PolicyLoosened",
    "Refusal",
    "VisitProposal",
    "earliest_lawful_slot",
    "last_resort_gaps",
    "may_schedule_visit",
    "may_start",
    "tightened",
]

SLOT_HORIZON_DAYS = 400


def may_schedule_visit(
    *,
    policy: ConductPolicy,
    calendar: Calendar,
    proposal: VisitProposal,
    history: ContactHistory,
    flags: Iterable[Flag],
) -> tuple[Refusal, ...]:
    """
    Return every reason why the proposed visit may not be scheduled; empty means it may.

    Hours are the borrower's local ones (official zone). `history` must include planned visits and
    exclude this one. A refusal's `until` is when that one rule stops refusing.
    """
    flags = tuple(flags)
    return (
        *_when_refusals(
            policy=policy,
            calendar=calendar,
            starts_at=proposal.starts_at,
            ends_at=proposal.ends_at,
            history=history,
            flags=flags,
            door=proposal.door,
            placement_ref=proposal.placement_ref,
            agency_ref=proposal.agency.ref,
            agreed_time=proposal.agreed_time,
            household_ref=proposal.household_ref,
        ),
        *_order_refusals(policy=policy, proposal=proposal),
        *place_refusals(proposal=proposal),
        *permission_refusals(policy=policy, proposal=proposal),
        *crew_refusals(policy=policy, proposal=proposal),
        *agency_refusals(policy=policy, proposal=proposal),
    )


def may_start(
    *,
    policy: ConductPolicy,
    calendar: Calendar,
    proposal: VisitProposal,
    history: ContactHistory,
    flags: Iterable[Flag],
    at: datetime,
    arrival: Arrival,
) -> tuple[Refusal, ...]:
    """
    Return every reason why the crew may not knock at `at` (server clock); empty means they may.

    All scheduling rules are asked again with the visit moved to `at` at its planned length, then
    what only the doorstep shows: both checked in together, at the address, badges and mandate held up.
    """
    moved = replace(proposal, starts_at=at, ends_at=at + (proposal.ends_at - proposal.starts_at))
    return (
        *may_schedule_visit(policy=policy, calendar=calendar, proposal=moved, history=history, flags=flags),
        *arrival_refusals(policy=policy, proposal=proposal, arrival=arrival),
    )


def earliest_lawful_slot(
    *,
    policy: ConductPolicy,
    calendar: Calendar,
    not_before: datetime,
    duration_minutes: int,
    history: ContactHistory,
    flags: Iterable[Flag],
    door: Door | None = None,
    placement_ref: str = "",
    agency_ref: str = "",
) -> datetime | None:
    """
    Return the first start, not before `not_before`, that no rule of time refuses (UTC or as given).

    None if a protection is open-ended, the placement's visits are used up, the visit is longer than
    the visit window, or nothing is free within 400 days. Crew, place and order are not looked at, nor the caps of a door
    without `door`.
    """
    flags = tuple(flags)
    start, horizon = not_before, not_before + timedelta(days=SLOT_HORIZON_DAYS)
    while start <= horizon:
        refusals = _when_refusals(
            policy=policy,
            calendar=calendar,
            starts_at=start,
            ends_at=start + timedelta(minutes=duration_minutes),
            history=history,
            flags=flags,
            door=door,
            placement_ref=placement_ref,
            agency_ref=agency_ref,
            agreed_time=None,
        )
        if not refusals:
            return start.astimezone(not_before.tzinfo)
        ends = [refusal.until for refusal in refusals if refusal.until is not None]
        if len(ends) < len(refusals):
            return None
        # Each `until` is the first instant its own rule allows, so no lawful start is skipped.
        start = max(ends)
    return None


def place_refusals(*, proposal: VisitProposal) -> Iterator[Refusal]:
    """Yield why nobody may go to the place of a visit: never visited, newly found, or without the borrower's consent."""
    has_consent = bool(proposal.place_consent_ref.strip())
    if proposal.place == AddressKind.SCHOOL:
        yield Refusal(rule=ConductRule.PLACE, message=_("Schools are never visited; choose another address."))
    elif proposal.place == AddressKind.NEW:
        yield Refusal(rule=ConductRule.PLACE, message=_("The address is newly found; have it approved first."))
    elif proposal.place == AddressKind.RELATIVE and not has_consent:
        message = _("A relative's home needs the borrower's recorded consent.")
        yield Refusal(rule=ConductRule.PLACE, message=message)
    elif proposal.place == AddressKind.EMPLOYER and not has_consent:
        message = _("A workplace needs the borrower's recorded consent; reception only.")
        yield Refusal(rule=ConductRule.WORKPLACE_CONSENT, message=message)


def _when_refusals(
    *,
    policy: ConductPolicy,
    calendar: Calendar,
    starts_at: datetime,
    ends_at: datetime,
    history: ContactHistory,
    flags: tuple[Flag, ...],
    door: Door | None,
    placement_ref: str,
    agency_ref: str,
    agreed_time: AgreedTime | None,
    household_ref: str = "",
) -> tuple[Refusal, ...]:
    return (
        *protection_refusals(policy=policy, starts_at=starts_at, flags=flags),
        *hour_refusals(policy=policy, calendar=calendar, starts_at=starts_at, ends_at=ends_at, agreed_time=agreed_time),
        *cap_refusals(
            policy=policy,
            starts_at=starts_at,
            history=history,
            door=door,
            placement_ref=placement_ref,
            agency_ref=agency_ref,
            household_ref=household_ref,
        ),
        *cool_off_refusals(policy=policy, starts_at=starts_at, history=history),
    )


def _order_refusals(*, policy: ConductPolicy, proposal: VisitProposal) -> Iterator[Refusal]:
    if not proposal.borrower_asked:
        gaps = last_resort_gaps(policy=policy, attempts=proposal.attempts, has_reason=proposal.has_reason)
        if gaps:
            yield Refusal(rule=ConductRule.LAST_RESORT, message=gaps_text(gaps=gaps))
    if proposal.starts_at > proposal.approved_at + timedelta(days=policy.order_valid_days):
        yield Refusal(rule=ConductRule.ORDER_LAPSED, message=_("The order has lapsed; have it approved again."))
    if proposal.notice_at is None:
        yield Refusal(rule=ConductRule.NOTICE, message=_("The borrower has had no notice; send it first."))
    else:
        until = proposal.notice_at + timedelta(hours=policy.notice_min_hours)
        if proposal.starts_at < until:
            message = _("The notice is too short; start later.")
            yield Refusal(rule=ConductRule.NOTICE, message=message, until=until)
