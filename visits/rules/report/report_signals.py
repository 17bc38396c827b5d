"""
Reasons to check a report as a whole: its times, its ways and its text. Reasons, never findings about a crew.

What an honest crew meets raises none of them: an inaccurate position, none at all, the house next door, a short visit to a
closed door. The weights are house values, added to the score of the report's worst photograph.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from visits.enums import Finding
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.door_times import TALK_FINDINGS
from visits.rules.report.text_copies import SHARED_MIN
from visits.trust_enums import ReportSignal

REPORT_WEIGHTS: Final[Mapping[ReportSignal, int]] = MappingProxyType(
    {
        ReportSignal.TALK_OUTSIDE_STAY: -20,
        ReportSignal.LONG_STAY: -30,
        ReportSignal.TEXT_COPIED: -30,
        ReportSignal.SHORT_STAY: -45,
        ReportSignal.PICTURES_REPEATED: -45,
        ReportSignal.POSITION_REPEATED: -45,
        ReportSignal.PHOTO_POSITION_REPEATED: -45,
        ReportSignal.TRAVEL_TOO_FAST: -50,
        ReportSignal.PHONE_TOO_FAST: -50,
        ReportSignal.TWO_PLACES: -50,
    }
)
# Below this distance a jump is the error of two positions, not a journey.
JOURNEY_MIN_M: Final = 2_000
# So far apart within so few seconds is two places at once, which a speed over a short way does not show.
TWO_PLACES_M: Final = 1_000
TWO_PLACES_SECONDS: Final = 60
# Sections of a report that a talk filled; fewer are noted at the door in a moment.
FULL_SECTIONS: Final = 2
# A position repeated to the metre at so many further addresses is no chance.
OTHER_ADDRESSES_MIN: Final = 2
# A photograph taken twice is a slip; more are one picture sent for several.
REPEATED_MIN: Final = 2
OUTSIDE_STAY: Final = frozenset({"CONTACT_BEFORE_CHECK_IN", "CONTACT_AFTER_CHECK_OUT", "CONTACT_OUTSIDE_WINDOW"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """
    From one check-in or check-out of a person, or of a telephone, to the next at another visit.

    `metres` is without what both positions are inaccurate by.
    """

    metres: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """
    What the rules look at. Instants are by the server's clock; None where nobody checked in or out.

    `journeys` are those of the crew's members, `phone_journeys` those of telephones that went from one member to another.
    `same_place_addresses` counts the further addresses at which somebody checked in at the very same position, and
    `same_photo_place_addresses` those of which the same agency sent photographs taken at the very same position;
    `shared_pieces` is the most that the text shares with a report on another borrower, of 32.
    """

    findings: tuple[Finding, ...]
    sections: int
    opened_at: datetime | None
    left_at: datetime | None
    submitted_at: datetime
    incident_codes: frozenset[str] = frozenset()
    journeys: tuple[Journey, ...] = ()
    phone_journeys: tuple[Journey, ...] = ()
    same_place_addresses: int = 0
    same_photo_place_addresses: int = 0
    shared_pieces: int = 0
    repeated_pictures: int = 0


def report_signals(*, policy: ConductPolicy, facts: ReportFacts) -> tuple[ReportSignal, ...]:
    """Return every reason to check the report, each at most once, in a fixed order."""
    return tuple(_signals(policy, facts))


def _signals(policy: ConductPolicy, facts: ReportFacts) -> Iterator[ReportSignal]:
    # One way is one reason, however many words fit it.
    if _at_two_places((*facts.journeys, *facts.phone_journeys)):
        yield ReportSignal.TWO_PLACES
    elif _too_fast(facts.journeys, kmh_max=policy.travel_kmh_max):
        yield ReportSignal.TRAVEL_TOO_FAST
    elif _too_fast(facts.phone_journeys, kmh_max=policy.travel_kmh_max):
        yield ReportSignal.PHONE_TOO_FAST
    # A telephone that keeps an old position writes it into check-ins and photographs alike.
    if facts.same_place_addresses >= OTHER_ADDRESSES_MIN:
        yield ReportSignal.POSITION_REPEATED
    elif facts.same_photo_place_addresses >= OTHER_ADDRESSES_MIN:
        yield ReportSignal.PHOTO_POSITION_REPEATED
    if facts.opened_at is not None:
        # Without a check-out the crew was there until it handed the report in, at most.
        stay = (facts.left_at or facts.submitted_at) - facts.opened_at
        is_full = bool(TALK_FINDINGS.intersection(facts.findings)) and facts.sections >= FULL_SECTIONS
        if is_full and stay < timedelta(seconds=policy.talk_seconds_min):
            yield ReportSignal.SHORT_STAY
        if facts.left_at is not None and stay > timedelta(hours=policy.stay_hours_max):
            yield ReportSignal.LONG_STAY
    if OUTSIDE_STAY & facts.incident_codes:
        yield ReportSignal.TALK_OUTSIDE_STAY
    if facts.shared_pieces >= SHARED_MIN:
        yield ReportSignal.TEXT_COPIED
    if facts.repeated_pictures >= REPEATED_MIN:
        yield ReportSignal.PICTURES_REPEATED


def _at_two_places(journeys: Iterable[Journey]) -> bool:
    return any(each.metres > TWO_PLACES_M and each.seconds <= TWO_PLACES_SECONDS for each in journeys)


def _too_fast(journeys: Iterable[Journey], *, kmh_max: int) -> bool:
    return any(
        journey.metres > JOURNEY_MIN_M and journey.metres / max(journey.seconds, 1.0) * 3.6 > kmh_max
        for journey in journeys
    )
