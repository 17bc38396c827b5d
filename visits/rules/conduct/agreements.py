"""What a borrower agreed to about visits: a time outside of the hours of visits, and a place that needs their consent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cases.enums import AddressKind
from cases.rules.calendar import Calendar
from visits.rules.conduct import timing
from visits.rules.conduct.clauses import ConductRule
from visits.rules.conduct.contact import AgreedTime
from visits.rules.conduct.door import Door
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.conduct.timing import agreed_time_problem, hour_refusals, local_time

# Nobody is visited at one of these without the borrower's recorded consent.
NEEDS_CONSENT: Final = frozenset({AddressKind.RELATIVE, AddressKind.EMPLOYER})
# With the consent the crew asks for the borrower at the reception, and goes no further.
RECEPTION_ONLY: Final = frozenset({AddressKind.EMPLOYER})
HOURS: Final = frozenset({ConductRule.QUIET_HOURS, ConductRule.VISIT_WINDOW})
# What refuses a visit whose consent the borrower has withdrawn.
CONSENT_RULES: Final = HOURS | {ConductRule.AGREED_TIME, ConductRule.PLACE, ConductRule.WORKPLACE_CONSENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceConsent:
    """The borrower's consent to be visited at a door that was an address of this kind when they gave it."""

    door: Door
    place: AddressKind
    granted_at: datetime
    expires_at: datetime
    evidence_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreements:
    """What a person agreed to and has not withdrawn. The times are those outside of the hours of visits."""

    times: tuple[AgreedTime, ...] = ()
    places: tuple[PlaceConsent, ...] = ()


NO_AGREEMENTS: Final = Agreements()


def expires_at(*, policy: ConductPolicy, granted_at: datetime, last_day: date | None = None) -> datetime:
    """Return the end of an agreement: `exception_max_days` after it was given, or the end of `last_day` if that is earlier."""
    longest = granted_at + timedelta(days=policy.exception_max_days)
    if last_day is None:
        return longest
    midnight = datetime.combine(last_day, time(0), tzinfo=ZoneInfo(policy.official_time_zone)) + timedelta(days=1)
    return min(longest, midnight)


def is_outside_hours(*, policy: ConductPolicy, starts_at: datetime, ends_at: datetime) -> bool:
    """Return whether a visit in [starts_at, ends_at] needs an agreed time: it leaves the visit window or the day."""
    # Holidays are no matter of hours: they are left out of the question.
    found = hour_refusals(policy=policy, calendar=Calendar(), starts_at=starts_at, ends_at=ends_at)
    return any(refusal.rule in HOURS for refusal in found)


def time_for(
    *, policy: ConductPolicy, agreements: Agreements, starts_at: datetime, ends_at: datetime
) -> AgreedTime | None:
    """
    Return the agreed time that a visit in [starts_at, ends_at] rests on; of several that hold it, the one that ends last.

    A visit inside the visit window rests on none. One outside of it that no agreed time holds gets one of its day, so that
    whoever plans it reads why that one does not hold; None if the day has none.
    """
    if not agreements.times or not is_outside_hours(policy=policy, starts_at=starts_at, ends_at=ends_at):
        return None
    holding = [
        each
        for each in agreements.times
        if agreed_time_problem(policy=policy, agreed=each, starts_at=starts_at, ends_at=ends_at) is None
    ]
    if holding:
        return max(holding, key=lambda each: each.closes_at)
    return next(iter(times_of_day(policy=policy, times=agreements.times, day=_day(policy, starts_at))), None)


def times_of_day(*, policy: ConductPolicy, times: Iterable[AgreedTime], day: date) -> list[AgreedTime]:
    """Return those of the agreed times that begin on a day by the clock at the address."""
    return [each for each in times if _day(policy, each.opens_at) == day]


def place_consent(
    *, policy: ConductPolicy, agreements: Agreements, door: Door, place: AddressKind, at: datetime
) -> str:
    """
    Return the record of the consent to a visit at `at` at this door, "" without one.

    It is a consent to this door and no other, given for an address of the same kind, and in force to its last instant.
    """
    for each in agreements.places:
        longest = each.granted_at + timedelta(days=policy.exception_max_days)
        in_force = each.granted_at <= at <= min(each.expires_at, longest)
        # For caps, doors in cities that are not known count as one; a consent holds for the door that was named alone.
        if in_force and each.place == place and each.door == door:
            return each.evidence_ref.strip()
    return ""


def window_closes_at(
    *, policy: ConductPolicy, agreements: Agreements, starts_at: datetime, ends_at: datetime
) -> datetime:
    """Return until when a visit planned for [starts_at, ends_at] may last: the end of the visit window or of its agreed time."""
    agreed = time_for(policy=policy, agreements=agreements, starts_at=starts_at, ends_at=ends_at)
    return timing.closes_at(policy=policy, at=starts_at) if agreed is None else agreed.closes_at


def _day(policy: ConductPolicy, at: datetime) -> date:
    return local_time(policy=policy, at=at).date()
