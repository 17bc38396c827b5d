"""Set the price of a visit in each territory, from which the rules of policies estimate whether a visit pays."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum

from backoffice.access.models import Territory
from backoffice.core.scoping import acts_in
from cases.services.policies.visit_prices import priced_places, set_visit_price
from visits.enums import AgencyState, FeeBasis
from visits.models import AgencyTerritory, PriceCard

# What a visit with an accepted report costs altogether; waiting time and shares of recovery are not known beforehand.
WHOLE_VISIT = (FeeBasis.PER_VISIT, FeeBasis.TRAVEL, FeeBasis.PER_ACCEPTED_REPORT)


@transaction.atomic
def push_visit_prices(*, business_date: date, at: datetime, actor: Any = None) -> int:
    """
    Set the cheapest price of a visit in each territory on a day (`VisitPrice`); return how many prices changed.

    Cheapest among the agencies that are active and take cases there. Where none has a price any more, the price ends.
    An actor of single territories changes the prices of those only; the nightly call changes the rest.
    """
    cheapest = _cheapest(business_date=business_date)
    ended = priced_places(on=business_date) - cheapest.keys()
    wanted: dict[tuple[int, str], Decimal | None] = {**cheapest, **dict.fromkeys(ended)}
    territories = Territory.objects.in_bulk({territory for territory, _currency in wanted})
    return sum(
        set_visit_price(
            territory=territories[territory],
            currency=currency,
            amount=wanted[territory, currency],
            valid_from=business_date,
            at=at,
            actor=actor,
        )
        for territory, currency in sorted(wanted)
        if acts_in(user=actor, territory_id=territory)
    )


def _cheapest(*, business_date: date) -> dict[tuple[int, str], Decimal]:
    in_force = PriceCard.objects.confirmed().filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=business_date),
        valid_from__lte=business_date,
        agency__state=AgencyState.ACTIVE,
        basis__in=WHOLE_VISIT,
    )
    sums: dict[int, list[tuple[str, Decimal]]] = {}
    # A card without a price for the visit itself is no price of a visit.
    whole = in_force.values("agency_id", "currency").annotate(
        whole=Sum("amount"), visit=Sum("amount", filter=Q(basis=FeeBasis.PER_VISIT))
    )
    for agency, currency, price in whole.filter(visit__gt=0).values_list("agency_id", "currency", "whole"):
        sums.setdefault(agency, []).append((currency, price))
    cheapest: dict[tuple[int, str], Decimal] = {}
    places = AgencyTerritory.objects.filter(agency__in=sums, capacity__gt=0).values_list("agency_id", "territory_id")
    for agency, territory in places:
        for currency, price in sums[agency]:
            known = cheapest.get((territory, currency))
            cheapest[territory, currency] = price if known is None else min(known, price)
    return cheapest
