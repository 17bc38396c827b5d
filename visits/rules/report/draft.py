"""A report as the checks see it, and what they find wrong with it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from visits.enums import (
    AddressVerdict,
    Disclosure,
    DocumentKind,
    DocumentVerdict,
    EvidenceKind,
    Finding,
    PersonMet,
    Recommendation,
    VisitPurpose,
)
from visits.rules.conduct.contact import CheckIn


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaItem:
    """One photograph or recording attached to the report."""

    kind: EvidenceKind
    evidence_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDocument:
    """A paper the borrower showed. Either a copy is attached or it says why none was taken."""

    kind: DocumentKind
    verdict: DocumentVerdict
    copy_ref: str = ""
    no_copy_reason: str = ""
    copy_consent_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """
    A report as the crew would hand it in. `sections` holds the names of the sections that are filled.

    `identity_factors` counts what identified the borrower beyond the name. `recording_gap_seconds` is
    the longest gap inside the contact, None where nothing was recorded. `contact_started_at` to `contact_ended_at` is
    the talk as the crew states it; `checked_out_at` and the check-ins are measured by the server, and `window` is what
    the notice announced, None for a visit that was never planned. `consent_ended_at` is when the borrower withdrew the
    consent to place or time that the visit rested on, None while it holds or where it needed none.
    """

    findings: tuple[Finding, ...]
    purposes: tuple[VisitPurpose, ...]
    persons_met: tuple[PersonMet, ...]
    disclosed: Disclosure
    crew_refs: tuple[str, ...]
    signed_by: frozenset[str]
    check_ins: tuple[CheckIn, ...]
    checked_out_at: datetime | None
    sections: frozenset[str] = frozenset()
    identity_factors: int = 0
    address_verdict: AddressVerdict | None = None
    is_hearsay_marked: bool = False
    entered_home: bool = False
    entry_consent_ref: str = ""
    took_payment: bool = False
    contact_started_at: datetime | None = None
    contact_ended_at: datetime | None = None
    window: tuple[datetime, datetime] | None = None
    consent_ended_at: datetime | None = None
    recording_announced: bool = False
    recording_refused: bool = False
    recording_gap_seconds: int | None = None
    media: tuple[MediaItem, ...] = ()
    documents: tuple[ShownDocument, ...] = ()
    incident_ref: str = ""
    recommendation: Recommendation | None = None
    recommendation_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportProblem:
    """
    One problem of a draft. `field` is the draft's field; `code` is stable; `message` says the remedy.

    `is_incident` means that correcting the words does not undo it: a person must look into it.
    """

    field: str
    code: str
    message: str | Promise
    is_incident: bool = False
