"""Draft visits for the cases that need one (`Case.needs_visit_by`), placed with the agency that has the most room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from backoffice.audit.services import record
from cases.enums import AddressKind, CaseEventKind, CaseStage, ContactVerdict
from cases.models import Address, Case, CaseEvent
from cases.services.casework.events import write_events
from cases.services.people.locks import lock_people
from visits.enums import AgencyState, VisitPurpose
from visits.models import AgencyEvaluation, AgencyTerritory, Placement, VisitOrder
from visits.models.order import ENDED_VISITS, LIVE_PLACEMENTS
from visits.rules.conduct.guard import earliest_lawful_slot
from visits.rules.conduct.last_resort import last_resort_gaps
from visits.rules.routing import SERVICE_MINUTES
from visits.selectors.conduct import ConductFacts, conduct_histories
from visits.selectors.doors import door_of
from visits.selectors.policy import conduct_policy
from visits.services.agencies.placement import EVALUATION_DAYS, end_placements, new_placement
from visits.services.dispatch.orders import new_order
from visits.services.orders.automatic_endings import expire_orders, stand_down_visits

BATCH = 500
# A share 0..1; no crew is sent to an address that is less certain (domain table b).
ADDRESS_CONFIDENCE_MIN = "0.7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep did: drafts made, cases placed, and cases passed over by reason."""

    drafted: int
    placed: int
    skipped: Mapping[str, int]


@transaction.atomic
def sweep_visits_needed(*, at: datetime, business_date: date, batch: int = BATCH) -> Swept:
    """
    Draft one visit for each case that needs one, has a usable residence and has no open visit.

    At most `batch` cases, the most urgent first; a case that another sweep holds is skipped. A case that
    cannot be visited (no address, no agency with room, protected, cooling off, steps missing) gets a line in its
    timeline and is looked at again the next business day. A draft waits for a person's approval.
    """
    cases = _due(business_date=business_date, batch=batch)
    facts = conduct_histories(borrower_ids=[case.borrower_id for case in cases], at=at)
    placed_with = dict(Placement.objects.filter(case__in=cases, state__in=LIVE_PLACEMENTS).values_list("case", "pk"))
    rooms = _rooms(territories={case.territory_id for case in cases}, business_date=business_date)
    addresses = Address.objects.in_bulk([case.address_id for case in cases if case.address_id])
    drafts: list[VisitOrder] = []
    placements: list[Placement] = []
    skipped: list[tuple[int, str]] = []
    for case in cases:
        address = addresses.get(case.address_id)
        why = "NO_ADDRESS" if address is None else _objection(facts=facts[case.borrower_id], address=address, at=at)
        room = None
        if not why and case.pk not in placed_with:
            room = _roomiest(rooms.get(case.territory_id, ()))
            why = "" if room is not None else "NO_AGENCY"
        if why:
            skipped.append((case.pk, why))
            continue
        if room is not None:
            room.taken += 1
            placements.append(
                new_placement(case_id=case.pk, agency=room.agency, actor=None, at=at, business_date=business_date)
            )
        draft = new_order(
            case_id=case.pk,
            address=addresses[case.address_id],
            purposes=VisitPurpose.values,
            actor=None,
            at=at,
            reason=" ".join(sorted(facts[case.borrower_id].reasons)),
            business_date=business_date,
            ordinal=(case.visits_made or 0) + 1,
        )
        draft.placement_id = placed_with.get(case.pk)
        drafts.append(draft)
    _write(drafts=drafts, placements=placements, skipped=skipped, at=at, business_date=business_date)
    counts: dict[str, int] = {}
    for _case, why in skipped:
        counts[why] = counts.get(why, 0) + 1
    return Swept(drafted=len(drafts), placed=len(placements), skipped=counts)


def _due(*, business_date: date, batch: int) -> list[Any]:
    open_visit = VisitOrder.objects.filter(case=OuterRef("pk")).exclude(state__in=ENDED_VISITS)
    passed_over = CaseEvent.objects.filter(
        case=OuterRef("pk"), kind=CaseEventKind.VISIT, business_date=business_date, body__has_key="skipped"
    )
    usable = (
        Address.objects.filter(
            borrower=OuterRef("borrower"), kind=AddressKind.RESIDENCE, confidence__gte=ADDRESS_CONFIDENCE_MIN
        )
        .exclude(verdict=ContactVerdict.INVALID)
        .order_by(F("last_verified_on").desc(nulls_last=True), "-pk")
    )
    visits = (
        VisitOrder.objects.filter(case=OuterRef("pk")).order_by().values("case").annotate(n=Count("pk")).values("n")
    )
    due = (
        Case.objects.due_for_visit()
        .exclude(stage__in=(CaseStage.ON_HOLD, CaseStage.VISITING))
        .filter(~Exists(open_visit), ~Exists(passed_over))
    )
    found = dict(due.values_list("pk", "borrower")[:batch])
    # The people first, as everywhere: a circumstance that is noted meanwhile is seen, or waits for the draft.
    lock_people(borrowers=found.values())
    return list(
        due.filter(pk__in=found)
        .annotate(address_id=Subquery(usable.values("pk")[:1]), visits_made=Subquery(visits))
        .select_for_update(no_key=True, of=("self",), skip_locked=True)
    )


