"""What the rules of contact look at: who shall be contacted how, what went before, and what protects the person."""

from dataclasses import dataclass
from datetime import date, datetime, time

from cases.enums import Channel, ContactPurpose, FlagKind, RelatedRole, WishKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A person around the debt who shall be contacted in place of the borrower. `ends_on` is the relation's last day."""

    role: RelatedRole
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The contact that somebody wants to make. `number` is the blind index of the number, empty where there is none."""

    channel: Channel
    purpose: ContactPurpose
    number: bytes = b""
    related: Related | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastContact:
    """An outbound contact that was made; `reached` if the borrower in person was spoken to or read it."""

    at: datetime
    channel: Channel
    number: bytes = b""
    reached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """
    A permit that may still become a contact: it counts as one that reached the borrower.

    It counts until `ends_at`. A visit's permit is asked for at the door, so that it counts on the day of `asked_at`.
    """

    asked_at: datetime
    ends_at: datetime
    channel: Channel
    number: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstance:
    """A circumstance of the person. It holds to the end of `last_day`, without one until somebody ends it."""

    kind: FlagKind
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Times of a day, local at the borrower, in [opens, closes), that the borrower named; good from and to an instant."""

    kind: WishKind
    opens: time
    closes: time
    granted_at: datetime
    last_day: date
    evidence_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOfPerson:
    """
    What is known of the person when somebody asks. All is of the person; `plan_runs` and `grace_runs` are of the borrower asked about.

    `contacts` are the outbound contacts of the last 31 days, `talk_refused_at` the last talk that was declined,
    `promise_due_on` the last open promise's day. `representative` is one who is on file and whose relation runs, whether or not it
    is they who shall be contacted. `number_stopped` says that somebody who may be reached by that number refused contact.
    """

    contacts: tuple[PastContact, ...] = ()
    contacts_by_number: tuple[datetime, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    reservations_by_number: tuple[Reservation, ...] = ()
    circumstances: tuple[Circumstance, ...] = ()
    wishes: tuple[Wish, ...] = ()
    talk_refused_at: datetime | None = None
    promise_due_on: date | None = None
    plan_runs: bool = False
    grace_runs: bool = False
    represented: bool = False
    representative_until: date | None = None
    unreachable: bool = False
    number_stopped: bool = False
