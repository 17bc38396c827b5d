"""Placing cases with outside agencies, and ending placements: one debt, one agency, for a term."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.transitions import may, move
from cases.enums import CaseEventKind, CaseStage
from cases.models import Case
from cases.services.casework.events import write_event
from cases.services.people.locks import lock_people
from visits.enums import AgencyState, EndReason, PlacementState
from visits.models import Agency, AgencyEvaluation, Placement, VisitOrder
from visits.rules.agencies.renewal import EVALUATION_DAYS, prolonging_gaps
from visits.rules.allocation import may_take
from visits.rules.lifecycle import PLACEMENT_LIFECYCLE
from visits.services.agencies.placement_ends import end_all
from visits.services.agencies.placement_refusals import few_agencies, no_place, placement_problem
from visits.services.agencies.renewal import evaluations_of
from visits.services.agencies.rooms import had_the_last_term, locked_places, share_rule

TERM_DAYS = 90
EXTENSION_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """The new placement and what the dispatcher should know about it."""

    placement: Placement
    warnings: tuple[str | Promise, ...] = ()


@transaction.atomic
def place_case(*, case: Case, agency: Agency, actor: Any, at: datetime, business_date: date) -> Placed:
    """
    Place an open case with an agency for 90 days, at most until its contract ends (GB/T 45251; CBA white list).

    The case's open orders without a placement go along. No agency gets more than its share of the territory's live
    placements (40 %), and none has a case for two terms in a row while another may take it. Where fewer than three
    agencies take cases no share can be kept: that comes back as a warning.

    :raises NotAllowed: if the actor may not place cases.
    :raises InvalidInput: if the agency is not active, lacks a valid paper, has no room or no share left in the territory,
        had the case's last term, is older than a year without an evaluation in the last twelve months, or its contract
        ends; if the borrower is protected, or the steps before a visit are missing.
    :raises StateConflict: if the case is closed or placed already.
    """
    may(actor=actor, permission="visits.place_placement")
    if actor is not None and not Case.objects.visible_to(actor).filter(pk=case.pk).exists():
        raise NotAllowed
    agency = Agency.objects.get(pk=agency.pk)
    problem = agency_problem(agency=agency, business_date=business_date)
    if problem is not None:
        raise InvalidInput(problem, field="agency")
    lock_people(borrowers=[case.borrower_id])
    objection = placement_problem(case=case, at=at)
    if objection is not None:
        raise InvalidInput(objection, field="case")
    if Case.objects.filter(pk=case.pk, stage=CaseStage.CLOSED).exists():
        raise StateConflict
    places, _agencies = locked_places(territories=[case.territory_id], business_date=business_date)
    here, rule = places.get(case.territory_id, []), share_rule()
    able = may_take(places=here, rule=rule)
    if agency.pk not in able:
        raise InvalidInput(no_place(agency=agency, places=here, rule=rule), field="agency")
    if agency.pk == had_the_last_term(case=case.pk) and len(able) > 1:
        raise InvalidInput(
            _("The case's last term was with this agency; choose another: cases change agency at the end of a term."),
            field="agency",
        )
    try:
        with transaction.atomic():
            placement = new_placement(case_id=case.pk, agency=agency, actor=actor, at=at, business_date=business_date)
            placement.save(force_insert=True)
    except IntegrityError as error:
        raise StateConflict(_("The case is placed already.")) from error
    VisitOrder.objects.filter(case=case, placement__isnull=True, ended_at__isnull=True).update(
        placement=placement, updated_at=at
    )
    body = {"action": "place", "agency": agency.code, "placement": str(placement)}
    write_event(case_id=case.pk, kind=CaseEventKind.VISIT, actor=actor, at=at, body=body)
    warnings = () if rule.holds(here) else (few_agencies(places=here, rule=rule),)
    record(actor=actor, action="placement.placed", subject=placement, at=at, body=body | {"case": case.pk})
    return Placed(placement=placement, warnings=warnings)


def new_placement(*, case_id: int, agency: Agency, actor: Any, at: datetime, business_date: date) -> Placement:
    """Return an unsaved placement with its term: 90 days, at most until the agency's contract ends."""
    return Placement(
        case_id=case_id,
        agency=agency,
        placed_on=business_date,
        term_ends_on=min(business_date + timedelta(days=TERM_DAYS), agency.contract_ends_on),
        placed_by=actor,
        created_at=at,
        updated_at=at,
    )


def agency_problem(*, agency: Agency, business_date: date) -> str | Promise | None:
    """Return why the agency may take no case on that day, None if it may."""
    if agency.state != AgencyState.ACTIVE or agency.admitted_on is None:
        return _("Only an active agency on the published list takes cases.")
    problem = listing_problem(agency=agency, business_date=business_date)
    if problem is not None:
        return problem
    year_ago = business_date - timedelta(days=EVALUATION_DAYS)
    evaluations = AgencyEvaluation.objects.filter(
        agency=agency, evaluated_on__gt=year_ago, evaluated_on__lte=business_date
    )
    if agency.admitted_on <= year_ago and not evaluations.exists():
        return _("The agency has no evaluation of the last twelve months; evaluate it first.")
    return None


