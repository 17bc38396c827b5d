"""Handing in a report: all problems at once, each with its field and remedy; a returned one as a new version."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import DoorstepError, InvalidInput
from backoffice.core.transitions import may, move
from cases.enums import SECTION_VERDICTS, CaseEventKind, FlagSource
from cases.services.casework.events import write_event
from cases.services.casework.wording import heed_despair
from cases.services.people.locks import lock_people
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
    VisitState,
)
from visits.models import CheckIn, Evidence, ReportSection, VisitOrder, VisitReport
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.rules.report import findings as rules
from visits.rules.report.findings import ReportProblem
from visits.selectors.agreements import consent_ended_at
from visits.selectors.policy import conduct_policy
from visits.services.doorstep.arrivals import arrivals
from visits.services.doorstep.contradictions import note_contradictions
from visits.services.doorstep.papers import paper_problems, write_papers
from visits.services.doorstep.report_draft import Document, Media, ReportDraft, SectionDraft
from visits.services.doorstep.report_trust import assess_report, file_text
from visits.services.doorstep.report_words import ReadReport, read_words
from visits.services.orders.conduct_guard import local_date, must_see

__all__ = ["Document", "Media", "ReportDraft", "ReportRefused", "SectionDraft", "submit_report"]

# What the record holds, in characters.
LENGTHS = {
    "external_ref": 60,
    "observations": 500,
    "incident": 300,
    "recommendation_reason": 300,
    "entry_consent_ref": 80,
}
NOTE_LENGTH = 300


class ReportRefused(DoorstepError):
    """The report cannot be handed in yet. `problems` holds every one with its field and remedy."""

    code = "report_refused"

    def __init__(self, problems: tuple[ReportProblem, ...]) -> None:
        self.problems = problems
        super().__init__(" ".join(str(problem.message) for problem in problems))


@transaction.atomic
def submit_report(*, order: VisitOrder, draft: ReportDraft, actor: Any, at: datetime) -> VisitReport:
    """
    Hand in the report of a visit that was made or broken off; after a return, the next version.

    Changing the draft does not undo a problem of conduct (a stay too long, more said than allowed): with a text in
    `incident` the report is accepted and keeps the codes of these problems for the reviewer.

    The texts are searched: what they hold is counted for the reviewer, other people's data are taken out of what is kept
    in clear, and words of self-harm protect the borrower from visits at once.

    :raises NotAllowed: if the actor does not see the order.
    :raises ReportRefused: if anything else is missing or contradicts itself; all problems are listed.
    :raises InvalidInput: if a verdict does not fit its section.
    :raises StateConflict: if the visit is not to be reported (now).
    """
    may(actor=actor, permission=VISIT_LIFECYCLE.step("report").permission)
    must_see(order=order, actor=actor)
    read = read_words(draft=draft)
    # The people first: what is said of self-harm protects them in this transaction.
    lock_people(borrowers=[order.case.borrower_id])
    order = (
        VisitOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case__borrower", "case__territory", "address", "lead", "second")
        .get(pk=order.pk)
    )
    sent_before: VisitReport | None = VisitReport.objects.filter(external_ref=draft.external_ref).first()
    if sent_before is not None and sent_before.order_id == order.pk:
        # A device repeats what got no answer.
        return sent_before
    if sent_before is not None:
        raise InvalidInput(_("The reference is in use."), field="external_ref")
    state = order.state
    move(record=order, lifecycle=VISIT_LIFECYCLE, action="report", actor=actor, at=at)
    _check_sections(draft)
    _check_words(draft)
    _check_times(draft, at=at)
    _check_media(draft, order=order)
    try:
        checked = _as_rules_see(
            order=order, draft=draft, ended_at=order.ended_at if state == VisitState.ABORTED else None
        )
    except ValueError as error:
        raise InvalidInput(_("A word of the report is not in its list."), field="findings") from error
    problems = (
        *rules.check_report(policy=conduct_policy(territory=order.case.territory), draft=checked),
        *paper_problems(sections=draft.sections),
    )
    told = bool(draft.incident.strip())
    unexplained = tuple(problem for problem in problems if not (problem.is_incident and told))
    if unexplained:
        raise ReportRefused(unexplained)
    report = _write(order=order, read=read, codes=[problem.code for problem in problems], actor=actor, at=at)
    file_text(report=report)
    assess_report(report=report, at=at)
    heed_despair(
        borrower=order.case.borrower,
        found=read.found,
        source=FlagSource.VISIT,
        source_ref=str(order),
        actor=actor,
        at=at,
    )
    body = {"action": "report", "order": str(order), "version": report.version, "findings": report.findings}
    write_event(case_id=order.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=body)
    record(
        actor=actor,
        action="visit.report",
        subject=report,
        at=at,
        body=body
        | {
            "incident_codes": report.incident_codes,
            "media": len(report.announced_media),
            "marks": report.text_marks,
        },
    )
    note_contradictions(borrower=order.case.borrower, actor=actor, at=at)
    return report


def _check_sections(draft: ReportDraft) -> None:
    for section in draft.sections:
        if section.verdict not in SECTION_VERDICTS.get(section.section, ()):
            raise InvalidInput(_("This verdict does not fit the section."), field=str(section.section))
        if not 0 <= section.confidence <= 1:
            raise InvalidInput(_("Confidence is a share between 0 and 1."), field=str(section.section))
    if (draft.promised_amount is None) != (draft.promised_for is None) or (draft.promised_amount or 1) <= 0:
        raise InvalidInput(_("A promise has an amount and a day."), field="promised_amount")


def _check_words(draft: ReportDraft) -> None:
    for name, most in LENGTHS.items():
        if len(getattr(draft, name)) > most:
            raise InvalidInput(_("The text is too long."), field=name)
    if any(len(section.note) > NOTE_LENGTH for section in draft.sections):
        raise InvalidInput(_("The text is too long."), field="note")
    if not draft.external_ref:
        raise InvalidInput(_("Give the report a reference of its own."), field="external_ref")


def _check_times(draft: ReportDraft, *, at: datetime) -> None:
    began, ended = draft.contact_started_at, draft.contact_ended_at
    if (began is None) != (ended is None) or (began is not None and ended is not None and not began <= ended <= at):
        raise InvalidInput(
            _("The time at the door begins before it ends, and lies behind us."), field="contact_started_at"
        )
    if draft.promised_for is not None and draft.promised_for < local_date(at):
        raise InvalidInput(_("The promised day is past."), field="promised_for")


def _check_media(draft: ReportDraft, *, order: VisitOrder) -> None:
    refs = [each.ref for each in draft.media]
    taken = Evidence.objects.filter(external_ref__in=refs).exclude(report__order=order)
    if len(set(refs)) < len(refs) or not all(refs) or taken.exists():
        raise InvalidInput(_("Every file needs a reference of its own."), field="media")


def _as_rules_see(*, order: VisitOrder, draft: ReportDraft, ended_at: datetime | None) -> rules.ReportDraft:
    crew = [member for member in (order.lead, order.second) if member is not None]
    attested = (draft.attested_by_lead, draft.attested_by_second)
    out = CheckIn.objects.filter(order=order, moment=CheckIn.Moment.OUT).aggregate(last=Max("happened_at"))["last"]
    return rules.ReportDraft(
        findings=tuple(Finding(each) for each in draft.findings),
        purposes=tuple(VisitPurpose(each) for each in order.purposes),
        persons_met=(PersonMet(draft.person_met),),
        disclosed=Disclosure(draft.disclosure),
        crew_refs=tuple(member.external_ref for member in crew),
        signed_by=frozenset(m.external_ref for m, signed in zip(crew, attested, strict=False) if signed),
        check_ins=arrivals(order=order),
        checked_out_at=out or ended_at,
        sections=frozenset(section.section for section in draft.sections),
        identity_factors=draft.identity_factors,
        address_verdict=AddressVerdict(draft.address_verdict) if draft.address_verdict else None,
        is_hearsay_marked=draft.is_hearsay_marked,
        entered_home=draft.entered_home,
        entry_consent_ref=draft.entry_consent_ref,
        took_payment=draft.took_payment,
        contact_started_at=draft.contact_started_at,
        contact_ended_at=draft.contact_ended_at,
        window=(order.window_start, order.window_end) if order.window_start and order.window_end else None,
        consent_ended_at=consent_ended_at(order=order, policy=conduct_policy(territory=order.case.territory)),
        recording_announced=draft.recording_announced,
        recording_refused=draft.recording_refused,
        recording_gap_seconds=draft.recording_gap_seconds,
        media=tuple(rules.MediaItem(kind=EvidenceKind(each.kind), evidence_ref=each.ref) for each in draft.media),
        documents=tuple(
            rules.ShownDocument(
                kind=DocumentKind(each.kind),
                verdict=DocumentVerdict(each.verdict),
                copy_ref=each.copy_ref,
                no_copy_reason=each.no_copy_reason,
                copy_consent_ref=each.copy_consent_ref,
            )
            for section in draft.sections
            for each in section.documents
        ),
        incident_ref=draft.incident,
        recommendation=Recommendation(draft.recommendation) if draft.recommendation else None,
        recommendation_reason=draft.recommendation_reason,
    )


def _write(*, order: VisitOrder, read: ReadReport, codes: list[str], actor: Any, at: datetime) -> VisitReport:
    draft = read.draft
    latest = VisitReport.objects.filter(order=order).aggregate(last=Max("version"))["last"] or 0
    report = VisitReport.objects.create(
        order=order,
        version=latest + 1,
        external_ref=draft.external_ref,
        findings=[str(Finding(each)) for each in draft.findings],
        person_met=draft.person_met,
        disclosure=draft.disclosure,
        identity_factors=draft.identity_factors,
        entered_home=draft.entered_home,
        entry_consent_ref=draft.entry_consent_ref,
        recording_consent=draft.recording_announced and not draft.recording_refused,
        address_verdict=draft.address_verdict or AddressVerdict.DOUBTFUL,
        statement=draft.statement,
        observations=draft.observations,
        recommendation=draft.recommendation,
        recommendation_reason=draft.recommendation_reason,
        promised_amount=draft.promised_amount,
        promised_for=draft.promised_for,
        contact_started_at=draft.contact_started_at,
        contact_ended_at=draft.contact_ended_at,
        attested_by_lead=draft.attested_by_lead,
        attested_by_second=draft.attested_by_second,
        incident=draft.incident,
        incident_codes=codes,
        text_marks={field: dict(found) for field, found in read.marks.items()},
        marked_texts=read.original_texts,
        announced_media=[{"ref": each.ref, "kind": each.kind, "sha256": each.sha256} for each in draft.media],
        submitted_by=actor,
        submitted_at=at,
        created_at=at,
    )
    sections = ReportSection.objects.bulk_create(
        [
            ReportSection(
                report=report, section=each.section, verdict=each.verdict, confidence=each.confidence, note=each.note
            )
            for each in draft.sections
        ]
    )
    write_papers(
        order=order,
        sections={section.section: section for section in sections},
        drafted=draft.sections,
        on=local_date(at),
    )
    return report
