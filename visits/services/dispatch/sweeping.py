"""
Draft visits for all cases that need one (`Case.needs_visit_by`), and agencies for those that have none.

The due set is walked in chunks, each in its own transaction: after a worker that died the next goes on behind its last chunk.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from backoffice.core.collector import collector_by_hand
from backoffice.core.errors import StateConflict
from backoffice.core.id_lists import any_of
from cases.enums import AddressKind, CaseStage, ContactVerdict
from cases.models import Address, Case
from cases.services.people.locks import lock_people
from visits.models import PassedOver, Placement, SweepLine, VisitOrder
from visits.models.order import ENDED_VISITS, LIVE_PLACEMENTS
from visits.rules.allocation import Places, ShareRule, allocate
from visits.rules.conduct.contact import ContactHistory
from visits.rules.conduct.door import Door
from visits.rules.conduct.guard import earliest_lawful_slot
from visits.rules.conduct.last_resort import is_last_resort
from visits.rules.routing import SERVICE_MINUTES
from visits.selectors.conduct import ConductFacts, conduct_histories
from visits.selectors.doors import agencies_at_doors, doors_of_addresses
from visits.services.agencies.joined_cases import end_joined
from visits.services.agencies.placement_ends import end_placements
from visits.services.agencies.rooms import last_agencies, locked_places, share_rule
from visits.services.dispatch.draft_writing import Draft, write_drafts, write_full, write_passed_over, write_warnings
from visits.services.orders.automatic_endings import expire_orders, stand_down_visits

# Cases a transaction: large enough that statements cost little a case, small enough that people wait a second at most.
CHUNK = 1_000
# How often a chunk is begun again because a merge changed who belongs to its people.
ATTEMPTS = 5
# A share 0..1; no crew is sent to an address that is less certain (domain table b).
ADDRESS_CONFIDENCE_MIN = "0.7"
Reason = SweepLine.Reason
NO_CONTACT = ContactHistory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep did: drafts made, cases placed, and cases passed over for the first time that day, by reason."""

    drafted: int
    placed: int
    skipped: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    """What one transaction did. `after` is where the next one begins, None behind the last case."""

    drafted: int
    placed: int
    skipped: Mapping[str, int]
    full: Mapping[int, str]
    looked_at: int
    after: tuple[date, int] | None


def sweep_visits_needed(*, at: datetime, business_date: date, batch: int | None = None, chunk: int = CHUNK) -> Swept:
    """
    Draft one visit for each case that needs one, has a usable residence and has no open visit, the most urgent first.

    At most `batch` cases are looked at, all of them without it. A case that cannot be visited (no address, protected,
    cooling off, steps missing) is looked at again the next business day; its timeline has a line when the reason begins.
    Cases of a territory whose agencies take no more are left out together, and looked at again as soon as there is
    room. Each territory, day and reason has one `SweepLine`. A draft waits for a person's approval.

    :raises StateConflict: if merges changed who belongs to a chunk's people again and again.
    """
    drafted = placed = looked_at = 0
    skipped: Counter[str] = Counter()
    full: dict[int, str] = {}
    after: tuple[date, int] | None = None
    while batch is None or looked_at < batch:
        size = chunk if batch is None else min(chunk, batch - looked_at)
        # A chunk makes thousands of rows and no cycles.
        with collector_by_hand():
            done = _with_retries(at=at, business_date=business_date, size=size, after=after, full=frozenset(full))
        drafted, placed, looked_at = drafted + done.drafted, placed + done.placed, looked_at + done.looked_at
        skipped.update(done.skipped)
        full |= done.full
        after = done.after
        if after is None:
            break
    skipped.update(_note_full(full=full, business_date=business_date, at=at))
    return Swept(drafted=drafted, placed=placed, skipped=dict(skipped))


def _with_retries(**chunk: Any) -> _Chunk:
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _sweep_chunk(**chunk)
        except StateConflict:
            continue
    return _sweep_chunk(**chunk)


