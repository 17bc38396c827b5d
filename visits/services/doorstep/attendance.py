"""At the door: check-in with the guard asked once more, check-out, and breaking off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.transitions import may, move
from cases.enums import CaseEventKind
from cases.services.casework.events import write_event
from cases.services.contacts.visits import reserve_visit, visit_refusals
from cases.services.people.locks import lock_people
from visits.enums import EndReason, Finding, VisitState
from visits.models import CheckIn, CrewMember, VisitOrder
from visits.rules.conduct.contact_budget import over_budget
from visits.rules.conduct.guard import Arrival, Refusal
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.selectors.conduct import conduct_history
from visits.services.doorstep.arrivals import arrivals
from visits.services.doorstep.door_proofs import DoorProof
from visits.services.doorstep.moments import Position, must_be_now, must_be_somewhere, save_moment, sent_before
from visits.services.doorstep.reports import Document, Media, ReportDraft, ReportRefused, SectionDraft, submit_report
from visits.services.orders.conduct_guard import NOT_DUE, consents_gone, load, must_see, refusals_to_knock
from visits.services.orders.endings import end_orders

__all__ = [
    "Arrived",
    "Document",
    "Media",
    "Position",
    "ReportDraft",
    "ReportRefused",
    "SectionDraft",
    "abort_visit",
    "check_in",
    "check_out",
    "submit_report",
]

ABORTING = {Finding.F40: EndReason.UNSAFE, Finding.F41: EndReason.NOT_DUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """
    What a check-in led to. `opened`: the crew may knock. `aborted`: the visit is no longer due, they turn back.
    Otherwise `refusals` say what is still missing; check in again once it is mended.
    """

    check_in: CheckIn
    opened: bool
    aborted: bool
    refusals: tuple[Refusal, ...]


@transaction.atomic
def check_in(
    *,
    order: VisitOrder,
    member: CrewMember,
    position: Position,
    badge_evidence_ref: str = "",
    is_indoors: bool = False,
    proof: DoorProof | None = None,
    actor: Any,
    at: datetime,
) -> Arrived:
    """
    Check one crew member in; the second one's check-in opens the door if the guard allows.

    Asked of both by the server's clock `at`: within 10 minutes and 50 m of each other, 200 m (rural 500 m) of the
    address, the position good enough and not mock, badges and mandate photographed (`badge_evidence_ref`), and
    every planning rule again. A plan, payment or flag that arrived meanwhile breaks the visit off (F41), and so does the
    withdrawal of a consent that it rests on. A person's last check-in counts.

    A `proof` comes from the member's own phone, which may have been without connection: what the rules ask of the time is
    asked of the moment at which it was made, and what is known of the borrower is known as of now.

    :raises NotAllowed: if the actor does not see the order, or checks in for a colleague.
    :raises InvalidInput: if the member is not of this crew, the position is none, the device's clock is more than
        five minutes off, or the announced window is not open.
    :raises StateConflict: if the crew is not on its way.
    """
    may(actor=actor, permission=VISIT_LIFECYCLE.step("check_in").permission)
    must_see(order=order, actor=actor)
    # What protects the person cannot change between the guard's look and the opening of the visit.
    people = lock_people(borrowers=[order.case.borrower_id])
    # Nor can one of the crew be deactivated in between.
    crew = CrewMember.objects.filter(pk__in=[order.lead_id, order.second_id]).order_by("pk")
    list(crew.select_for_update(no_key=True).values_list("pk"))
    # The row is the lock: two phones checking in at once are looked at one after the other.
    VisitOrder.objects.select_for_update(no_key=True).get(pk=order.pk)
    order = load(order.pk)
    _must_be_crew(order=order, member=member, actor=actor)
    again = sent_before(order=order, member=member, moment=CheckIn.Moment.IN, position=position)
    if again is not None and order.state == VisitState.CHECKED_IN:
        return Arrived(check_in=again, opened=True, aborted=False, refusals=())
    if order.state != VisitState.EN_ROUTE:
        raise StateConflict
    moment = must_be_now(order=order, position=position, proof=proof, at=at)
    mine = save_moment(order=order, member=member, moment=CheckIn.Moment.IN, position=position, proof=proof, at=at)
    facts = conduct_history(borrower_id=order.case.borrower_id, at=at, without_order=order.pk)
    target = order.address.coordinates or (0.0, 0.0)
    arrival = Arrival(
        check_ins=arrivals(order=order),
        target_latitude=target[0],
        target_longitude=target[1],
        is_rural=order.address.is_rural,
        is_indoors=is_indoors,
        badge_evidence_ref=badge_evidence_ref,
    )
    borrower = order.case.borrower
    refusals = (
        *refusals_to_knock(order=order, facts=facts, arrival=arrival, at=moment),
        *(over_budget(refusal) for refusal in visit_refusals(borrower=borrower, people=people, at=moment)),
    )
    rules = sorted({refusal.rule.value for refusal in refusals})
    body = {"action": "check_in", "order": str(order), "member": member.external_ref, "rules": rules}
    is_withdrawn = bool(consents_gone(order=order, facts=facts))
    aborted = is_withdrawn or any(refusal.rule in NOT_DUE for refusal in refusals)
    if aborted:
        _abort(order, finding=Finding.F41, note=" ".join(rules), actor=actor, at=at, is_paid=True)
        body["action"] = "abort"
    elif not refusals:
        move(record=order, lifecycle=VISIT_LIFECYCLE, action="check_in", actor=actor, at=at)
        reserve_visit(borrower=borrower, people=people, visit=str(order), actor=actor, at=moment)
        write_event(case_id=order.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=body)
    record(
        actor=actor, action=f"visit.{body['action']}", subject=order, at=at, body=body | {"badge": badge_evidence_ref}
    )
    return Arrived(check_in=mine, opened=not refusals, aborted=aborted, refusals=refusals)


@transaction.atomic
def check_out(
    *,
    order: VisitOrder,
    member: CrewMember,
    position: Position,
    proof: DoorProof | None = None,
    actor: Any,
    at: datetime,
) -> CheckIn:
    """
    Check one crew member out; from then on no position of theirs is taken.

    :raises StateConflict: if the crew is not checked in.
    """
    may(actor=actor, permission=VISIT_LIFECYCLE.step("check_in").permission)
    must_see(order=order, actor=actor)
    VisitOrder.objects.select_for_update(no_key=True).get(pk=order.pk)
    order = load(order.pk)
    _must_be_crew(order=order, member=member, actor=actor)
    again = sent_before(order=order, member=member, moment=CheckIn.Moment.OUT, position=position)
    if again is not None:
        return again
    if order.state != VisitState.CHECKED_IN:
        raise StateConflict
    must_be_somewhere(position=position)
    out = save_moment(order=order, member=member, moment=CheckIn.Moment.OUT, position=position, proof=proof, at=at)
    record(
        actor=actor,
        action="visit.check_out",
        subject=order,
        at=at,
        body={"action": "check_out", "member": member.external_ref},
    )
    return out


@transaction.atomic
def abort_visit(*, order: VisitOrder, finding: str, reason: str, actor: Any, at: datetime) -> VisitOrder:
    """
    Break a visit off: F40 as unsafe (a report with the incident follows), F41 as no longer due.

    The agency is paid for the way only if one of the crew had checked in: their word alone proves none. `reason` is what
    a person wrote; it is kept sealed.

    :raises InvalidInput: if the finding is another one, or no reason is given.
    :raises StateConflict: if the crew is neither on its way nor checked in.
    """
    may(actor=actor, permission=VISIT_LIFECYCLE.step("abort").permission)
    must_see(order=order, actor=actor)
    if finding not in ABORTING:
        raise InvalidInput(_("A visit is broken off as unsafe (F40) or no longer due (F41)."), field="finding")
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    order = load(order.pk)
    is_there = CheckIn.objects.filter(order=order, moment=CheckIn.Moment.IN).exists()
    _abort(order, finding=Finding(finding), note=reason, actor=actor, at=at, is_paid=is_there)
    record(
        actor=actor,
        action="visit.abort",
        subject=order,
        at=at,
        body={"action": "abort", "order": str(order), "finding": str(finding)},
    )
    return order


def _abort(order: VisitOrder, *, finding: Finding, note: str, actor: Any, at: datetime, is_paid: bool) -> None:
    rows = VisitOrder.objects.filter(pk=order.pk)
    if not end_orders(
        rows=rows, action="abort", reason=ABORTING[finding], note=note, actor=actor, at=at, is_paid=is_paid
    ):
        raise StateConflict
    order.refresh_from_db()


def _must_be_crew(*, order: VisitOrder, member: CrewMember, actor: Any) -> None:
    if member.pk not in (order.lead_id, order.second_id):
        raise InvalidInput(_("This person is not of this visit's crew."), field="member")
    # A crew member speaks for themselves; a coordinator's system may pass both on.
    own = getattr(actor, "crew_member", None) if actor is not None else None
    if own is not None and own.pk != member.pk:
        raise NotAllowed
