"""What the lender's core is told of repayment plans: the schedule of a plan in force, and its end."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from backoffice.core.currencies import rounded
from backoffice.outbox.services import add_events
from cases.enums import PlanState
from cases.models import PlanInstalment, RepaymentPlan
from cases.services.decisions.terms_ledger import ORDER

TOPIC: Final = "plan.changed"


def announce_plans(*, plans: Collection[int], at: datetime) -> None:
    """
    Tell the core the state of plans (ids) that has just changed, in the caller's transaction, with the schedule of those in force.

    Events of an account arrive in order with the instructions of its terms. Three statements for any number.

    :raises RuntimeError: if there is no transaction.
    """
    if not plans:
        return
    rows = RepaymentPlan.objects.filter(pk__in=plans).select_related("account").order_by("pk")
    due: dict[int, list[PlanInstalment]] = defaultdict(list)
    in_force = PlanInstalment.objects.filter(plan__in=plans, plan__state=PlanState.ACTIVE)
    for instalment in in_force.order_by("plan", "number"):
        due[instalment.plan_id].append(instalment)
    events, orders = [], {}
    for plan in rows:
        # The moment is part of the key: a plan that money was taken back from is in force a second time.
        key = f"plan:{plan.pk}:{plan.state}:{at:%Y%m%dT%H%M%S%f}"
        events.append((key, _payload(plan, due[plan.pk])))
        orders[key] = f"{ORDER}{plan.account_id}"
    add_events(topic=TOPIC, events=events, at=at, order_keys=orders)


def _payload(plan: RepaymentPlan, instalments: list[PlanInstalment]) -> dict[str, Any]:
    currency = plan.account.currency
    told: dict[str, Any] = {
        "plan": plan.pk,
        "account": plan.account.external_ref,
        "decision": plan.decision_id,
        "state": plan.state,
        "currency": currency,
    }
    if plan.state != PlanState.ACTIVE:
        return told
    return told | {
        "total": str(rounded(plan.total_amount, currency)),
        "annual_rate": str(plan.annual_rate),
        "starts_on": plan.starts_on.isoformat(),
        "instalments": [
            {
                "number": each.number,
                "due_on": each.due_on.isoformat(),
                "amount": str(rounded(each.amount, currency)),
                "interest": str(rounded(each.interest, currency)),
            }
            for each in instalments
        ],
    }
