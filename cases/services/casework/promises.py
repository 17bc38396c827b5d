"""Promises to pay: kept or broken, by the repayments that arrived."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import DateField, DecimalField, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from backoffice.audit.services import record
from cases.enums import PromiseState
from cases.models import PromiseToPay, Repayment
from cases.services.casework.reevaluation import FEW, mark_for_reevaluation

# Table b: a promise is kept if at least 95 % of it is paid by its day plus three days of grace.
KEPT_SHARE = Decimal("0.95")
GRACE = timedelta(days=3)
_MONEY = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How many promises were found kept and broken."""

    kept: int
    broken: int


@transaction.atomic
def settle_promises(*, business_date: date, at: datetime) -> Settled:
    """
    Settle the open promises that are already paid or whose days are over; a constant number of statements.

    Kept: repayments of the account from the day of the promise to three days after it fell due reach 95 % of it.
    Broken: those days are over and the repayments are less. A repayment counts for every promise whose days include it.
    """
    last_day = ExpressionWrapper(OuterRef("due_on") + Value(GRACE), output_field=DateField())
    paid = (
        Repayment.objects.filter(
            account=OuterRef("account"),
            paid_on__gte=OuterRef("promised_on"),
            paid_on__lte=last_day,
        )
        .filter(paid_on__lte=business_date)
        .order_by()
        .values("account")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    rows = PromiseToPay.objects.filter(state=PromiseState.OPEN, promised_on__lte=business_date).annotate(
        paid=Coalesce(Subquery(paid), Value(Decimal(0)), output_field=_MONEY)
    )
    share = ExpressionWrapper(
        F("amount") * Value(KEPT_SHARE), output_field=DecimalField(max_digits=18, decimal_places=4)
    )
    ended = rows.filter(Q(paid__gte=share) | Q(due_on__lt=business_date - GRACE))
    borrowers = list(ended.values_list("borrower_id", flat=True)[: FEW + 1])
    kept = rows.filter(paid__gte=share).update(state=PromiseState.KEPT, settled_on=business_date, updated_at=at)
    broken = rows.filter(due_on__lt=business_date - GRACE).update(
        state=PromiseState.BROKEN, settled_on=business_date, updated_at=at
    )
    if kept or broken:
        mark_for_reevaluation(borrowers=borrowers, at=at)
        record(
            actor=None,
            action="promise.settled",
            subject=("cases.promisetopay", "set"),
            at=at,
            body={"kept": kept, "broken": broken, "business_date": business_date},
        )
    return Settled(kept=kept, broken=broken)
