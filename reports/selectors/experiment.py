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
    One arm since it was drawn: its borrowers, how many were cured or complained, and the money recovered.

    `complained` counts borrowers, not complaints. `recovered` is in the currency that was asked for.
    """

    arm: Arm
    borrowers: int
    cured: int
    complained: int
    recovered: Decimal

    @property
    def recovered_each(self) -> Decimal:
        """Return the money recovered for each borrower of the arm, paying or not, to two decimals."""
        return (self.recovered / self.borrowers).quantize(Decimal("0.01"))

    @property
    def cured_within(self) -> tuple[float, float] | None:
        """Return the 95 % interval of the share of cured borrowers, both ends 0..1."""
        return interval(part=self.cured, whole=self.borrowers)

    @property
    def complained_within(self) -> tuple[float, float] | None:
        """Return the 95 % interval of the share of borrowers who complained, both ends 0..1."""
        return interval(part=self.complained, whole=self.borrowers)


def compare_arms(
    *, user: Any, experiment: str, end_on: date, currency: str, territory: Any = None
) -> tuple[ArmResult, ...]:
    """
    Return the arms of `experiment` that have borrowers, champion first, with what happened up to and including `end_on`.

    Each borrower counts from the day they were drawn, and in the arm they were drawn into, however they were treated
    later. Only borrowers that `user` may see count, of one `territory` if given. Cured: a case was closed as paid up.
    Complained: a complaint, dispute or appeal was received. What was taken back by `end_on` is
    no payment. Money is in `currency` (ISO 4217). One statement; an empty
    tuple if nobody was drawn.
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
        Repayment.objects.left_on(end_on)
        .filter(
            account__borrower=OuterRef("borrower"),
            account__currency=currency,
            paid_on__gte=OuterRef("drawn_on"),
            paid_on__lte=end_on,
        )
        .order_by()
        .values("account__borrower")
        .annotate(total=Sum("left_amount"))
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
