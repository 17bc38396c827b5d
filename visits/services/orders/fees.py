"""What a visit costs by the agency's price card. Nothing here looks at what the visit found (domain a 35)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncDate

from visits.enums import FeeBasis, VisitState
from visits.models import CallBack, PriceCard, VisitOrder
from visits.selectors.conduct import OFFICIAL_ZONE
from visits.services.orders.conduct_guard import local_date

MADE = (FeeBasis.PER_VISIT, FeeBasis.TRAVEL)
NO_FEE = Decimal("0.00")
# A visit with an accepted report, and one that was broken off and is paid for the way; an unpaid one has no fee at all.
OWED: Final = Q(of_state=VisitState.VERIFIED, basis__in=(*MADE, FeeBasis.PER_ACCEPTED_REPORT)) | Q(
    of_state=VisitState.ABORTED, of_fee__isnull=False, basis__in=MADE
)


def visit_fee(*, order: VisitOrder, on: datetime, report_accepted: bool) -> Decimal:
    """
    Return the fee of one visit in the price card's currency, zero where the card has no price for the visit's day.

    Per visit and travel for every visit set out for; the price of an accepted report comes on top. `on` counts where the
    visit has no window.
    """
    bases = (*MADE, FeeBasis.PER_ACCEPTED_REPORT) if report_accepted else MADE
    day = local_date(order.window_start or on)
    prices = _in_force(day).filter(agency__placements=order.placement_id, basis__in=bases)
    return prices.aggregate(fee=Sum("amount"))["fee"] or NO_FEE


def charge_way(*, orders: Sequence[int], on: datetime) -> None:
    """
    Write the fee of visits (ids) that were broken off: per visit and travel, without a report; one statement.

    The prices are those of the visit's day, which is the day of `on` where the visit has no window.
    """
    prices = (
        _in_force(OuterRef("done_on"))
        .filter(agency__placements=OuterRef("placement"), basis__in=MADE)
        .order_by()
        .values("agency")
        .annotate(fee=Sum("amount"))
        .values("fee")
    )
    day = TruncDate(Coalesce("window_start", Value(on)), tzinfo=OFFICIAL_ZONE)
    broken_off = VisitOrder.objects.filter(pk__in=orders).annotate(done_on=day)
    broken_off.update(fee=Coalesce(Subquery(prices), NO_FEE))


def owed_parts() -> "QuerySet[PriceCard, Any]":
    """
    Return what agencies are owed for visits, a row for each part: the confirmed price card's row that counts.

    With each row: `of_order` and `of_agency` (ids), `done_on` (the visit's local day), `of_state` and `of_fee`. Of two
    prices for one part on one day the later one counts. A visit that is asked back is owed nothing until that is settled.
    """
    order = "agency__placements__orders"
    parts: QuerySet[PriceCard, Any] = PriceCard.objects.confirmed().annotate(
        of_order=F(f"{order}__pk"),
        of_agency=F("agency_id"),
        of_state=F(f"{order}__state"),
        of_fee=F(f"{order}__fee"),
        done_on=TruncDate(Coalesce(f"{order}__window_start", f"{order}__ended_at"), tzinfo=OFFICIAL_ZONE),
    )
    in_force = Q(valid_from__lte=F("done_on")) & (Q(valid_to__isnull=True) | Q(valid_to__gte=F("done_on")))
    is_later = Q(valid_from__gt=OuterRef("valid_from")) | Q(valid_from=OuterRef("valid_from"), pk__gt=OuterRef("pk"))
    later = _in_force(OuterRef("done_on")).filter(is_later, agency=OuterRef("agency"), basis=OuterRef("basis"))
    waiting = CallBack.objects.filter(order=OuterRef("of_order")).unpaid()
    return parts.filter(OWED, in_force, ~Exists(later), ~Exists(waiting), amount__gt=0)


def _in_force(day: Any) -> QuerySet[PriceCard]:
    return PriceCard.objects.confirmed().filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)
