"""Visit orders that the system ends: their validity is over, or they are no longer due."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final

from django.db import transaction

from backoffice.audit.services import record
from visits.enums import EndReason, VisitState
from visits.models import VisitOrder
from visits.rules.conduct.agreements import CONSENT_RULES
from visits.rules.conduct.guard import ConductRule
from visits.rules.lifecycle import BEFORE_DOOR, WAITING
from visits.selectors.conduct import conduct_histories
from visits.services.orders.conduct_guard import NOT_DUE, local_date, refusals_on_the_way
from visits.services.orders.endings import end_orders

_STOPPED: Final = (BEFORE_DOOR - {VisitState.DRAFT, VisitState.APPROVED}) | {VisitState.CHECKED_IN}
_STOPS: Final = (NOT_DUE - {ConductRule.LAST_RESORT}) | CONSENT_RULES
_STOPS_AT_DOOR: Final = _STOPS - {ConductRule.PAID, ConductRule.PLAN_ACTIVE, ConductRule.GRACE}


@transaction.atomic
def expire_orders(*, business_date: date, at: datetime) -> int:
    """Let every waiting order lapse whose validity ended before `business_date`; return how many did."""
    over = VisitOrder.objects.filter(state__in=WAITING, valid_until__lt=business_date)
    ended = end_orders(rows=over, action="expire", reason=EndReason.LAPSED, actor=None, at=at)
    if ended:
        record(
            actor=None,
            action="visit.expired",
            subject=("visits.visitorder", business_date.isoformat()),
            at=at,
            body={"orders": ended},
        )
    return len(ended)


@transaction.atomic
def stand_down_visits(*, at: datetime, borrowers: Collection[int] | None = None, batch: int = 1000) -> int:
    """
    Call off planned visits that are no longer due: paid, on a plan, protected, or without the consent that they rest on.

    Crews on their way are stopped (broken off with F41), the others cancelled. A crew that is at the door is stopped by a
    protection of the person or a consent that was withdrawn, not by a payment or a plan: those may be what the visit
    achieved. Returns how many. The same rules are asked at departure and at the door; this stops a crew before it gets
    there. `borrowers` (ids) are those of whom something changed; all without it.
    """
    planned = VisitOrder.objects.filter(state__in=_STOPPED, planned_arrival_at__isnull=False)
    if borrowers is not None:
        planned = planned.filter(case__borrower__in=borrowers)
    orders = list(
        planned.select_related("case", "address", "lead__agency", "second__agency", "placement__agency").order_by(
            "planned_arrival_at", "pk"
        )[:batch]
    )
    if not orders:
        return 0
    facts = conduct_histories(
        borrower_ids={order.case.borrower_id for order in orders}, at=at, without_orders=[order.pk for order in orders]
    )
    due_off = [
        order.pk
        for order in orders
        if any(
            refusal.rule in (_STOPS_AT_DOOR if order.state == VisitState.CHECKED_IN else _STOPS)
            for refusal in refusals_on_the_way(order=order, facts=facts[order.case.borrower_id], at=at)
        )
    ]
    rows = VisitOrder.objects.filter(pk__in=due_off)
    begun = rows.filter(state__in=(VisitState.EN_ROUTE, VisitState.CHECKED_IN))
    ended = end_orders(rows=begun, action="abort", reason=EndReason.NOT_DUE, actor=None, at=at)
    ended += end_orders(rows=rows, action="cancel", reason=EndReason.NOT_DUE, actor=None, at=at)
    if ended:
        record(
            actor=None,
            action="visit.stood_down",
            subject=("visits.visitorder", local_date(at).isoformat()),
            at=at,
            body={"orders": ended},
        )
    return len(ended)
