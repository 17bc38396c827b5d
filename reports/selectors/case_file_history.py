"""Of the case file for a court: contacts, promises, visits, verifications, decisions, letters, complaints and legal steps."""

from collections.abc import Iterator

from django.db.models import Prefetch, Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from cases.enums import Section as Part
from cases.models import (
    Complaint,
    ContactAttempt,
    Decision,
    DecisionLetter,
    LegalStep,
    LetterDelivery,
    PromiseToPay,
    Verification,
    VerifiedFact,
)
from cases.models.decision import IN_FORCE
from cases.selectors.casework.decisions import reason_texts
from reports.selectors.case_file import Section, amount_text, day_text, person_text
from visits.enums import Finding, ReviewVerdict
from visits.models import VisitReport


def history_sections(*, decision: Decision) -> list[Section]:
    """
    Return the tables of what was done, in the active language: codes, days and references, nothing that people wrote.

    Eleven queries, for any number of rows. Visits are those whose report was accepted; decisions those that were approved.
    """
    return [
        Section(
            heading=_("Contacts"),
            header=(_("When"), _("Channel"), _("Direction"), _("Outcome")),
            rows=tuple(_contacts(decision)),
        ),
        Section(
            heading=_("Promises to pay"),
            header=(_("Promised on"), _("Due on"), _("Amount"), _("State"), _("Settled on")),
            rows=tuple(_promises(decision)),
        ),
        Section(
            heading=_("Visits"),
            header=(_("Visit"), _("Day"), _("Agency"), _("Crew"), _("Found")),
            rows=tuple(_visits(decision)),
        ),
        Section(
            heading=_("Verifications"),
            header=(_("Day"), _("Source"), _("Section"), _("Verdict"), _("Confidence"), _("Evidence")),
            rows=tuple(_verifications(decision)),
        ),
        Section(
            heading=_("Decisions"),
            header=(_("Decision"), _("Kind"), _("State"), _("Reasons"), _("Proposed by"), _("Approved by"), _("Until")),
            rows=tuple(_decisions(decision)),
        ),
        Section(
            heading=_("Letters about decisions"),
            header=(_("Letter"), _("Decision"), _("About"), _("Day"), _("Deliveries")),
            rows=tuple(_letters(decision)),
        ),
        Section(
            heading=_("Complaints and appeals"),
            header=(_("Complaint"), _("Kind"), _("Received on"), _("Answered on"), _("State")),
            rows=tuple(_complaints(decision)),
        ),
        Section(
            heading=_("Legal steps"),
            header=(_("Day"), _("Step"), _("Court"), _("Reference"), _("Recorded by")),
            rows=tuple(_legal_steps(decision)),
        ),
    ]


def accepted_reports(*, decision: Decision) -> Q:
    """Return the condition over visit reports: accepted, of visits to the borrower or of the decision's case."""
    of_case = Q(order__case__borrower=decision.borrower_id) | Q(order__case=decision.case_id)
    return of_case & Q(review__verdict=ReviewVerdict.ACCEPTED)


def _contacts(decision: Decision) -> Iterator[tuple[str, ...]]:
    rows = ContactAttempt.objects.filter(borrower=decision.borrower_id).order_by("attempted_at", "pk")
    for row in rows:
        when = f"{localtime(row.attempted_at):%Y-%m-%d %H:%M}"
        yield when, str(row.get_channel_display()), str(row.get_direction_display()), str(row.get_outcome_display())


def _promises(decision: Decision) -> Iterator[tuple[str, ...]]:
    currency = decision.account.currency
    for row in PromiseToPay.objects.filter(account=decision.account_id).order_by("promised_on", "pk"):
        amount, state = amount_text(row.amount, currency), str(row.get_state_display())
        yield day_text(row.promised_on), day_text(row.due_on), amount, state, day_text(row.settled_on)


def _visits(decision: Decision) -> Iterator[tuple[str, ...]]:
    rows = VisitReport.objects.filter(accepted_reports(decision=decision)).order_by("submitted_at", "pk")
    for row in rows.select_related("order__placement__agency", "order__lead", "order__second"):
        order = row.order
        # The lender's own people go without an agency.
        agency = order.placement.agency.name if order.placement is not None else ""
        crew = ", ".join(each.external_ref for each in (order.lead, order.second) if each is not None)
        found = "; ".join(f"{code} {Finding(code).label}" for code in row.findings)
        day = row.contact_started_at or order.planned_arrival_at or row.submitted_at
        yield str(order), day_text(day), agency, crew, found


def _verifications(decision: Decision) -> Iterator[tuple[str, ...]]:
    of_case = Q(borrower=decision.borrower_id) | Q(case=decision.case_id)
    facts = Prefetch("facts", VerifiedFact.objects.order_by("section"))
    for row in Verification.objects.filter(of_case).prefetch_related(facts).order_by("verified_on", "pk"):
        source = f"{row.get_source_display()} {row.source_ref}"
        for fact in row.facts.all():
            part, verdict = str(Part(fact.section).label), str(fact.get_verdict_display())
            evidence = ", ".join(str(each) for each in fact.evidence)
            yield day_text(row.verified_on), source, part, verdict, f"{fact.confidence * 100:.0f}%", evidence


def _decisions(decision: Decision) -> Iterator[tuple[str, ...]]:
    people = ("proposed_by", "approved_by", "second_approved_by", "approved_under__policy", "policy_version__policy")
    rows = Decision.objects.filter(account=decision.account_id, state__in=IN_FORCE).select_related(*people)
    for row in rows.order_by("approved_at", "pk"):
        # What an officer wrote for the borrower comes last in the texts and stays out: it may name people.
        reasons = " ".join(reason_texts(decision=row)[: len(row.reasons)])
        approvals = (row.approved_by or row.approved_under, row.second_approved_by)
        approved = ", ".join(str(each) for each in approvals if each is not None)
        state = f"{row.get_state_display()} {day_text(row.approved_at)}".strip()
        kind, proposed = str(row.get_kind_display()), person_text(row.proposed_by)
        yield str(row), kind, state, reasons, proposed, approved, day_text(row.expires_on)


def _letters(decision: Decision) -> Iterator[tuple[str, ...]]:
    rows = DecisionLetter.objects.filter(decision__account=decision.account_id).select_related("decision")
    deliveries = Prefetch("deliveries", LetterDelivery.objects.order_by("happened_at", "pk"))
    for row in rows.prefetch_related(deliveries).order_by("pk"):
        reports = "; ".join(
            f"{each.get_report_display()} {day_text(each.happened_at)} ({each.get_channel_display()})"
            for each in row.deliveries.all()
        )
        yield str(row), str(row.decision), str(row.get_kind_display()), day_text(row.happened_on), reports


def _complaints(decision: Decision) -> Iterator[tuple[str, ...]]:
    for row in Complaint.objects.filter(borrower=decision.borrower_id).order_by("received_at", "pk"):
        kind, state = str(row.get_kind_display()), str(row.get_state_display())
        yield str(row), kind, day_text(row.received_at), day_text(row.answered_at), state


def _legal_steps(decision: Decision) -> Iterator[tuple[str, ...]]:
    for row in LegalStep.objects.filter(decision=decision).select_related("recorded_by").order_by("pk"):
        kind, recorder = str(row.get_kind_display()), person_text(row.recorded_by)
        yield day_text(row.happened_on), kind, row.court, row.reference, recorder
