"""What must hold of visits whatever anybody does, asked of the tables alone: caps, crews, conversations, protections."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count, Q

from cases.models import Borrower, BorrowerFlag, Complaint, ContactAttempt, RepaymentPlan
from visits.models import Placement, VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.lifecycle import COUNTED
from visits.services.orders.conduct_guard import local_date

LIMITS = ConductPolicy()
# Circumstances that stop every visit for as long as they stand.
LASTING = {"CEASE", "DECEASED", "DISPUTED", "REPRESENTED", "HOSPITAL"}


def why_not_to_knock(*, order: VisitOrder, at: datetime) -> list[str]:
    """Return what protects the person of the order, in words, asked of the tables alone."""
    borrower = Borrower.objects.get(pk=order.case.borrower_id)
    person = Borrower.objects.filter(person_key=borrower.person_key)
    kinds = BorrowerFlag.objects.filter(borrower__in=person, cleared_at__isnull=True, kind__in=LASTING)
    kinds = kinds.filter(Q(expires_on__isnull=True) | Q(expires_on__gt=local_date(at) + timedelta(days=1)))
    faults = [f"{order} was opened under {kind}" for kind in kinds.values_list("kind", flat=True)]
    if Complaint.objects.filter(borrower__in=person, answered_at__isnull=True).exists():
        faults.append(f"{order} was opened under a complaint")
    if RepaymentPlan.objects.filter(decision__account__borrower__in=person, state="ACTIVE").exists():
        faults.append(f"{order} was opened under a plan")
    return faults


def broken_rules() -> list[str]:
    """Return which rules the rows break now, in words."""
    return [*_caps(), *_crews(), *_one_each(), *_conversations()]


def _caps() -> list[str]:
    by_person: dict[int, list[datetime]] = defaultdict(list)
    by_door: dict[bytes, list[tuple[datetime, int, int, str, str]]] = defaultdict(list)
    planned = VisitOrder.objects.filter(state__in=COUNTED, planned_arrival_at__isnull=False)
    for order in planned.select_related("case__borrower", "address", "placement"):
        starts_at = order.planned_arrival_at
        assert starts_at is not None
        by_person[order.case.borrower.person_key].append(starts_at)
        # An agency counts for a door as long as it has the case.
        agency = order.placement.agency_id if order.placement.state in LIVE_PLACEMENTS else 0
        by_door[bytes(order.address.door_index)].append(
            (starts_at, agency, order.pk, order.state, str(order.household_id or ""))
        )
    faults = []
    for person, times in by_person.items():
        if _in_window(times, days=LIMITS.debtor_cap_days) > LIMITS.debtor_cap:
            faults.append(f"person {person} is visited too often: {sorted(times)}")
        if _in_window(times, days=LIMITS.after_visit_days) > 1:
            faults.append(f"person {person} is visited too soon again: {sorted(times)}")
    for door, visits in by_door.items():
        # The people of a household who are visited together cost their door one visit.
        occasions = {household or pk: when for when, _agency, pk, _state, household in visits}
        if _in_window(list(occasions.values()), days=LIMITS.door_cap_days) > LIMITS.door_cap:
            faults.append(f"door {door.hex()[:8]} is visited too often: {sorted(visits)}")
        span = timedelta(days=LIMITS.door_agency_days)
        if any(0 < a < b and abs(one - other) < span for one, a, *_more in visits for other, b, *_rest in visits):
            faults.append(f"two agencies at door {door.hex()[:8]}: {sorted(visits)}")
    return faults


def _in_window(times: Sequence[datetime], *, days: int) -> int:
    span = timedelta(days=days)
    return max((sum(1 for other in times if opens <= other < opens + span) for opens in times), default=0)


def _crews() -> list[str]:
    times: dict[int, list[datetime]] = defaultdict(list)
    stops: dict[int, set[tuple[datetime, str]]] = defaultdict(set)
    planned = VisitOrder.objects.filter(state__in=COUNTED, planned_arrival_at__isnull=False)
    for pk, lead, second, starts_at, household in planned.values_list(
        "pk", "lead", "second", "planned_arrival_at", "household"
    ):
        for member in (lead, second):
            times[member].append(starts_at)
            stops[member].add((starts_at, str(household or pk)))
    faults = [
        f"crew member {member} is at two doors at {one} and {other}"
        for member, found in stops.items()
        for (one, _here), (other, _there) in pairwise(sorted(found))
        if other - one < timedelta(minutes=20)
    ]
    for member, starts in times.items():
        days = Counter(local_date(starts_at) for starts_at in starts)
        faults += [f"{member} has {n} on {day}" for day, n in days.items() if n > LIMITS.crew_orders_per_day]
    return faults


def _one_each() -> list[str]:
    live = VisitOrder.objects.filter(ended_at__isnull=True).values("case").annotate(n=Count("pk")).filter(n__gt=1)
    held = Placement.objects.filter(state__in=("ACTIVE", "RETAINED")).values("case")
    held = held.annotate(n=Count("pk")).filter(n__gt=1)
    return [f"two live orders: {row}" for row in live] + [f"two live placements: {row}" for row in held]


def _conversations() -> list[str]:
    reached = ContactAttempt.objects.filter(outcome="RIGHT_PARTY", direction="OUTBOUND")
    days: Counter[tuple[int, Any]] = Counter()
    for person, attempted_at in reached.values_list("borrower__person_key", "attempted_at"):
        days[person, local_date(attempted_at)] += 1
    return [f"person {person} on {day}: {n} conversations" for (person, day), n in days.items() if n > 3]
