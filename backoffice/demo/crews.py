"""Simulated crews: they accept, set out, check in, report and upload photographs. One visit in eight cheats."""

import hashlib
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from backoffice.core.errors import StateConflict
from backoffice.demo.papers import fields_of, with_contradiction
from backoffice.demo.photographs import Scene, Trick, photograph
from backoffice.demo.visit_outcomes import Established, VisitOutcome, draw_outcome
from cases.enums import Section, Verdict
from visits.enums import (
    Disclosure,
    DocumentKind,
    EvidenceKind,
    MediaScope,
    VisitState,
)
from visits.models import VisitOrder, VisitReport
from visits.rules.report.door_times import TALK_FINDINGS
from visits.rules.report.findings import FINDINGS
from visits.services.dispatch.orders import accept_visit, depart
from visits.services.doorstep import attendance, evidence
from visits.services.doorstep.evidence_reading import read_evidence

PHOTOGRAPHED = (EvidenceKind.STREET, EvidenceKind.BUILDING, EvidenceKind.DOOR, EvidenceKind.BADGE_AND_MANDATE)
# Of this many visits, one uploads photographs that were manipulated.
DISHONEST_ONE_IN = 8
TRICKS = (Trick.GALLERY, Trick.EDITED, Trick.ELSEWHERE, Trick.EARLIER, Trick.RECYCLED)
# So long after it was sent a photograph is read.
READ_AFTER = timedelta(seconds=2)
# Metres of one degree of latitude.
DEGREE_M = 111_320


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """The result of one simulated visit; `report` and `outcome` are None where the crew was stopped before the door."""

    report: VisitReport | None
    outcome: VisitOutcome | None
    trick: Trick


def play_visit(*, order: VisitOrder, character: str, coordinator: Any, seed: int) -> Played:
    """
    Simulate one scheduled visit at its planned time, up to the report with its evidence.

    The conduct guard is the product's own: where it refuses, the visit ends.
    """
    dice = random.Random(f"{seed}-{order.pk}")
    arrives = order.planned_arrival_at or order.window_start
    lead, second = order.lead, order.second
    if arrives is None or lead is None or second is None:
        raise StateConflict
    turn, rest = divmod(order.pk, DISHONEST_ONE_IN)
    trick = TRICKS[turn % len(TRICKS)] if rest == 0 else Trick.NONE
    accept_visit(order=order, actor=coordinator, at=arrives - timedelta(hours=5))
    order = depart(order=order, actor=lead.user, at=arrives - timedelta(minutes=25))
    # The plan is in whole minutes; arrivals are not.
    arrives += timedelta(seconds=dice.uniform(1, 50))
    if order.state != VisitState.EN_ROUTE:
        return Played(report=None, outcome=None, trick=trick)
    badge = f"{order}-BADGE"
    for number, member in enumerate((lead, second)):
        arrived = attendance.check_in(
            order=order,
            member=member,
            actor=member.user,
            badge_evidence_ref=badge,
            position=_position(order, member.external_ref, "IN", arrives + timedelta(minutes=number), dice),
            at=arrives + timedelta(minutes=number),
        )
    if not arrived.opened:
        return Played(report=None, outcome=None, trick=trick)
    outcome = draw_outcome(character=character, dice=dice)
    talks = outcome.finding in TALK_FINDINGS
    leaves = arrives + timedelta(minutes=dice.randint(18, 35) if talks else dice.randint(6, 12))
    for member in (lead, second):
        attendance.check_out(
            order=order,
            member=member,
            actor=member.user,
            position=_position(order, member.external_ref, "OUT", leaves, dice),
            at=leaves,
        )
    order.refresh_from_db()
    files = _photographs(order=order, outcome=outcome, trick=trick, arrives=arrives, dice=dice)
    sends = leaves + timedelta(minutes=20)
    report = attendance.submit_report(
        order=order,
        draft=_draft(order=order, outcome=outcome, files=files, arrives=arrives, leaves=leaves),
        actor=lead.user,
        at=sends,
    )
    for reference, (kind, content) in files.items():
        # In one transaction, so that the demo's own worker finds it read and nothing carries the clock's time.
        with transaction.atomic():
            sent = evidence.attach_evidence(
                report=report,
                kind=kind,
                content=content,
                external_ref=reference,
                uploaded_by=lead,
                actor=lead.user,
                device=evidence.Device(at=sends),
                at=sends,
            )
            read_evidence(evidence_id=sent.pk, at=sends + READ_AFTER)
    return Played(report=report, outcome=outcome, trick=trick)


