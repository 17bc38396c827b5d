"""Whether a report draft may be handed in: every problem at once, each with its field and remedy."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.enums import Section
from visits.enums import (
    Disclosure,
    DocumentKind,
    DocumentVerdict,
    EvidenceKind,
    Finding,
    MediaScope,
    VisitPurpose,
)
from visits.rules.conduct.crew import are_together
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.door_times import TALK_FINDINGS, time_problems
from visits.rules.report.draft import MediaItem, ReportDraft, ReportProblem, ShownDocument
from visits.rules.report.finding_table import (
    FINDINGS,
    NO_PHOTOGRAPHS_ASKED,
    FindingRule,
    implied_address_verdict,
    protections_called,
    strictest_disclosure,
    strictest_media,
)

__all__ = [
    "FINDINGS",
    "FindingRule",
    "MediaItem",
    "ReportDraft",
    "ReportProblem",
    "ShownDocument",
    "check_report",
    "implied_address_verdict",
    "protections_called",
    "strictest_disclosure",
    "strictest_media",
]

EXTERIOR_KINDS = frozenset(
    {
        EvidenceKind.STREET,
        EvidenceKind.BUILDING,
        EvidenceKind.DOOR,
        EvidenceKind.BADGE_AND_MANDATE,
        EvidenceKind.NOTICE_ENVELOPE,
        EvidenceKind.VIDEO,
        EvidenceKind.AUDIO,
    }
)
PHOTOGRAPHS = frozenset(EvidenceKind) - {EvidenceKind.AUDIO, EvidenceKind.VIDEO}
# The section of a verification that each purpose must fill when the borrower is met.
SECTION_OF_PURPOSE = {
    VisitPurpose.VERIFY_IDENTITY: Section.IDENTITY,
    VisitPurpose.ASSESS_CAPACITY: Section.CAPACITY,
    VisitPurpose.ESTABLISH_CAUSE: Section.CAUSE,
    VisitPurpose.CONFIRM_RESIDENCE: Section.RESIDENCE,
}
MORE_THAN = {Disclosure.NONE: 0, Disclosure.OWN_OBLIGATION: 1, Disclosure.FULL: 2}


def check_report(*, policy: ConductPolicy, draft: ReportDraft) -> tuple[ReportProblem, ...]:
    """Return every problem of the draft, in the order of the form; empty means it may be handed in."""
    if not draft.findings:
        return (_problem("findings", "FINDING_MISSING", _("Choose at least one finding.")),)
    return (
        *_finding_problems(draft=draft),
        *_contact_problems(policy=policy, draft=draft),
        *time_problems(policy=policy, draft=draft),
        *_section_problems(policy=policy, draft=draft),
        *_media_problems(policy=policy, draft=draft),
        *_document_problems(draft=draft),
        *_crew_problems(policy=policy, draft=draft),
        *_recommendation_problems(draft=draft),
    )


def _problem(field_name: str, code: str, message: str | Promise, *, is_incident: bool = False) -> ReportProblem:
    return ReportProblem(field=field_name, code=code, message=message, is_incident=is_incident)


def _finding_problems(*, draft: ReportDraft) -> Iterator[ReportProblem]:
    rules = [FINDINGS[finding] for finding in draft.findings]
    for finding, rule in zip(draft.findings, rules, strict=True):
        met = rule.persons.intersection(draft.persons_met)
        if not met:
            message = format_lazy(_("{finding} does not go with the persons met; correct one."), finding=finding.value)
            yield _problem("persons_met", "PERSON_MISMATCH", message)
    implied = implied_address_verdict(findings=draft.findings)
    if implied is not None and draft.address_verdict != implied:
        message = format_lazy(_("The findings say the address is {verdict}; correct one."), verdict=implied.label)
        yield _problem("address_verdict", "ADDRESS_MISMATCH", message)
    if any(rule.is_hearsay for rule in rules) and not draft.is_hearsay_marked:
        message = _("The finding rests on another's word; mark it as hearsay.")
        yield _problem("is_hearsay_marked", "HEARSAY_UNMARKED", message)
    if any(rule.is_incident for rule in rules) and not draft.incident_ref.strip():
        yield _problem("incident_ref", "INCIDENT_MISSING", _("Enter the incident first, then name it here."))


def _contact_problems(*, policy: ConductPolicy, draft: ReportDraft) -> Iterator[ReportProblem]:
    allowed = strictest_disclosure(findings=draft.findings)
    if MORE_THAN[draft.disclosed] > MORE_THAN[allowed]:
        message = _("More was said about the debt than this finding allows; report it as an incident.")
        yield _problem("disclosed", "DISCLOSURE_TOO_WIDE", message, is_incident=True)
    if draft.disclosed == Disclosure.FULL and draft.identity_factors < policy.identity_factors_min:
        message = format_lazy(
            _("Full disclosure needs the name and {n} more identity factors; add them or report an incident."),
            n=policy.identity_factors_min,
        )
        yield _problem("identity_factors", "IDENTITY_NOT_CONFIRMED", message, is_incident=True)
    if draft.entered_home and not draft.entry_consent_ref.strip():
        message = _("The home was entered without recorded consent; report it as an incident.")
        yield _problem("entry_consent_ref", "ENTRY_WITHOUT_CONSENT", message, is_incident=True)
    if draft.took_payment:
        message = _("Nothing may be taken at the door; report it as an incident.")
        yield _problem("took_payment", "PAYMENT_TAKEN", message, is_incident=True)
    if TALK_FINDINGS.intersection(draft.findings) and not draft.recording_refused:
        gap = draft.recording_gap_seconds
        if not draft.recording_announced or gap is None:
            message = _("Attach the announced recording, or note that recording was refused.")
            yield _problem("recording_announced", "RECORDING_MISSING", message)
        elif gap > policy.recording_gap_seconds:
            message = format_lazy(
                _("The recording has a gap of {n} seconds; explain it as an incident. It fails the quality check."),
                n=gap,
            )
            yield _problem("recording_gap_seconds", "RECORDING_GAP", message, is_incident=True)


def _section_problems(*, policy: ConductPolicy, draft: ReportDraft) -> Iterator[ReportProblem]:
    full = Finding.F01 in draft.findings
    needs = {SECTION_OF_PURPOSE[purpose] for purpose in draft.purposes} if full else set()
    if full:
        needs.add(Section.IDENTITY)
    if Finding.F02 in draft.findings:
        needs.update({Section.IDENTITY, Section.CAUSE})
    for name in sorted(needs - draft.sections):
        message = format_lazy(_("Fill the section {section}, or choose another finding."), section=name)
        yield _problem("sections", f"SECTION_MISSING_{name}", message)
    if Section.IDENTITY in draft.sections and draft.identity_factors < policy.identity_factors_min:
        message = _("The identity section needs two identity factors beside the name.")
        yield _problem("identity_factors", "TOO_FEW_FACTORS", message)


def _media_problems(*, policy: ConductPolicy, draft: ReportDraft) -> Iterator[ReportProblem]:
    scope = strictest_media(findings=draft.findings)
    if scope == MediaScope.NONE and draft.media:
        message = _("This finding allows no pictures or recordings; they go into quarantine.")
        yield _problem("media", "MEDIA_FORBIDDEN", message, is_incident=True)
    inside = {item.kind for item in draft.media} - EXTERIOR_KINDS
    if scope == MediaScope.EXTERIOR and inside:
        yield _problem("media", "MEDIA_TOO_WIDE", _("Only pictures from outside are allowed; remove the others."))
    photographs = sum(1 for item in draft.media if item.kind in PHOTOGRAPHS)
    if photographs > policy.photos_max:
        message = format_lazy(_("At most {n} photographs; remove some."), n=policy.photos_max)
        yield _problem("media", "TOO_MANY_PHOTOGRAPHS", message)
    if NO_PHOTOGRAPHS_ASKED.intersection(draft.findings):
        return
    if photographs < policy.photos_min:
        message = format_lazy(_("At least {n} photographs; add some."), n=policy.photos_min)
        yield _problem("media", "TOO_FEW_PHOTOGRAPHS", message)
    if not any(item.kind == EvidenceKind.BADGE_AND_MANDATE for item in draft.media):
        message = _("Add the photograph of badges and mandate at the door.")
        yield _problem("media", "BADGE_MISSING", message)


def _document_problems(*, draft: ReportDraft) -> Iterator[ReportProblem]:
    attached = {item.evidence_ref for item in draft.media}
    for document in draft.documents:
        name = DocumentKind(document.kind).label
        if document.verdict == DocumentVerdict.NOT_SHOWN:
            continue
        if document.copy_ref and document.copy_ref not in attached:
            message = format_lazy(_("{document}: the copy is not attached; attach it."), document=name)
            yield _problem("documents", "COPY_NOT_ATTACHED", message)
        if not document.copy_ref and not document.no_copy_reason.strip():
            message = format_lazy(_("{document}: attach a copy, or say why none was needed."), document=name)
            yield _problem("documents", "NOT_COPIED", message)
        if document.kind == DocumentKind.HARDSHIP_PROOF and document.copy_ref and not document.copy_consent_ref:
            message = format_lazy(_("{document}: do not keep a copy without separate consent."), document=name)
            yield _problem("documents", "COPY_WITHOUT_CONSENT", message)
    if draft.documents and not any(FINDINGS[finding].is_right_party_contact for finding in draft.findings):
        message = _("Only the borrower shows papers; remove them or correct the finding.")
        yield _problem("documents", "DOCUMENTS_OF_OTHERS", message)


def _crew_problems(*, policy: ConductPolicy, draft: ReportDraft) -> Iterator[ReportProblem]:
    crew = frozenset(draft.crew_refs)
    unsigned = len(crew - draft.signed_by)
    if len(crew) < policy.min_crew or unsigned:
        message = _("Every crew member must sign the conduct statement.")
        yield _problem("signed_by", "ATTESTATION_MISSING", message)
    if draft.findings == (Finding.F41,):
        # Turned back on the way: nobody checked in anywhere.
        return
    last_in = {c.crew_ref: c for c in sorted(draft.check_ins, key=lambda c: c.at) if c.crew_ref in crew}
    arrivals = list(last_in.values())
    apart = any(not are_together(policy=policy, one=arrivals[0], other=other) for other in arrivals[1:])
    if len(arrivals) < policy.min_crew or apart:
        message = format_lazy(
            _("The crew did not check in within {minutes} minutes and {metres} m of each other; explain it."),
            minutes=policy.check_in_minutes,
            metres=policy.check_in_metres,
        )
        yield _problem("check_ins", "NOT_TOGETHER", message, is_incident=True)
    if draft.checked_out_at is None:
        yield _problem("checked_out_at", "NOT_CHECKED_OUT", _("Check out first."))


def _recommendation_problems(*, draft: ReportDraft) -> Iterator[ReportProblem]:
    if draft.recommendation is None:
        yield _problem("recommendation", "RECOMMENDATION_MISSING", _("Choose a recommendation."))
        return
    # A finding that protects the borrower narrows what may be recommended; among the rest any one may lead.
    rules = [FINDINGS[finding] for finding in draft.findings]
    protecting = [rule for rule in rules if rule.stops_visits]
    allowed = {each for rule in (protecting or rules) for each in rule.follow_up}
    if draft.recommendation not in allowed:
        message = _("The findings do not support this recommendation; choose another.")
        yield _problem("recommendation", "RECOMMENDATION_UNSUPPORTED", message)
    if not draft.recommendation_reason.strip():
        yield _problem("recommendation_reason", "REASON_MISSING", _("Give the reason in your own words."))