def _objection(*, facts: ConductFacts, address: Address, at: datetime) -> str:
    """Return why the borrower cannot be visited within the order's validity, "" if they can."""
    policy = conduct_policy()
    if facts.flags:
        return "PROTECTED"
    if last_resort_gaps(policy=policy, attempts=facts.attempts, has_reason=bool(facts.reasons)):
        return "LAST_RESORT"
    slot = earliest_lawful_slot(
        policy=policy,
        calendar=facts.calendar,
        not_before=at,
        duration_minutes=SERVICE_MINUTES,
        history=facts.history,
        flags=facts.flags,
        door=door_of(address=address),
    )
    return "" if slot is not None and slot <= at + timedelta(days=policy.order_valid_days) else "COOLING_OFF"


def _rooms(*, territories: set[int], business_date: date) -> dict[int, list[Any]]:
    """Return the agencies that take cases, by territory, with their load; their capacities are locked."""
    year_ago = business_date - timedelta(days=EVALUATION_DAYS)
    evaluated = AgencyEvaluation.objects.filter(
        agency=OuterRef("agency"), evaluated_on__gt=year_ago, evaluated_on__lte=business_date
    )
    rows = (
        AgencyTerritory.objects.filter(
            territory__in=territories, agency__state=AgencyState.ACTIVE, agency__contract_ends_on__gt=business_date
        )
        .filter(Q(agency__admitted_on__gt=year_ago) | Exists(evaluated))
        .select_related("agency")
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
    )
    live = Placement.objects.filter(case__territory__in=territories, state__in=LIVE_PLACEMENTS)
    loads = {
        (agency, territory): count
        for agency, territory, count in live.values_list("agency", "case__territory").annotate(n=Count("pk"))
    }
    rooms: dict[int, list[Any]] = {}
    for row in rows:
        row.taken = loads.get((row.agency_id, row.territory_id), 0)
        rooms.setdefault(row.territory_id, []).append(row)
    return rooms


def _roomiest(rooms: Sequence[Any]) -> Any:
    """Return the least loaded agency, by the share of its capacity; None if none has room."""
    free = [room for room in rooms if room.taken < room.capacity]
    return min(free, key=lambda room: (room.taken / room.capacity, room.pk), default=None)


def _write(
    *,
    drafts: Sequence[VisitOrder],
    placements: Sequence[Placement],
    skipped: Sequence[tuple[int, str]],
    at: datetime,
    business_date: date,
) -> None:
    placed = {placement.case_id: placement for placement in Placement.objects.bulk_create(placements)}
    for draft in drafts:
        draft.placement_id = draft.placement_id or placed[draft.case_id].pk
    VisitOrder.objects.bulk_create(drafts)
    lines: list[tuple[int, dict[str, Any]]] = [
        (case_id, {"action": "place", "agency": placement.agency.code, "placement": str(placement)})
        for case_id, placement in placed.items()
    ]
    lines += [
        (draft.case_id, {"action": "request", "order": str(draft), "purposes": draft.purposes}) for draft in drafts
    ]
    lines += [(case_id, {"action": "skip", "skipped": why}) for case_id, why in skipped]
    write_events(kind=CaseEventKind.VISIT, actor=None, at=at, events=lines)
    if drafts or placements:
        record(
            actor=None,
            action="visit.drafted",
            subject=("visits.visitorder", business_date.isoformat()),
            at=at,
            body={
                "orders": [draft.pk for draft in drafts],
                "placements": [placement.pk for placement in placed.values()],
                "skipped": len(skipped),
            },
        )


def sweep_visits(*, at: datetime, business_date: date) -> Swept:
    """Call off what is no longer due, then draft what is needed: each its own transaction, safe to repeat."""
    stand_down_visits(at=at)
    return sweep_visits_needed(at=at, business_date=business_date)


def sweep_endings(*, at: datetime, business_date: date) -> int:
    """Let placements and orders lapse whose time is over; return how many did."""
    return end_placements(business_date=business_date, at=at) + expire_orders(business_date=business_date, at=at)
