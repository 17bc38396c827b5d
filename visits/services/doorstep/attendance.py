"""At the door: check-in with the guard asked once more, check-out, and breaking off."""

from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.sealed.sealing import keyed_digest
from backoffice.core.transitions import may, move
from cases.enums import CaseEventKind
from cases.services.casework.events import write_event
from cases.services.contacts.visits import reserve_visit, visit_refusals
from cases.services.people.locks import lock_people
from visits.enums import EndReason, Finding, VisitState
from visits.models import CheckIn, CrewMember, VisitOrder
from visits.rules.conduct.contact_budget import over_budget
from visits.rules.conduct.guard import Arrival, Refusal
from visits.rules.geography import haversine_m, is_position
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.selectors.conduct import conduct_history
from visits.selectors.policy import conduct_policy
from visits.services.doorstep.arrivals import arrivals
from visits.services.doorstep.door_proofs import DoorProof
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
class Position:
    """The position that a device reports: degrees (WGS 84), accuracy in metres, and the device's clock."""

    external_ref: str
    latitude: float
    longitude: float
    accuracy_m: float
    device_at: datetime
    mock_location: bool = False


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
    again = _sent_before(order=order, member=member, moment=CheckIn.Moment.IN, position=position)
    if again is not None and order.state == VisitState.CHECKED_IN:
        return Arrived(check_in=again, opened=True, aborted=False, refusals=())
    if order.state != VisitState.EN_ROUTE:
        raise StateConflict
    moment = _must_be_now(order=order, position=position, proof=proof, at=at)
    mine = _save_moment(order=order, member=member, moment=CheckIn.Moment.IN, position=position, proof=proof, at=at)
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
    again = _sent_before(order=order, member=member, moment=CheckIn.Moment.OUT, position=position)
    if again is not None:
        return again
    if order.state != VisitState.CHECKED_IN:
        raise StateConflict
    _must_be_somewhere(position=position)
    out = _save_moment(order=order, member=member, moment=CheckIn.Moment.OUT, position=position, proof=proof, at=at)
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


def _sent_before(*, order: VisitOrder, member: CrewMember, moment: str, position: Position) -> CheckIn | None:
    """Return what the same message left when it came before; a device repeats what got no answer."""
    known = CheckIn.objects.filter(external_ref=position.external_ref).first()
    if known is not None and (known.order_id, known.member_id, known.moment) != (order.pk, member.pk, moment):
        raise InvalidInput(_("The reference is in use."), field="external_ref")
    return known


def _must_be_somewhere(*, position: Position) -> None:
    # A NaN compares as false with every limit.
    accurate = isfinite(position.accuracy_m) and position.accuracy_m >= 0
    if not accurate or not is_position(latitude=position.latitude, longitude=position.longitude):
        raise InvalidInput(_("The device has no position."), field="position")


def _must_be_now(*, order: VisitOrder, position: Position, proof: DoorProof | None, at: datetime) -> datetime:
    """Return when the check-in was made by the server's clock: now, or as its proof says."""
    _must_be_somewhere(position=position)
    if proof is None:
        drift_seconds = abs((position.device_at - at).total_seconds())
        if drift_seconds > conduct_policy(territory=order.case.territory).clock_drift_seconds:
            message = _("The device's clock is off; set it by the network and check in again.")
            raise InvalidInput(message, field="device_at")
    moment = at if proof is None else proof.happened_at
    if order.window_start is None or order.window_end is None or not order.window_start <= moment <= order.window_end:
        raise InvalidInput(_("Knock only within the announced window."), field="at")
    return moment


def _save_moment(
    *,
    order: VisitOrder,
    member: CrewMember,
    moment: str,
    position: Position,
    proof: DoorProof | None,
    at: datetime,
) -> CheckIn:
    target = order.address.coordinates
    distance_m = None
    if target is not None:
        distance_m = haversine_m(
            from_latitude=position.latitude,
            from_longitude=position.longitude,
            to_latitude=target[0],
            to_longitude=target[1],
        )
    # Replaced as a whole, since the sealed point is bound to the new reference.
    CheckIn.objects.filter(order=order, member=member, moment=moment).delete()
    return CheckIn.objects.create(
        order=order,
        member=member,
        moment=moment,
        external_ref=position.external_ref,
        point=f"{position.latitude:.6f},{position.longitude:.6f}",
        # Five decimals are a metre.
        place_digest=keyed_digest(text=f"{position.latitude:.5f},{position.longitude:.5f}", kind="checkin.place"),
        accuracy_m=position.accuracy_m,
        distance_m=distance_m,
        mock_location=position.mock_location,
        device_at=position.device_at,
        received_at=at,
        device=None if proof is None else proof.device,
        known_from=None if proof is None else proof.known_from,
        happened_at=at if proof is None else proof.happened_at,
    )
