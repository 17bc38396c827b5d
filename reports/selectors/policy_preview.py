"""What publishing a policy version would mean for agencies, for costs, and for the conduct guard."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from cases.models import PolicyTrial
from cases.rules.trials.accuracy import wilson
from cases.rules.trials.trial_figures import TrialFigures
from cases.selectors.trials.figures import city_names, total_of
from visits.selectors.foresight import Overload, Room, crew_days, overload, rooms
from visits.selectors.policy import conduct_policy
from visits.selectors.refusals_ahead import RefusalsAhead, refusals_ahead

NO_MONEY = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CityAhead:
    """
    One territory: `more` and `fewer` visits, the room of its agencies, and when they would be full (None if never).

    `crew_days` are the days of work of the additional visits for all its crews; None without a crew.
    """

    name: str
    more: int
    fewer: int
    room: Room
    overload: Overload | None
    crew_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CostAhead:
    """
    The cost of one visit for each new case, in `currency`: at the cheapest and dearest agency of each territory, and on
    average by free places.

    `saved` is the average cost of the visits that would no longer be asked for.
    """

    currency: str
    low: Decimal
    high: Decimal
    mean: Decimal
    saved: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPreview:
    """
    A publish preview.

    `unpriced` visits have no price. `refusals` are of a sample of the new visits; `refused_within` is the 95 % interval
    (0..1) of the share of all new visits that the conduct guard would refuse, and `is_complete` whether the sample is all
    of them. `draft_has_changed`: the draft was edited after the preview began.
    """

    figures: TrialFigures
    cities: tuple[CityAhead, ...]
    costs: tuple[CostAhead, ...]
    unpriced: int
    refusals: RefusalsAhead
    refused_within: tuple[float, float] | None
    is_complete: bool
    draft_has_changed: bool

    @property
    def more(self) -> int:
        """Return for how many borrowers only this version would ask for a visit."""
        return self.figures.borrowers.get("visits_more", 0)

    @property
    def overloaded(self) -> tuple[CityAhead, ...]:
        """Return the territories whose agencies would be full."""
        return tuple(city for city in self.cities if city.overload is not None)


def policy_preview(*, trial: PolicyTrial, business_date: date, at: datetime) -> PolicyPreview | None:
    """
    Return the preview of a trial with today's agencies, prices and protections; None before its first range.

    About twenty queries, however large the portfolio: the conduct guard checks the trial's sample, at most 500 borrowers
    drawn evenly.
    """
    figures = total_of(trial=trial)
    if figures is None:
        return None
    more, fewer = figures.visits_more.get("city", {}), figures.visits_fewer.get("city", {})
    keys = {**more, **fewer}
    names = city_names(keys=keys)
    found = rooms(territories=[int(key) for key in keys], business_date=business_date)
    a_day = conduct_policy().crew_orders_per_day
    cities = tuple(
        CityAhead(
            name=names[key],
            more=more.get(key, 0),
            fewer=fewer.get(key, 0),
            room=found[int(key)],
            overload=overload(room=found[int(key)], more=more.get(key, 0), business_date=business_date),
            crew_days=crew_days(room=found[int(key)], more=more.get(key, 0), orders_a_day=a_day),
        )
        for key in sorted(keys, key=lambda key: (-more.get(key, 0), names[key]))
    )
    refusals = refusals_ahead(borrower_ids=[borrower for _hash, borrower in trial.sample], at=at)
    return PolicyPreview(
        figures=figures,
        cities=cities,
        costs=_costs(cities),
        refusals=refusals,
        unpriced=sum(city.more for city in cities if not city.room.prices),
        refused_within=wilson(part=refusals.refused, whole=refusals.asked),
        is_complete=refusals.asked == figures.borrowers.get("visits_more", 0),
        draft_has_changed=trial.body != trial.version.body,
    )


def _costs(cities: tuple[CityAhead, ...]) -> tuple[CostAhead, ...]:
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: NO_MONEY))
    for city in cities:
        # With prices in several currencies, each sum is the cost if all visits were paid in that currency.
        for price in city.room.prices:
            cost = sums[price.currency]
            cost["low"] += price.low * city.more
            cost["high"] += price.high * city.more
            cost["mean"] += price.mean * city.more
            cost["saved"] += price.mean * city.fewer
    names = ("low", "high", "mean", "saved")
    return tuple(CostAhead(currency=currency, **{n: cost[n] for n in names}) for currency, cost in sorted(sums.items()))
