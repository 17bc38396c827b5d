"""Visit orders on their way to the door: asked for, approved, accepted, set out with, called off."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.transitions import may, move
from cases.enums import AddressKind, CaseEventKind, CaseStage, ContactVerdict
from cases.models import Address, Case
from cases.services.casework.events import write_event
from cases.services.casework.visiting import end_visits
from cases.services.people.locks import lock_people
from visits.enums import EndReason, VisitPurpose, VisitState
from visits.models import Placement, VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.conduct.agreements import NEEDS_CONSENT, place_consent
from visits.rules.conduct.last_resort import gaps_text, last_resort_gaps
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.selectors.conduct import ConductFacts, conduct_history
from visits.selectors.doors import door_of
from visits.selectors.policy import conduct_policy
from visits.services.dispatch.plan_judging import NotScheduled
from visits.services.dispatch.routes import CrewPair
from visits.services.dispatch.scheduling import Schedule, assign_crew, schedule_visits
from visits.services.orders.automatic_endings import expire_orders, stand_down_visits
from visits.services.orders.conduct_guard import load, local_date, must_see, refusals_on_the_way
from visits.services.orders.endings import end_orders
from visits.services.orders.taking_back import UNPLANNED

__all__ = [
    "CrewPair",
    "NotScheduled",
    "Schedule",
    "accept_visit",
    "approve_visit",
    "assign_crew",
    "cancel_visit",
    "decline_visit",
    "depart",
    "expire_orders",
    "request_visit",
    "schedule_visits",
    "stand_down_visits",
    "unschedule_visit",
]

NEVER_VISITED = frozenset({AddressKind.SCHOOL, AddressKind.NEW})
# What a person may choose when they cancel a visit.
CANCEL_REASONS = (
    EndReason.NOT_NEEDED,
    EndReason.ADDRESS_WRONG,
    EndReason.BORROWER_ASKED,
    EndReason.CREW_UNAVAILABLE,
    EndReason.OTHER,
)
CLOSED_TO_VISITS = frozenset({CaseStage.CLOSED, CaseStage.ON_HOLD})


@transaction.atomic
def request_visit(
    *,
    case: Case,
    address: Address,
    purposes: Sequence[str],
    reason: str,
    actor: Any,
    at: datetime,
    business_date: date,
    borrower_request_ref: str = "",
) -> VisitOrder:
    """
    Ask for one visit of a case at one of the borrower's addresses. It waits for another person's approval.

    A visit is the last resort: the attempts of the policy must have been made, also where an open reason needs a visit
    (domain table a, row 6). Only the borrower's own wish replaces them; `borrower_request_ref` is the recording or letter
    that proves it.

    :raises InvalidInput: if no purpose is given, the address is another's, invalid or never visited, or a workplace or a
        relative's home without the borrower's consent in force, or the steps before a visit are missing (all are listed).
    :raises StateConflict: if the case is closed, on hold, or has an open visit.
    """
    may(actor=actor, permission="visits.request_visitorder")
    if actor is not None and not Case.objects.visible_to(actor).filter(pk=case.pk).exists():
        raise NotAllowed
    if not purposes or set(purposes) - set(VisitPurpose.values):
        raise InvalidInput(_("Choose what the visit is to establish."), field="purposes")
    if address.borrower_id != case.borrower_id or address.verdict == ContactVerdict.INVALID:
        raise InvalidInput(_("This is no valid address of the borrower."), field="address")
    if address.kind in NEVER_VISITED:
        raise InvalidInput(_("No visit goes to an address of this kind."), field="address")
    if Case.objects.filter(pk=case.pk, stage__in=CLOSED_TO_VISITS).exists():
        raise StateConflict
    facts = conduct_history(borrower_id=case.borrower_id, at=at)
    _must_be_consented(address=address, facts=facts, at=at)
    gaps = last_resort_gaps(policy=facts.policy, attempts=facts.attempts, has_reason=bool(facts.reasons))
    if gaps and not borrower_request_ref.strip():
        raise InvalidInput(gaps_text(gaps=gaps), field="case")
    try:
        with transaction.atomic():
            order = new_order(
                case_id=case.pk,
                address=address,
                purposes=purposes,
                reason=reason,
                actor=actor,
                at=at,
                business_date=business_date,
                ordinal=VisitOrder.objects.filter(case=case).count() + 1,
                valid_days=facts.policy.order_valid_days,
            )
            order.borrower_request_ref = borrower_request_ref.strip()[:80]
            order.placement = Placement.objects.filter(case=case, state__in=LIVE_PLACEMENTS).first()
            order.save(force_insert=True)
    except IntegrityError as error:
        raise StateConflict(_("The case has an open visit already.")) from error
    body = {"action": "request", "order": str(order), "purposes": sorted(purposes), "reasons": sorted(facts.reasons)}
    if order.borrower_request_ref:
        body["asked_by"] = "BORROWER"
    _note(order, actor=actor, at=at, body=body)
    record(actor=actor, action="visit.requested", subject=order, at=at, body=body)
    return order


def _must_be_consented(*, address: Address, facts: ConductFacts, at: datetime) -> None:
    place, door = AddressKind(address.kind), door_of(address=address)
    if place in NEEDS_CONSENT and not place_consent(
        policy=facts.policy, agreements=facts.agreements, door=door, place=place, at=at
    ):
        message = _("Nobody is visited here without their recorded consent: record it on the case's page first.")
        raise InvalidInput(message, field="address")


def new_order(
    *,
    case_id: int,
    address: Address,
    purposes: Sequence[str],
    reason: str,
    actor: Any,
    at: datetime,
    business_date: date,
    ordinal: int,
    valid_days: int,
) -> VisitOrder:
    """Return an unsaved draft that lapses after `valid_days`."""
    return VisitOrder(
        case_id=case_id,
        address=address,
        purposes=[str(purpose) for purpose in VisitPurpose if purpose in purposes],
        ordinal=ordinal,
        reason=reason.strip()[:300],
        requested_by=actor,
        valid_until=business_date + timedelta(days=valid_days),
        created_at=at,
        updated_at=at,
    )


@transaction.atomic
def approve_visit(*, order: VisitOrder, actor: Any, at: datetime) -> VisitOrder:
    """
    Approve a draft. Its validity starts anew. (The second approval of very large sums is not built yet.)

    :raises SelfApproval: if the actor requested it.
    :raises NotAllowed: if there is no person: the system approves nothing.
    :raises StateConflict: if it is no draft any more.
    """
    if actor is None:
        raise NotAllowed
    must_see(order=order, actor=actor)
    if VisitOrder.objects.filter(pk=order.pk, requested_by=actor).exists():
        raise SelfApproval
    valid_until = local_date(at) + timedelta(days=conduct_policy(territory=order.case.territory).order_valid_days)
    return _step(order, "approve", actor=actor, at=at, approved_by=actor, approved_at=at, valid_until=valid_until)


@transaction.atomic
def accept_visit(*, order: VisitOrder, actor: Any, at: datetime) -> VisitOrder:
    """
    Accept a scheduled visit for the agency.

    :raises NotAllowed: if the actor does not see the order.
    :raises StateConflict: if it is not scheduled any more, or its letter is still to be made.
    """
    must_see(order=order, actor=actor)
    locked = VisitOrder.objects.select_for_update(no_key=True).only("state", "letter_code").get(pk=order.pk)
    if locked.state == VisitState.SCHEDULED and locked.letter_code is None:
        raise StateConflict(_("The letter of this visit is still being made. Try again in a minute."))
    return _step(order, "accept", actor=actor, at=at)


def decline_visit(*, order: VisitOrder, reason: str, actor: Any, at: datetime) -> VisitOrder:
    """Decline a scheduled visit for the agency: crew, window and letter fall away, the order is planned anew."""
    must_see(order=order, actor=actor)
    return _take_back(order, "decline", reason=reason, actor=actor, at=at)


def unschedule_visit(*, order: VisitOrder, reason: str, actor: Any, at: datetime) -> VisitOrder:
    """Take a planned visit back to plan it anew: crew, window and letter fall away."""
    must_see(order=order, actor=actor)
    return _take_back(order, "unschedule", reason=reason, actor=actor, at=at)


@transaction.atomic
def depart(*, order: VisitOrder, actor: Any, at: datetime) -> VisitOrder:
    """
    Set out for a visit. The guard is asked again first: if the visit is no longer due (paid, plan, flag, or
    the borrower was reached), the order is cancelled instead and comes back CANCELLED with F41.

    :raises NotAllowed: if the actor does not see the order.
    :raises StateConflict: if the agency has not accepted it, or it has ended.
    """
    must_see(order=order, actor=actor)
    may(actor=actor, permission=VISIT_LIFECYCLE.step("depart").permission)
    lock_people(borrowers=[order.case.borrower_id])
    order = load(order.pk)
    if order.state != VisitState.ACCEPTED:
        raise StateConflict
    facts = conduct_history(borrower_id=order.case.borrower_id, at=at, without_order=order.pk)
    refusals = refusals_on_the_way(order=order, facts=facts, at=at)
    if not refusals:
        return _step(order, "depart", actor=actor, at=at)
    rules = sorted({refusal.rule.value for refusal in refusals})
    end_orders(
        rows=VisitOrder.objects.filter(pk=order.pk),
        action="cancel",
        reason=EndReason.NOT_DUE,
        note=" ".join(rules),
        actor=actor,
        at=at,
    )
    record(actor=actor, action="visit.not_due", subject=order, at=at, body={"action": "cancel", "rules": rules})
    return load(order.pk)


@transaction.atomic
def cancel_visit(*, order: VisitOrder, reason: str, actor: Any, at: datetime, note: str = "") -> VisitOrder:
    """
    Cancel a visit before its crew is at the door, for one of `CANCEL_REASONS`. `note` is kept sealed.

    :raises InvalidInput: if the reason is not in the list, or "another reason" has no note.
    :raises StateConflict: if the crew has checked in or the order has ended.
    """
    may(actor=actor, permission=VISIT_LIFECYCLE.step("cancel").permission)
    must_see(order=order, actor=actor)
    if reason not in CANCEL_REASONS:
        raise InvalidInput(_("Choose a reason."), field="reason")
    if reason == EndReason.OTHER and not note.strip():
        raise InvalidInput(_("Write what the reason is."), field="note")
    rows = VisitOrder.objects.filter(pk=order.pk)
    if not end_orders(rows=rows, action="cancel", reason=EndReason(reason), note=note, actor=actor, at=at):
        raise StateConflict
    record(actor=actor, action="visit.cancelled", subject=order, at=at, body={"action": "cancel", "reason": reason})
    order.refresh_from_db()
    return order


@transaction.atomic
def _take_back(order: VisitOrder, action: str, *, reason: str, actor: Any, at: datetime) -> VisitOrder:
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    order = _step(order, action, actor=actor, at=at, **UNPLANNED)
    end_visits(orders={order.case_id: str(order)}, outcome=order.state, actor=actor, at=at)
    return order


@transaction.atomic
def _step(order: VisitOrder, action: str, *, actor: Any, at: datetime, **changes: Any) -> VisitOrder:
    step = move(record=order, lifecycle=VISIT_LIFECYCLE, action=action, actor=actor, at=at, **changes)
    body = {"action": step.action, "order": str(order)}
    _note(order, actor=actor, at=at, body=body)
    record(actor=actor, action=f"visit.{step.action}", subject=order, at=at, body=body)
    return order


def _note(order: VisitOrder, *, actor: Any, at: datetime, body: dict[str, Any]) -> None:
    write_event(case_id=order.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=body)