@transaction.atomic
def _sweep_chunk(
    *, at: datetime, business_date: date, size: int, after: tuple[date, int] | None, full: Collection[int]
) -> _Chunk:
    due = _due(business_date=business_date, full=full)
    found: list[Any] = list(_behind(due, after).values_list("needs_visit_by", "pk", "borrower")[:size])
    if not found:
        return _Chunk(drafted=0, placed=0, skipped={}, full={}, looked_at=0, after=None)
    # The people first, as everywhere: a circumstance that is noted meanwhile is seen, or waits for the draft.
    lock_people(borrowers=[borrower for _day, _case, borrower in found])
    cases = _locked(due=due, cases=[case for _day, case, _borrower in found])
    facts = conduct_histories(borrower_ids=[case["borrower"] for case in cases], at=at)
    doors = doors_of_addresses(addresses=[case["address"] for case in cases if case["address"] is not None])
    free_from: dict[tuple[int, int], datetime] = {}
    drafts: list[Draft] = []
    passed_over: list[tuple[int, int, str]] = []
    for case in cases:
        known, door = facts[case["borrower"]], doors.get(case["address"])
        why = Reason.NO_ADDRESS if door is None else _objection(facts=known, door=door, at=at, free_from=free_from)
        if why:
            passed_over.append((case["pk"], case["territory"], why))
            continue
        drafts.append(
            Draft(
                case=case["pk"],
                territory=case["territory"],
                address=case["address"],
                placement=case["placement"],
                ordinal=(case["visits_made"] or 0) + 1,
                reason=" ".join(sorted(known.reasons)),
                valid_days=known.policy.order_valid_days,
            )
        )
    chosen, now_full, few = _agencies_for(drafts=drafts, doors=doors, business_date=business_date)
    drafts = [draft for draft in drafts if draft.placement is not None or draft.case in chosen]
    write_passed_over(passed_over=passed_over, at=at, business_date=business_date)
    write_warnings(placed=few, at=at, business_date=business_date)
    write_drafts(drafts=drafts, agencies=chosen, at=at, business_date=business_date)
    last_day, last_case, _borrower = found[-1]
    return _Chunk(
        drafted=len(drafts),
        placed=len(chosen),
        skipped=Counter(why for _case, _territory, why in passed_over),
        full=now_full,
        looked_at=len(cases),
        after=(last_day, last_case) if len(found) == size else None,
    )


def _due(*, business_date: date, full: Collection[int]) -> QuerySet[Case]:
    """Return the cases to look at: without an open visit, not looked at today, in no full territory without an agency."""
    open_visit = VisitOrder.objects.filter(case=OuterRef("pk")).exclude(state__in=ENDED_VISITS)
    looked_at = PassedOver.objects.filter(case=OuterRef("pk"), looked_on=business_date)
    due = (
        Case.objects.due_for_visit()
        .exclude(stage__in=(CaseStage.ON_HOLD, CaseStage.VISITING))
        .filter(~Exists(open_visit), ~Exists(looked_at))
    )
    return due.exclude(Q(territory__in=full) & ~Exists(_live_placement())) if full else due


def _behind(due: QuerySet[Case], after: tuple[date, int] | None) -> QuerySet[Case]:
    if after is None:
        return due
    day, case = after
    return due.filter(Q(needs_visit_by__gt=day) | Q(pk__gt=case), needs_visit_by__gte=day)


def _live_placement() -> QuerySet[Placement]:
    return Placement.objects.filter(case=OuterRef("pk"), state__in=LIVE_PLACEMENTS).order_by()


def _locked(*, due: QuerySet[Case], cases: Sequence[int]) -> list[dict[str, Any]]:
    """Lock those of the cases that are still due and that nobody else holds; return what a draft needs to know of each."""
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
    rows: Any = due.filter(pk__in=any_of(cases)).select_for_update(no_key=True, of=("self",), skip_locked=True)
    return list(
        rows.annotate(
            address=Subquery(usable.values("pk")[:1]),
            visits_made=Subquery(visits),
            placement=Subquery(_live_placement().values("pk")[:1]),
        ).values("pk", "borrower", "territory", "address", "visits_made", "placement")
    )


