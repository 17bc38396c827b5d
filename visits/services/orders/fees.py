"""What a visit costs by the agency's price card. Nothing here looks at what the visit found (domain a 35)."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Q, Sum

from visits.enums import FeeBasis
from visits.models import PriceCard, VisitOrder
from visits.services.orders.conduct_guard import local_date

MADE = (FeeBasis.PER_VISIT, FeeBasis.TRAVEL)
NO_FEE = Decimal("0.00")


def visit_fee(*, order: VisitOrder, on: datetime, report_accepted: bool) -> Decimal:
    """
    Return the fee of one visit in the price card's currency, zero where the card has no price for that day.

    Per visit and travel for every visit set out for, a visit called off on the way included; the price of an
    accepted report comes on top.
    """
    bases = (*MADE, FeeBasis.PER_ACCEPTED_REPORT) if report_accepted else MADE
    day = local_date(on)
    prices = PriceCard.objects.filter(agency__placements=order.placement_id, basis__in=bases, valid_from__lte=day)
    return prices.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day)).aggregate(fee=Sum("amount"))["fee"] or NO_FEE
