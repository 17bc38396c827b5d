"""The funnel from a trigger hit to a repayment: how far the cases of a period have come."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.enums import DecisionState
from cases.models import Case, Decision, Repayment, TriggerHit, Verification
from visits.enums import VisitState
from visits.models import VisitOrder

# States of an order whose visit was made.
DONE = (
    VisitState.REPORTED,
    VisitState.UNDER_REVIEW,
    VisitState.SECOND_REVIEW,
    VisitState.VERIFIED,
    VisitState.RETURNED,
)
# States of a decision that is in force, or was until it ended.
IN_FORCE = (DecisionState.ACKNOWLEDGED, DecisionState.EXPIRED, DecisionState.REVERSED)
LABELS: dict[str, str | Promise] = {
    "hits": _("Borrowers with a reason"),
    "cases": _("Cases opened"),
    "ordered": _("Visit ordered"),
    "done": _("Visit made"),
    "verified": _("Facts verified"),
    "decided": _("Decision proposed"),
    "in_force": _("Decision in force"),
    "recovered": _("Something repaid"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One step: how many have reached it, and their share of the first step (0..1, four decimals; None if that is 0)."""

    name: str
    label: str | Promise
    count: int
    share: Decimal | None


def funnel(*, user: Any, start_on: date, end_on: date, territory: Any = None) -> tuple[FunnelStep, ...]:
    """
    Return how far the borrowers and cases of `start_on` to `end_on`, both included, have come until now.

    Only what `user` may see counts, of one `territory` if given. The first step counts borrowers with a trigger hit that
    began in the period; the others follow the cases opened in the period, whenever the later step happened. A case
    verified by a desk check has no visit, so a later step may be larger than the visits before it. Two statements.
    """
    hits = TriggerHit.objects.visible_to(user).filter(entered_on__range=(start_on, end_on))
    cases = Case.objects.visible_to(user).filter(opened_on__range=(start_on, end_on))
    if territory is not None:
        hits, cases = hits.filter(borrower__territory=territory), cases.filter(territory=territory)
    orders = VisitOrder.objects.filter(case=OuterRef("pk"))
    decisions = Decision.objects.filter(case=OuterRef("pk"))
    paid = Repayment.objects.left().filter(account__borrower=OuterRef("borrower"), paid_on__gte=OuterRef("opened_on"))
    counts = {"hits": hits.aggregate(n=Count("borrower", distinct=True))["n"]}
    counts |= cases.order_by().aggregate(
        cases=Count("pk"),
        ordered=Count("pk", filter=Exists(orders)),
        done=Count("pk", filter=Exists(orders.filter(state__in=DONE))),
        verified=Count("pk", filter=Exists(Verification.objects.filter(case=OuterRef("pk")))),
        decided=Count("pk", filter=Exists(decisions)),
        in_force=Count("pk", filter=Exists(decisions.filter(state__in=IN_FORCE))),
        recovered=Count("pk", filter=Exists(paid)),
    )
    first = counts["hits"] or counts["cases"]
    return tuple(
        FunnelStep(
            name=name,
            label=label,
            count=counts[name],
            share=(Decimal(counts[name]) / first).quantize(Decimal("0.0001")) if first else None,
        )
        for name, label in LABELS.items()
    )
