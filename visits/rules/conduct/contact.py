"""What the conduct rules look at: the proposed visit, what went before, and what protects the borrower."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from cases.enums import AddressKind, FlagKind
from visits.enums import AgencyState, Protection
from visits.rules.conduct.door import Door

# What each flag on a borrower's file means for visits. A flag in force always protects.
PROTECTION_OF_FLAG: Mapping[FlagKind, Protection] = MappingProxyType(
    {
        FlagKind.VULNERABLE: Protection.SPECIAL_CARE,
        FlagKind.HARDSHIP: Protection.HARDSHIP_PENDING,
        FlagKind.BEREAVED: Protection.BEREAVED,
        FlagKind.DECEASED: Protection.DECEASED,
        FlagKind.REPRESENTED: Protection.REPRESENTED,
        FlagKind.DISPUTED: Protection.DISPUTED,
        FlagKind.COMPLAINT: Protection.COMPLAINT_OPEN,
        FlagKind.CEASE: Protection.CEASE,
        FlagKind.DISASTER: Protection.DISASTER,
        FlagKind.HOSPITAL: Protection.HOSPITAL,
        FlagKind.DETAINED: Protection.DETAINED,
        FlagKind.FRAUD_CLAIM: Protection.FRAUD_CLAIM,
        FlagKind.OPTED_OUT_OF_VISITS: Protection.VISIT_DECLINED,
        FlagKind.ILLNESS: Protection.ILLNESS,
        FlagKind.CHILDBIRTH: Protection.CHILDBIRTH,
        FlagKind.DISABLED: Protection.DISABLED,
        FlagKind.AGED: Protection.AGED,
        FlagKind.SELF_HARM: Protection.SELF_HARM,
        FlagKind.OCCASION: Protection.OCCASION,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVisit:
    """
    A visit made or already planned, by its start. Future ones count, so caps hold in any order of booking.

    Visits to several people of one door with the same `household_ref` are one visit of the household.
    """

    starts_at: datetime
    door: Door
    placement_ref: str = ""
    agency_ref: str = ""
    household_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactHistory:
    """
    Everything about earlier contact that limits a visit, across loans, agencies and tenants' systems.

    `visits` are those of the person, at any door; `at_doors` those of other people at the person's doors. Neither must hold
    the visit that is being asked about. `promise_due_on` is the latest open promise.
    """

    visits: tuple[PastVisit, ...] = ()
    at_doors: tuple[PastVisit, ...] = ()
    talk_refused_at: datetime | None = None
    promise_due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """
    One protection of the borrower. Without `until` it holds until somebody lifts it.

    With `since` and `until`, the policy's minimum length for that kind still holds. Visits that start before
    `not_before` are not refused: a birthday that is still to come.
    """

    kind: Protection
    since: datetime | None = None
    until: datetime | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptTotals:
    """
    Remote contact tried before, for the test of last resort (domain table b, unreachable).

    Days are local days up to the day asked about: 0 is today, None never.
    """

    attempts: int = 0
    days_spanned: int = 0
    channels: int = 0
    dayparts: int = 0
    right_party_contacts: int = 0
    voice_failure_days: int = 0
    all_numbers_invalid: bool = False
    days_since_app_use: int | None = None
    days_since_reached: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedTime:
    """A time outside the visit window that the borrower asked for, with the recording that proves it."""

    opens_at: datetime
    closes_at: datetime
    granted_at: datetime
    expires_at: datetime
    evidence_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewMember:
    """
    One person of the crew on the day of the visit. `orders_that_day` does not count this visit.

    `confirmed`: the lender has confirmed them and they are active; `certified`: a certificate of theirs is valid that day.
    """

    ref: str
    agency_ref: str
    confirmed: bool = False
    screened: bool = False
    certified: bool = False
    confidentiality_signed: bool = False
    exam_passed_on: date | None = None
    orders_that_day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyStanding:
    """
    The agency that holds the placement.

    It is on the list to the last day of its contract and of the shortest of its required papers; None is no valid paper.
    """

    ref: str
    state: AgencyState
    listed: bool
    contract_ends_on: date
    papers_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """The lender's written mandate to the agency; both days included."""

    agency_ref: str
    issued_on: date
    expires_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitProposal:
    """
    A visit as somebody would have it. Instants are aware; `notice_at` is when notice was or will be sent.

    `has_reason`: an open reason of the policy needs a visit. `borrower_asked`: they wished it, with a record of the wish.
    `place_consent_ref` is the borrower's recorded consent to be visited at that place, `permission_ref` their recorded
    permission to be visited at all, where a jurisdiction asks for it first. `household_ref` is the household visit that this
    one is a part of; empty for one that goes to one person alone.

    :raises ValueError: if an instant is naive or the visit does not end after it starts.
    """

    starts_at: datetime
    ends_at: datetime
    door: Door
    placement_ref: str
    place: AddressKind
    approved_at: datetime
    notice_at: datetime | None
    crew: tuple[CrewMember, ...]
    agency: AgencyStanding
    mandate: Mandate | None
    has_reason: bool = False
    borrower_asked: bool = False
    attempts: AttemptTotals = AttemptTotals()
    place_consent_ref: str = ""
    permission_ref: str = ""
    agreed_time: AgreedTime | None = None
    household_ref: str = ""

    def __post_init__(self) -> None:
        for instant in (self.starts_at, self.ends_at, self.approved_at, self.notice_at):
            if instant is not None and instant.tzinfo is None:
                raise ValueError("Instants must carry their time zone.")
        if self.ends_at <= self.starts_at:
            raise ValueError("A visit must end after it starts.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """One crew member's check-in, by the server's clock, in degrees and metres."""

    crew_ref: str
    at: datetime
    latitude: float
    longitude: float
    accuracy_m: float
    is_mock: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What is known at the knock. `badge_evidence_ref` is the photograph of badges and mandate at the door."""

    check_ins: tuple[CheckIn, ...]
    target_latitude: float
    target_longitude: float
    is_rural: bool = False
    is_indoors: bool = False
    badge_evidence_ref: str = ""