def listing_problem(*, agency: Agency, business_date: date) -> str | Promise | None:
    """Return why an agency takes no new work on that day: its contract or a required paper is over; None if neither."""
    if agency.contract_ends_on <= business_date:
        return _("The agency's contract has ended.")
    if agency.papers_until is None or agency.papers_until < business_date:
        return _("A required paper of the agency is missing or has expired; enter the new one and have it confirmed.")
    return None


def recall_placement(*, placement: Placement, reason: str, actor: Any, at: datetime, business_date: date) -> Placement:
    """
    Take a case back from its agency. Access ends at once; open orders are called off; the agency owes a
    certificate of return or deletion within 15 days (PIPL art. 21).

    :raises StateConflict: if the placement has ended already.
    """
    return _end(placement, "recall", reason=reason, actor=actor, at=at, business_date=business_date)


def return_placement(*, placement: Placement, reason: str, actor: Any, at: datetime, business_date: date) -> Placement:
    """
    Hand a case back to the lender, by the agency or for it; otherwise as `recall_placement`.

    :raises NotAllowed: if the actor does not see the placement.
    """
    return _end(placement, "return_case", reason=reason, actor=actor, at=at, business_date=business_date)


@transaction.atomic
def retain_placement(*, placement: Placement, actor: Any, at: datetime, business_date: date) -> Placement:
    """
    Extend a placement once, by 30 days, at most until the agency's contract ends.

    The same evaluations stand behind it as behind a renewal of the contract (rules/agencies/renewal.py).

    :raises NotAllowed: if the actor may not place cases, or does not see the placement.
    :raises InvalidInput: if the agency may take no case now, an evaluation is missing or too poor, or the contract
        leaves no further day.
    :raises StateConflict: if it was extended already or has ended.
    """
    may(actor=actor, permission=PLACEMENT_LIFECYCLE.step("retain").permission)
    _must_see(placement, actor=actor)
    agency = Agency.objects.get(pk=placement.agency_id)
    problem = agency_problem(agency=agency, business_date=business_date)
    if problem is not None:
        raise InvalidInput(problem, field="agency")
    gaps = prolonging_gaps(
        evaluations=evaluations_of(agency=agency), contract_ends_on=agency.contract_ends_on, day=business_date
    )
    if gaps:
        raise InvalidInput(" ".join(map(str, gaps)), field="agency")
    until = min(placement.term_ends_on + timedelta(days=EXTENSION_DAYS), agency.contract_ends_on)
    if until <= placement.term_ends_on:
        raise InvalidInput(_("The agency's contract leaves no further day."), field="agency")
    move(record=placement, lifecycle=PLACEMENT_LIFECYCLE, action="retain", actor=actor, at=at, term_ends_on=until)
    body = {"action": "retain", "placement": str(placement), "until": until.isoformat()}
    write_event(case_id=placement.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=body)
    record(actor=actor, action="placement.retained", subject=placement, at=at, body=body)
    return placement


@transaction.atomic
def file_certificate(*, placement: Placement, ref: str, actor: Any, at: datetime) -> Placement:
    """
    File the agency's certificate that data were returned or deleted.

    :raises NotAllowed: if the actor may not recall placements, or does not see this one.
    :raises InvalidInput: if no reference is given.
    :raises StateConflict: if the placement is live, or has a certificate already.
    """
    may(actor=actor, permission="visits.recall_placement")
    _must_see(placement, actor=actor)
    if not ref.strip():
        raise InvalidInput(_("Give the certificate's reference."), field="ref")
    ended = Placement.objects.filter(pk=placement.pk, ended_on__isnull=False, certificate_ref="")
    if ended.update(certificate_ref=ref.strip()[:80], updated_at=at) != 1:
        raise StateConflict
    placement.certificate_ref = ref.strip()[:80]
    record(actor=actor, action="placement.certified", subject=placement, at=at, body={"placement": str(placement)})
    return placement


@transaction.atomic
def _end(placement: Placement, action: str, *, reason: str, actor: Any, at: datetime, business_date: date) -> Placement:
    step = PLACEMENT_LIFECYCLE.step(action)
    may(actor=actor, permission=step.permission)
    _must_see(placement, actor=actor)
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    rows = Placement.objects.filter(pk=placement.pk)
    ended = end_all(
        rows=rows,
        action=action,
        reason=EndReason(step.target),
        note=reason,
        actor=actor,
        at=at,
        business_date=business_date,
    )
    if not ended:
        raise StateConflict
    placement.refresh_from_db()
    record(
        actor=actor,
        action=f"placement.{PlacementState(step.target).lower()}",
        subject=placement,
        at=at,
        body={"action": action},
    )
    return placement


def _must_see(placement: Placement, *, actor: Any) -> None:
    if actor is not None and not Placement.objects.visible_to(actor).filter(pk=placement.pk).exists():
        raise NotAllowed
