"""A report as the crew hands it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from visits.enums import Disclosure


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """
    A paper the borrower showed. `checks` are names of fields with their results, never the values.

    `fields` are the values that were read from it, by the names of rules/report/paper_fields.py; they are kept sealed.
    """

    kind: str
    verdict: str
    checks: Sequence[Mapping[str, str]] = ()
    issuer: str = ""
    issued_on: date | None = None
    copy_ref: str = ""
    no_copy_reason: str = ""
    copy_consent_ref: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionDraft:
    """One of the four sections. `confidence` is 0 to 1, before the evidence is weighed."""

    section: str
    verdict: str
    confidence: Decimal
    note: str = ""
    documents: Sequence[Document] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A photograph or recording that was taken; its file follows through `attach_evidence`."""

    ref: str
    kind: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDraft:
    """
    A report as the crew hands it in. Check-ins, check-out and purposes come from the order itself.

    `contact_started_at` to `contact_ended_at` is the time at the door; `recording_gap_seconds` the longest gap of
    the announced recording, None where nothing was recorded. `incident` tells what went wrong, in own words.
    """

    external_ref: str
    findings: Sequence[str]
    person_met: str
    recommendation: str
    recommendation_reason: str
    attested_by_lead: bool
    attested_by_second: bool
    sections: Sequence[SectionDraft] = ()
    media: Sequence[Media] = ()
    disclosure: str = Disclosure.NONE
    identity_factors: int = 0
    address_verdict: str | None = None
    is_hearsay_marked: bool = False
    entered_home: bool = False
    entry_consent_ref: str = ""
    took_payment: bool = False
    recording_announced: bool = False
    recording_refused: bool = False
    recording_gap_seconds: int | None = None
    contact_started_at: datetime | None = None
    contact_ended_at: datetime | None = None
    statement: str = ""
    observations: str = ""
    promised_amount: Decimal | None = None
    promised_for: date | None = None
    incident: str = ""
