"""Agencies on the published list: evaluated by what they did, suspended with their cases recalled."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.transitions import may, move
from visits.enums import AgencyState, EndReason
from visits.models import Agency, AgencyEvaluation, Placement
from visits.rules.lifecycle import AGENCY_LIFECYCLE
from visits.rules.scorecard import Scorecard, ScoreWeights, score_agencies
from visits.selectors.agency_figures import agency_figures
from visits.services.agencies.managing import locked_agency, must_manage
from visits.services.agencies.placement import listing_problem
from visits.services.agencies.placement_ends import end_all
from visits.services.orders.conduct_guard import local_date

# Characters of a note that are kept.
NOTE_LENGTH = 300


@transaction.atomic
def evaluate_agency(
    *, agency: Agency, actor: Any, at: datetime, business_date: date, note: str = ""
) -> AgencyEvaluation:
    """
    Evaluate an agency by what it did in the last 365 days, compared with all others (GB/T 45251, agency evaluation).

    Below 70 it gets no new cases; a red line suspends it at once; below 60 it should exit, which a person
    decides: it is restricted until then. With fewer than 20 visits the evaluation is filed without a score and changes
    nothing. Recovery is not measured here, so its weight goes to the other parts.

    :raises NotAllowed: if the actor may not evaluate, or the agency takes no cases in their territories.
    :raises InvalidInput: if the agency made no visit and handed in no report.
    """
    may(actor=actor, permission="visits.evaluate_agency")
    must_manage(agency=agency, actor=actor)
    figures = agency_figures(business_date=business_date)
    own = figures.get(agency.pk, {}).values()
    if not any(count.visits or count.reports for count in own):
        raise InvalidInput(_("The agency has made no visit in the last twelve months."), field="agency")
    card = score_agencies(counts=figures, weights=ScoreWeights())[agency.pk]
    evaluation = AgencyEvaluation.objects.create(
        agency=agency,
        evaluated_on=business_date,
        score=card.score,
        score_low=card.low,
        score_high=card.high,
        parts={name: None if part is None else str(round(part.rate, 4)) for name, part in card.parts.items()},
        evaluated_by=actor,
        note=note.strip()[:300],
    )
    _follow(agency, card, actor=actor, at=at, business_date=business_date)
    record(
        actor=actor,
        action="agency.evaluated",
        subject=evaluation,
        at=at,
        body={
            "agency": agency.code,
            "score": card.score,
            "low": card.low,
            "high": card.high,
            "parts": evaluation.parts,
        },
    )
    return evaluation


@transaction.atomic
def suspend_agency(*, agency: Agency, reason: str, actor: Any, at: datetime, business_date: date) -> Agency:
    """
    Suspend an agency at once: its live placements are recalled, its people see nothing any more.

    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if it is neither active nor restricted.
    """
    return _remove(agency, "suspend", "suspended", reason=reason, actor=actor, at=at, business_date=business_date)


@transaction.atomic
def exit_agency(*, agency: Agency, reason: str, actor: Any, at: datetime, business_date: date) -> Agency:
    """End the cooperation for good, otherwise as `suspend_agency`."""
    return _remove(agency, "exit", "exited", reason=reason, actor=actor, at=at, business_date=business_date)


@transaction.atomic
def reinstate_agency(*, agency: Agency, reason: str, actor: Any, at: datetime, business_date: date) -> Agency:
    """
    Let a restricted or suspended agency take cases again. Its former placements do not come back.

    :raises InvalidInput: if no reason is given, its contract has ended, or a required paper is not valid.
    :raises StateConflict: if it is neither restricted nor suspended.
    """
    must_manage(agency=agency, actor=actor)
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    agency = locked_agency(agency=agency)
    problem = listing_problem(agency=agency, business_date=business_date)
    if problem is not None:
        raise InvalidInput(problem, field="agency")
    move(record=agency, lifecycle=AGENCY_LIFECYCLE, action="reinstate", actor=actor, at=at)
    _write(agency, "reinstated", note=reason, actor=actor, at=at)
    return agency


def suspend_after_red_line(*, agency: Agency, actor: Any, at: datetime) -> None:
    """Suspend an agency because a red line was crossed, in the caller's transaction; suspended already is fine."""
    agency.refresh_from_db()
    if agency.state in AGENCY_LIFECYCLE.step("suspend").sources:
        _suspend(agency, actor=actor, at=at, business_date=local_date(at))


def _follow(agency: Agency, card: Scorecard, *, actor: Any, at: datetime, business_date: date) -> None:
    """Carry out what the score calls for; that follows from the evaluation, not from the evaluator's rights."""
    agency.refresh_from_db()
    if card.standing == AgencyState.SUSPENDED and agency.state in AGENCY_LIFECYCLE.step("suspend").sources:
        _suspend(agency, actor=actor, at=at, business_date=business_date)
    elif card.standing in (AgencyState.RESTRICTED, AgencyState.EXITED) and agency.state == AgencyState.ACTIVE:
        move(record=agency, lifecycle=AGENCY_LIFECYCLE, action="restrict", actor=None, at=at)
        _write(agency, "restricted", cause=f"SCORE_{card.score}", actor=actor, at=at)


def _suspend(agency: Agency, *, actor: Any, at: datetime, business_date: date) -> None:
    """Suspend after a red line."""
    move(record=agency, lifecycle=AGENCY_LIFECYCLE, action="suspend", actor=None, at=at)
    rows = Placement.objects.filter(agency=agency)
    end_all(rows=rows, action="recall", reason=EndReason.RED_LINE, actor=actor, at=at, business_date=business_date)
    _write(agency, "suspended", cause=EndReason.RED_LINE, actor=actor, at=at)


def _remove(
    agency: Agency, action: str, done: str, *, reason: str, actor: Any, at: datetime, business_date: date
) -> Agency:
    must_manage(agency=agency, actor=actor)
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    move(record=agency, lifecycle=AGENCY_LIFECYCLE, action=action, actor=actor, at=at)
    rows = Placement.objects.filter(agency=agency)
    why = EndReason.AGENCY_STOPPED
    end_all(rows=rows, action="recall", reason=why, actor=actor, at=at, business_date=business_date)
    _write(agency, done, note=reason, actor=actor, at=at)
    return agency


def _write(agency: Agency, done: str, *, actor: Any, at: datetime, cause: str = "", note: str = "") -> None:
    """Keep a person's note sealed with the agency and record the step; the trail holds the code of a cause only."""
    agency.state_note = note.strip()[:NOTE_LENGTH]
    agency.save(update_fields=["state_note"])
    body = {"agency": agency.code} | ({"cause": str(cause)} if cause else {})
    record(actor=actor, action=f"agency.{done}", subject=agency, at=at, body=body)