def _position(order: VisitOrder, badge: str, moment: str, at: datetime, dice: random.Random) -> attendance.Position:
    latitude, longitude = order.address.coordinates or (31.2304, 121.4737)
    return attendance.Position(
        external_ref=f"{order}-{badge}-{moment}",
        latitude=latitude + dice.uniform(-15, 15) / DEGREE_M,
        longitude=longitude + dice.uniform(-15, 15) / DEGREE_M,
        accuracy_m=dice.uniform(6, 28),
        device_at=at + timedelta(seconds=dice.randint(-20, 20)),
    )


def _photographs(
    *, order: VisitOrder, outcome: VisitOutcome, trick: Trick, arrives: datetime, dice: random.Random
) -> dict[str, tuple[EvidenceKind, bytes]]:
    if FINDINGS[outcome.finding].media is MediaScope.NONE:
        return {}
    files: dict[str, tuple[EvidenceKind, bytes]] = {}
    place = order.address.coordinates or (31.2304, 121.4737)
    for number, kind in enumerate(PHOTOGRAPHED):
        taken_at = arrives + timedelta(minutes=number + 1, seconds=dice.randint(0, 40))
        if trick is Trick.EARLIER:
            taken_at -= timedelta(days=3)
        # Recycled photographs come from three scenes only, so that they repeat between visits.
        seed = dice.randrange(3) if trick is Trick.RECYCLED else order.pk * 10 + number
        scene = Scene(kind=str(kind), seed=seed, caption=f"{order} {taken_at:%Y-%m-%d}")
        where = (place[0] + dice.uniform(-20, 20) / DEGREE_M, place[1] + dice.uniform(-20, 20) / DEGREE_M)
        reference = f"{order}-BADGE" if kind is EvidenceKind.BADGE_AND_MANDATE else f"{order}-{kind}"
        files[reference] = (kind, photograph(scene=scene, taken_at=taken_at, point=where, trick=trick))
    return files


def _draft(
    *,
    order: VisitOrder,
    outcome: VisitOutcome,
    files: dict[str, tuple[EvidenceKind, bytes]],
    arrives: datetime,
    leaves: datetime,
) -> attendance.ReportDraft:
    met = FINDINGS[outcome.finding].is_right_party_contact
    owed = order.case.borrower.accounts.order_by("-arrears_amount").values_list("arrears_amount", flat=True)[0]
    promised = (owed * outcome.promises_share).quantize(Decimal("0.01")) if outcome.promises_share and owed else None
    return attendance.ReportDraft(
        external_ref=f"{order}-R",
        findings=[outcome.finding],
        person_met=outcome.person,
        recommendation=outcome.recommendation,
        recommendation_reason=outcome.why,
        attested_by_lead=True,
        attested_by_second=True,
        sections=[_section(section, found, order, leaves.date()) for section, found in outcome.sections.items()],
        media=[
            attendance.Media(ref=reference, kind=kind, sha256=hashlib.sha256(content).hexdigest())
            for reference, (kind, content) in files.items()
        ],
        disclosure=Disclosure.FULL if met and outcome.sections else Disclosure.NONE,
        identity_factors=2 if met and outcome.sections else 0,
        address_verdict=outcome.address,
        is_hearsay_marked=outcome.is_hearsay,
        recording_announced=met,
        recording_refused=met,
        contact_started_at=arrives + timedelta(minutes=4) if met else None,
        contact_ended_at=leaves - timedelta(minutes=1) if met else None,
        statement=outcome.statement,
        observations=outcome.why,
        promised_amount=promised,
        promised_for=leaves.date() + timedelta(days=7) if promised else None,
    )


def _section(section: Section, found: Established, order: VisitOrder, on: date) -> attendance.SectionDraft:
    return attendance.SectionDraft(
        section=section,
        verdict=found.verdict,
        confidence=Decimal(found.confidence),
        note=found.note,
        documents=[
            attendance.Document(
                kind=kind,
                verdict=verdict,
                fields=_read(kind, order, on, has_wages=found.verdict != Verdict.UNABLE),
                no_copy_reason="当面核对，无需留存",
            )
            for kind, verdict in found.papers
        ],
    )


def _read(kind: DocumentKind, order: VisitOrder, on: date, *, has_wages: bool) -> dict[str, Any]:
    borrower = order.case.borrower
    fields = fields_of(kind=kind, borrower=borrower, address=order.address, on=on, has_wages=has_wages)
    return with_contradiction(fields=fields, kind=kind, borrower=borrower)