def _objection(*, facts: ConductFacts, door: Door, at: datetime, free_from: dict[tuple[int, int], datetime]) -> str:
    """
    Return why the borrower cannot be visited within the order's validity, "" if they can.

    `free_from` keeps the first lawful instant by the limits (ids of policy and calendar) for one chunk of cases.
    """
    policy = facts.policy
    if facts.flags:
        return Reason.PROTECTED
    if not is_last_resort(policy=policy, attempts=facts.attempts, has_reason=bool(facts.reasons)):
        return Reason.LAST_RESORT
    # Whom nobody visits and who promised nothing can be visited from the same instant on wherever the same limits hold.
    limits = (id(policy), id(facts.calendar))
    is_untouched = facts.history == NO_CONTACT
    slot = free_from.get(limits) if is_untouched else None
    if slot is None:
        slot = earliest_lawful_slot(
            policy=policy,
            calendar=facts.calendar,
            not_before=at,
            duration_minutes=SERVICE_MINUTES,
            history=facts.history,
            flags=facts.flags,
            door=door,
        )
    if is_untouched and slot is not None:
        free_from[limits] = slot
    return "" if slot is not None and slot <= at + timedelta(days=policy.order_valid_days) else Reason.COOLING_OFF


def _agencies_for(
    *, drafts: Sequence[Draft], doors: Mapping[int, Door], business_date: date
) -> tuple[dict[int, Any], dict[int, str], dict[int, int]]:
    """
    Return the agency of each case that has none and gets one, the full territories and why, and how many cases were placed
    in territories with too few agencies to keep shares.
    """
    unplaced: dict[int, list[int]] = defaultdict(list)
    addresses: dict[int, int] = {}
    for draft in (each for each in drafts if each.placement is None):
        unplaced[draft.territory].append(draft.case)
        addresses[draft.case] = draft.address
    if not unplaced:
        return {}, {}, {}
    places, agencies = locked_places(territories=unplaced, business_date=business_date)
    before = last_agencies(cases=addresses)
    at_doors = agencies_at_doors(addresses=set(addresses.values()))
    rule = share_rule()
    chosen: dict[int, Any] = {}
    full: dict[int, str] = {}
    few: dict[int, int] = {}
    for territory, cases in unplaced.items():
        here = places.get(territory, [])
        found = allocate(
            places=here, before=[before.get(case) for case in cases], rule=rule, at_doors=at_doors,
            doors=[doors[addresses[case]].key for case in cases],
        )  # fmt: skip
        taken = {case: agencies[agency] for case, agency in zip(cases, found, strict=True) if agency is not None}
        chosen |= taken
        if len(taken) < len(cases):
            full[territory] = _why_full(places=here, found=found, rule=rule)
        if taken and not rule.holds(here):
            few[territory] = len(taken)
    return chosen, full, few


def _why_full(*, places: Sequence[Places], found: Sequence[int | None], rule: ShareRule) -> str:
    placed = Counter(agency for agency in found if agency is not None)
    has_room = any(each.taken + placed[each.agency] < each.capacity for each in places)
    return Reason.SHARE_CAP if has_room and rule.holds(places) else Reason.NO_AGENCY


@transaction.atomic
def _note_full(*, full: Mapping[int, str], business_date: date, at: datetime) -> dict[str, int]:
    """Note once how many cases wait in each full territory; return how many more than were noted that day, by reason."""
    waiting = (
        _due(business_date=business_date, full=())
        .filter(~Exists(_live_placement()), territory__in=full)
        .order_by()
        .values_list("territory")
        .annotate(n=Count("pk"))
    )
    return write_full(
        waiting={(territory, full[territory]): count for territory, count in waiting} if full else {},
        at=at,
        business_date=business_date,
    )


def sweep_visits(*, at: datetime, business_date: date) -> Swept:
    """Call off what is no longer due, then draft what is needed, each in its own transactions."""
    stand_down_visits(at=at)
    end_joined(at=at, business_date=business_date)
    return sweep_visits_needed(at=at, business_date=business_date)


def sweep_endings(*, at: datetime, business_date: date) -> int:
    """Let placements and orders lapse whose time is over; return how many did."""
    return end_placements(business_date=business_date, at=at) + expire_orders(business_date=business_date, at=at)
