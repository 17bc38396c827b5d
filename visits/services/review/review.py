"""A second person's judgement of a report. An accepted one changes its case in the same transaction."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.transitions import may, move
from cases.enums import CaseEventKind
from cases.rules.wording.scan import scan, without
from cases.services.casework.events import write_event
from cases.services.casework.wording import words_in_use
from visits.enums import ReviewVerdict, VisitState
from visits.models import Review, VisitOrder, VisitReport
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.services.doorstep.evidence import count_waiting, missing_media
from visits.services.doorstep.report_trust import assess_report
from visits.services.orders.conduct_guard import must_see
from visits.services.review.call_backs import open_call_back
from visits.services.review.outcomes import accept, discard, send_back
from visits.services.review.returning import must_be_held
from visits.trust_enums import CallBackCause, TrustLevel

# Quality control: what is accepted passes at 85; a red line is zero (domain table b).
QUALITY_PASS = 85
# Problems with which no report passes, whatever the crew explains (domain table a, row 22).
FAILS_QUALITY = frozenset({"RECORDING_GAP"})


@transaction.atomic
def begin_review(*, order: VisitOrder, actor: Any, at: datetime) -> VisitOrder:
    """
    Take a reported visit into review, so that two reviewers do not read the same report.

    :raises StateConflict: if it is not reported, or in review already.
    """
    if actor is None:
        raise NotAllowed
    must_see(order=order, actor=actor)
    step = move(record=order, lifecycle=VISIT_LIFECYCLE, action="begin_review", actor=actor, at=at)
    body = {"action": step.action, "order": str(order)}
    write_event(case_id=order.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=body)
    record(actor=actor, action="visit.begin_review", subject=order, at=at, body=body)
    return order


@transaction.atomic
def review_report(
    *, report: VisitReport, verdict: str, quality_score: int, note: str, actor: Any, at: datetime
) -> Review:
    """
    Judge the latest report of a visit.

    ACCEPTED: the visit is verified, the agency earns its fee, and contact, promise, address, circumstances and
    verification are written, all or nothing. If there are reasons to check it (its trust is LOW), nothing of that happens
    yet: it waits for a second reviewer (`second_review`), and the borrower is to be called back. RETURNED: the crew hands in a new version. RED_LINE: the report is
    discarded, nothing of it is held against anybody, and the agency is suspended with its placements recalled.

    :raises NotAllowed: if there is no person, or they may not review.
    :raises SelfApproval: if they handed the report in.
    :raises InvalidInput: if the score does not fit the verdict, a report is accepted whose recording has a gap, or whose
        announced media have not arrived or are still being read, or one is returned to an agency that no longer holds the case.
    :raises StateConflict: if the report is not the one to be judged.
    """
    may(actor=actor, permission="visits.review_visitorder")
    if actor is None:
        raise NotAllowed
    must_see(order=report.order, actor=actor)
    # The order is the lock: two reviewers' verdicts follow each other, and the second loses.
    order = (
        VisitOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case__borrower", "case__territory", "address", "placement__agency", "lead", "second")
        .get(pk=report.order_id)
    )
    report = VisitReport.objects.select_related("submitted_by", "order__case__territory").get(pk=report.pk)
    if report.submitted_by_id == actor.pk:
        raise SelfApproval
    later = VisitReport.objects.filter(order=order, version__gt=report.version).exists()
    if later or order.state not in (VisitState.REPORTED, VisitState.UNDER_REVIEW):
        raise StateConflict
    _must_fit(report=report, order=order, verdict=verdict, quality_score=quality_score)
    if order.state == VisitState.REPORTED:
        move(record=order, lifecycle=VISIT_LIFECYCLE, action="begin_review", actor=actor, at=at)
    trust = assess_report(report=report, at=at)
    needs_second = verdict == ReviewVerdict.ACCEPTED and trust.level == TrustLevel.LOW
    review = Review.objects.create(
        report=report,
        verdict=verdict,
        needs_second=needs_second,
        quality_score=quality_score,
        problems=report.incident_codes,
        note=without(text=note.strip()[:300], found=scan(text=note.strip()[:300], words=words_in_use())),
        reviewed_by=actor,
        submitted_by=report.submitted_by,
        reviewed_at=at,
    )
    body = {"action": "review", "order": str(order), "version": report.version, "verdict": str(verdict)}
    write_event(case_id=order.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=body)
    if needs_second:
        move(record=order, lifecycle=VISIT_LIFECYCLE, action="ask_second", actor=actor, at=at)
        open_call_back(order=order, report=report, cause=CallBackCause.LOW_TRUST, at=at)
    elif verdict == ReviewVerdict.ACCEPTED:
        accept(order=order, report=report, actor=actor, at=at)
    elif verdict == ReviewVerdict.RETURNED:
        send_back(order=order, actor=actor, at=at)
    else:
        discard(order=order, actor=actor, at=at)
    record(
        actor=actor,
        action="visit.reviewed",
        subject=review,
        at=at,
        body=body
        | {
            "quality_score": quality_score,
            "problems": report.incident_codes,
            "trust": trust.score,
            "level": str(trust.level),
        },
    )
    return review


def _must_fit(*, report: VisitReport, order: VisitOrder, verdict: str, quality_score: int) -> None:
    if verdict not in ReviewVerdict.values:
        raise InvalidInput(_("Choose a verdict."), field="verdict")
    if not 0 <= quality_score <= 100:
        raise InvalidInput(_("The quality score is 0 to 100."), field="quality_score")
    if verdict == ReviewVerdict.RED_LINE and quality_score:
        raise InvalidInput(_("A crossed red line scores zero."), field="quality_score")
    if verdict == ReviewVerdict.ACCEPTED:
        if FAILS_QUALITY.intersection(report.incident_codes):
            raise InvalidInput(
                _("The recording has a gap during the talk, so the quality check fails; return the report."),
                field="verdict",
            )
        if quality_score < QUALITY_PASS:
            raise InvalidInput(_("An accepted report scores at least 85; return it otherwise."), field="quality_score")
        if missing_media(report=report):
            raise InvalidInput(
                _("Announced files have not arrived yet; wait for them or return the report."), field="report"
            )
        waiting = count_waiting(order=order)
        if waiting:
            text = _("Photographs that are still being read: {n}. Wait a moment, or return the report.")
            raise InvalidInput(format_lazy(text, n=waiting), field="report")
    if verdict == ReviewVerdict.RETURNED:
        must_be_held(order=order)
