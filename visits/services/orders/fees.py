"""What a visit costs by the agency's price card. Nothing here looks at what the visit found (domain a 35)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from visits.enums import FeeBasis
from visits.models import PriceCard, VisitOrder
from visits.services.orders.conduct_guard import local_date

MADE = (FeeBasis.PER_VISIT, FeeBasis.TRAVEL)
NO_FEE = Decimal("0.00")


def visit_fee(*, order: VisitOrder, on: datetime, report_accepted: bool) -> Decimal:
    """
    Return the fee of one visit in the price card's currency, zero where the card has no price for that day.

    Per visit and travel for every visit set out for; the price of an accepted report comes on top.
    """
    bases = (*MADE, FeeBasis.PER_ACCEPTED_REPORT) if report_accepted else MADE
    prices = _prices(on=on).filter(agency__placements=order.placement_id, basis__in=bases)
    return prices.aggregate(fee=Sum("amount"))["fee"] or NO_FEE


def charge_way(*, orders: Sequence[int], on: datetime) -> None:
    """Write the fee of visits (ids) that were broken off: per visit and travel, without a report; one statement."""
    prices = (
        _prices(on=on)
        .filter(agency__placements=OuterRef("placement"), basis__in=MADE)
        .order_by()
        .values("agency")
        .annotate(fee=Sum("amount"))
        .values("fee")
    )
    VisitOrder.objects.filter(pk__in=orders).update(fee=Coalesce(Subquery(prices), NO_FEE))


def _prices(*, on: datetime) -> QuerySet[PriceCard]:
    day = local_date(on)
    return PriceCard.objects.confirmed().filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)
