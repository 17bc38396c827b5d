"""A lawful visit as the conduct rules see it, and what they refuse about it."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.enums import AddressKind
from cases.rules.calendar import Calendar
from visits.enums import AgencyState
from visits.rules.conduct.clauses import ConductRule
from visits.rules.conduct.contact import (
    AgencyStanding,
    Arrival,
    AttemptTotals,
    CheckIn,
    ContactHistory,
    CrewMember,
    Flag,
    Mandate,
    VisitProposal,
)
from visits.rules.conduct.door import Door
from visits.rules.conduct.guard import may_schedule_visit
from visits.rules.conduct.policy import ConductPolicy

CN = ConductPolicy()
NO_NOTICES = Calendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Tuesday that is no holiday.
NOON = datetime(2026, 11, 24, 12, tzinfo=SHANGHAI)
NO_HISTORY = ContactHistory()
UNREACHED = AttemptTotals(attempts=6, days_spanned=7, channels=3, dayparts=3, voice_failure_days=3)


def member(ref: str, **changes: Any) -> CrewMember:
    sound = CrewMember(
        ref=ref,
        agency_ref="A1",
        confirmed=True,
        screened=True,
        certified=True,
        confidentiality_signed=True,
        exam_passed_on=date(2026, 6, 1),
    )
    return replace(sound, **changes)


LAWFUL = VisitProposal(
    starts_at=NOON,
    ends_at=NOON + timedelta(minutes=30),
    door=Door(key="home"),
    placement_ref="P1",
    place=AddressKind.RESIDENCE,
    approved_at=NOON - timedelta(days=4),
    notice_at=NOON - timedelta(hours=72),
    crew=(member("c1"), member("c2")),
    agency=AgencyStanding(
        ref="A1",
        state=AgencyState.ACTIVE,
        listed=True,
        contract_ends_on=date(2027, 6, 30),
        papers_until=date(2027, 3, 31),
    ),
    mandate=Mandate(agency_ref="A1", issued_on=date(2026, 10, 1), expires_on=date(2026, 12, 15)),
    attempts=UNREACHED,
)


def refused(proposal: VisitProposal = LAWFUL, history: ContactHistory = NO_HISTORY, *flags: Flag) -> list[ConductRule]:
    refusals = may_schedule_visit(policy=CN, calendar=NO_NOTICES, proposal=proposal, history=history, flags=flags)
    return [refusal.rule for refusal in refusals]


HOME = (30.25, 120.15)
METRE = 1 / 111_195


def check_in(ref: str, *, metres: float = 0, seconds: int = 0, **changes: Any) -> CheckIn:
    sound = CheckIn(
        crew_ref=ref,
        at=NOON - timedelta(minutes=5) + timedelta(seconds=seconds),
        latitude=HOME[0] + metres * METRE,
        longitude=HOME[1],
        accuracy_m=20,
    )
    return replace(sound, **changes)


def arrived(*check_ins: CheckIn, **changes: Any) -> Arrival:
    sound = Arrival(
        check_ins=check_ins, target_latitude=HOME[0], target_longitude=HOME[1], badge_evidence_ref="photo-1"
    )
    return replace(sound, **changes)
