"""What a statement adds up to. The sums are computed from the lines whenever they are shown."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat, TruncDate

from visits.enums import FeeBasis, VisitState
from visits.models import AgencyStatement, CallBack, StatementLine, VisitOrder
from visits.rules.statement_months import next_month
from visits.selectors.conduct import OFFICIAL_ZONE


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisTotal:
    """The lines of one basis and currency: how many, how many of earlier months, and their sum."""

    basis: str
    currency: str
    lines: int
    earlier: int
    amount: Decimal

    @property
    def label(self) -> str:
        """The words of the basis, in the reader's language."""
        return str(FeeBasis(self.basis).label)


def basis_totals(*, statement: AgencyStatement) -> list[BasisTotal]:
    """Return the sums of a statement's lines by basis and currency, with one query."""
    rows = (
        StatementLine.objects.filter(statement=statement)
        .values("basis", "currency")
        .annotate(lines=Count("pk"), earlier=Count("pk", filter=Q(done_on__lt=statement.month)), total=Sum("amount"))
        .order_by("currency", "basis")
    )
    return [
        BasisTotal(
            basis=row["basis"],
            currency=row["currency"],
            lines=row["lines"],
            earlier=row["earlier"],
            amount=row["total"],
        )
        for row in rows
    ]


def grand_totals(*, totals: list[BasisTotal]) -> dict[str, Decimal]:
    """Return what the sums by basis add up to for each currency."""
    sums: dict[str, Decimal] = {}
    for total in totals:
        sums[total.currency] = sums.get(total.currency, Decimal("0.00")) + total.amount
    return sums


def with_sums(rows: "QuerySet[AgencyStatement, Any]") -> "QuerySet[AgencyStatement, Any]":
    """Add to each statement `sums`, a list of "CNY 1234.50", one for each currency, in the same query."""
    lines = (
        StatementLine.objects.filter(statement=OuterRef("pk"))
        .order_by()
        .values("currency")
        .annotate(said=Concat(F("currency"), Value(" "), Cast(Sum("amount"), CharField())))
        .order_by("currency")
        .values("said")
    )
    return rows.annotate(sums=ArraySubquery(lines))


def unpriced_visits(*, statement: AgencyStatement) -> int:
    """
    Return how many visits with an accepted report, up to the end of the month, are on no statement of the agency.

    They have no price on their day, or their report was accepted after the lines were computed. Those that wait for a
    call-back are not counted.
    """
    visits = VisitOrder.objects.filter(placement__agency=statement.agency_id, state=VisitState.VERIFIED).annotate(
        done_on=TruncDate(Coalesce("window_start", "ended_at"), tzinfo=OFFICIAL_ZONE)
    )
    paid = StatementLine.objects.filter(order=OuterRef("pk"))
    waits = CallBack.objects.filter(order=OuterRef("pk")).unpaid()
    return visits.filter(~Exists(paid), ~Exists(waits), done_on__lt=next_month(statement.month)).count()  # type: ignore[no-any-return]
