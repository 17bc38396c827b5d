"""What more visits would meet: room at agencies, days until it frees up, and prices, for many territories at once."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cases.models import Case
from visits.enums import AgencyState, CrewState, FeeBasis
from visits.models import AgencyEvaluation, AgencyTerritory, CrewMember, Placement, PriceCard
from visits.models.order import LIVE_PLACEMENTS

# An agency older than this without an evaluation takes no cases (services/agencies/placement.py).
EVALUATION_DAYS = 365
HORIZON_DAYS = 90
PAIR = 2
# What a visit is paid for: going there, and the report that is accepted afterwards.
VISIT_BASES = (FeeBasis.PER_VISIT, FeeBasis.TRAVEL, FeeBasis.PER_ACCEPTED_REPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One visit with its accepted report at the cheapest and the dearest agency, and on average by free places."""

    currency: str
    low: Decimal
    high: Decimal
    mean: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """
    A territory's agencies that take cases: places in all, `held` by live placements, `free` at each added up.

    `waiting` cases need a visit and are placed with nobody. `ending` live placements by the last day of their term.
    `pairs` crews can be formed of confirmed members. `prices` by currency.
    """

    agencies: int = 0
    capacity: int = 0
    held: int = 0
    free: int = 0
    waiting: int = 0
    pairs: int = 0
    ending: Mapping[date, int] = field(default_factory=dict)
    prices: tuple[Price, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overload:
    """
    Cases that find no place, `over` of them from `since` on; on `until` enough terms have ended, None within 90 days.
    """

    over: int
    since: date
    until: date | None


def rooms(*, territories: Collection[int], business_date: date) -> dict[int, Room]:
    """Return the room of each territory, with six queries however many there are."""
    ids = set(territories)
    places = list(_places(ids=ids, business_date=business_date).values_list("territory", "agency", "capacity"))
    live = Placement.objects.filter(case__territory__in=ids, state__in=LIVE_PLACEMENTS)
    held = {
        (place, agency): n for place, agency, n in live.values_list("case__territory", "agency").annotate(n=Count("pk"))
    }
    ending: dict[int, Counter[date]] = defaultdict(Counter)
    for place, day, n in live.values_list("case__territory", "term_ends_on").annotate(n=Count("pk")):
        ending[place][day] += n
    waiting = _waiting(ids=ids)
    agencies = {agency for _place, agency, _capacity in places}
    members = dict(
        CrewMember.objects.filter(agency__in=agencies, state=CrewState.CONFIRMED)
        .values_list("agency")
        .annotate(n=Count("pk"))
    )
    fees = _fees(agencies=agencies, day=business_date)
    found = {}
    for territory in ids:
        here = [
            (agency, capacity, held.get((territory, agency), 0))
            for place, agency, capacity in places
            if place == territory
        ]
        found[territory] = Room(
            agencies=len(here),
            capacity=sum(capacity for _agency, capacity, _held in here),
            held=sum(taken for _agency, _capacity, taken in here),
            free=sum(max(0, capacity - taken) for _agency, capacity, taken in here),
            waiting=waiting.get(territory, 0),
            pairs=sum(members.get(agency, 0) // PAIR for agency, *_rest in here),
            ending=dict(ending[territory]),
            prices=_prices(here, fees),
        )
    return found


def overload(*, room: Room, more: int, business_date: date) -> Overload | None:
    """
    Return how far `more` cases and those that wait exceed a territory's room from `business_date` on; None if not.

    Places free up as terms end; other work to come is not foreseen.
    """
    over = room.waiting + more - room.free
    if more <= 0 or over <= 0:
        return None
    until, freed = None, 0
    for day in sorted(room.ending):
        freed += room.ending[day]
        if freed >= over:
            # A term counts to its last day.
            until = day + timedelta(days=1)
            break
    if room.agencies == 0 or (until and until > business_date + timedelta(days=HORIZON_DAYS)):
        until = None
    return Overload(over=over, since=business_date, until=until)


def crew_days(*, room: Room, more: int, orders_a_day: int) -> int | None:
    """
    Return how many days a territory's crews need, at the least, for one visit to `more` cases and those that wait.

    At `orders_a_day` visits a pair; None without a pair.
    """
    a_day = room.pairs * orders_a_day
    return -(-(room.waiting + more) // a_day) if a_day else None


def _places(*, ids: set[int], business_date: date) -> QuerySet[AgencyTerritory]:
    """Return the capacities of agencies that may take a case on that day (services/dispatch/sweeping.py asks the same)."""
    year_ago = business_date - timedelta(days=EVALUATION_DAYS)
    evaluated = AgencyEvaluation.objects.filter(
        agency=OuterRef("agency"), evaluated_on__gt=year_ago, evaluated_on__lte=business_date
    )
    return AgencyTerritory.objects.filter(
        Q(agency__admitted_on__gt=year_ago) | Exists(evaluated),
        territory__in=ids,
        agency__state=AgencyState.ACTIVE,
        agency__contract_ends_on__gt=business_date,
        agency__papers_until__gte=business_date,
    ).order_by("pk")


def _waiting(*, ids: set[int]) -> dict[int, int]:
    placed = Placement.objects.filter(case=OuterRef("pk"), state__in=LIVE_PLACEMENTS)
    due = Case.objects.due_for_visit().filter(~Exists(placed), territory__in=ids).order_by()
    return dict(due.values_list("territory").annotate(n=Count("pk")))


def _fees(*, agencies: set[int], day: date) -> dict[int, dict[str, Decimal]]:
    cards = PriceCard.objects.confirmed().filter(agency__in=agencies, basis__in=VISIT_BASES, valid_from__lte=day)
    fees: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for card in cards.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day)):
        fees[card.agency_id][card.currency] += card.amount
    return fees


def _prices(here: list[tuple[int, int, int]], fees: Mapping[int, Mapping[str, Decimal]]) -> tuple[Price, ...]:
    offered: dict[str, list[tuple[Decimal, int]]] = defaultdict(list)
    for agency, capacity, taken in here:
        for currency, amount in fees.get(agency, {}).items():
            offered[currency].append((amount, max(0, capacity - taken)))
    return tuple(
        Price(
            currency=currency,
            low=min(amount for amount, _free in offers),
            high=max(amount for amount, _free in offers),
            mean=_mean(offers),
        )
        for currency, offers in sorted(offered.items())
    )


def _mean(offers: list[tuple[Decimal, int]]) -> Decimal:
    # Where every agency is full, each price counts the same.
    weights = [free for _amount, free in offers] if any(free for _amount, free in offers) else [1] * len(offers)
    total = sum((amount * weight for (amount, _free), weight in zip(offers, weights, strict=True)), Decimal(0))
    return (total / sum(weights)).quantize(Decimal("0.01"))
