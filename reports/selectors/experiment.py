"""What the arms of an experiment have achieved so far."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, Exists, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from cases.enums import CloseReason, ComplaintKind
from cases.models import Case, Complaint, Repayment
from reports.enums import Arm
from reports.models import ExperimentArm
from reports.rules.experiment import interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """
    One arm since it was drawn. `recovered` is in the currency asked for; `complained` counts borrowers, not complaints.

    Intervals are fractions: where the true share lies with 95 % confidence.
    """

    arm: Arm
    borrowers: int
    cured: int
    complained: int
    recovered: Decimal

    @property
    def recovered_each(self) -> Decimal:
        """Money recovered for each borrower of the arm, whether they paid or not."""
        return (self.recovered / self.borrowers).quantize(Decimal("0.01"))

    @property
    def cured_within(self) -> tuple[float, float] | None:
        return interval(part=self.cured, whole=self.borrowers)

    @property
    def complained_within(self) -> tuple[float, float] | None:
        return interval(part=self.complained, whole=self.borrowers)


def compare_arms(
    *, user: Any, experiment: str, end_on: date, currency: str, territory: Any = None
) -> tuple[ArmResult, ...]:
    """
    Return the arms of `experiment` that have borrowers, champion first: what happened from each draw to `end_on`, both included.

    Everybody stays in the arm of their draw, also whoever was treated otherwise later. Only borrowers whom `user` may
    see count, of one `territory` if given. Cured: a case closed as paid up. Complained: a complaint, dispute or
    appeal. One statement; none means an empty tuple.
    """
    drawn = ExperimentArm.objects.visible_to(user).filter(experiment=experiment, drawn_on__lte=end_on).order_by()
    if territory is not None:
        drawn = drawn.filter(borrower__territory=territory)
    cured = Case.objects.filter(
        borrower=OuterRef("borrower"),
        close_reason=CloseReason.CURED,
        closed_on__gte=OuterRef("drawn_on"),
        closed_on__lte=end_on,
    )
    complained = Complaint.objects.filter(
        borrower=OuterRef("borrower"), received_at__date__gte=OuterRef("drawn_on"), received_at__date__lte=end_on
    ).exclude(kind=ComplaintKind.EXPLANATION)
    paid = (
        Repayment.objects.filter(
            account__borrower=OuterRef("borrower"),
            account__currency=currency,
            paid_on__gte=OuterRef("drawn_on"),
            paid_on__lte=end_on,
        )
        .order_by()
        .values("account__borrower")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    money = DecimalField(max_digits=18, decimal_places=2)
    rows = (
        drawn.annotate(paid=Subquery(paid, output_field=money))
        .values("arm")
        .annotate(
            borrowers=Count("pk"),
            cured=Count("pk", filter=Exists(cured)),
            complained=Count("pk", filter=Exists(complained)),
            recovered=Coalesce(Sum("paid"), Decimal(0), output_field=money),
        )
    )
    results: dict[str, Any] = {row["arm"]: row for row in rows}
    return tuple(ArmResult(**results[arm] | {"arm": arm}) for arm in Arm if arm in results)
