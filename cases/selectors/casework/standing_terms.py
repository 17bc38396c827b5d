"""What stands on a borrower's accounts at present: measures of decisions with the value that holds, and repayment plans."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from cases.enums import PlanState
from cases.models import AccountTerm, Decision, PlanInstalment, RepaymentPlan, TermsMeasure


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingTerm:
    """
    What one decision does to one term, and the value that holds with all that stands.

    `rests` where the decision is in force but has no effect at present (a reward of an account that is late).
    """

    decision: Decision
    field: str
    base: str
    holds: str
    rests: bool
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPlan:
    """A plan that waits for the borrower's agreement or runs: what was paid of it, and the instalment that is next."""

    plan: RepaymentPlan
    paid: int
    instalments: int
    following: PlanInstalment | None
    left: Decimal


def standing_terms(*, borrower_id: int, user: Any) -> list[StandingTerm]:
    """Return what decisions do to the terms of a borrower's accounts that `user` may see. Two queries."""
    measures = (
        TermsMeasure.objects.visible_to(user)
        .filter(account__borrower=borrower_id, ended_at__isnull=True)
        .select_related("decision", "account")
        .order_by("account_id", "decision_id", "field")
    )
    terms = {
        (term.account_id, term.field): term
        for term in AccountTerm.objects.visible_to(user).filter(account__borrower=borrower_id)
    }
    found = []
    for measure in measures:
        term = terms.get((measure.account_id, measure.field))
        if term is None:
            continue
        measure.decision.account = measure.account
        found.append(
            StandingTerm(
                decision=measure.decision,
                field=measure.field,
                base=term.base,
                holds=term.effective,
                rests=measure.suspended_at is not None,
                trouble=str(term.get_trouble_display()) if term.trouble else "",
            )
        )
    return found


def running_plans(*, borrower_id: int, user: Any) -> list[RunningPlan]:
    """Return the plans of a borrower that `user` may see and that are proposed to the borrower or run. Two queries."""
    instalments = Prefetch("instalments", PlanInstalment.objects.order_by("number", "pk"), to_attr="in_order")
    rows = (
        RepaymentPlan.objects.visible_to(user)
        .filter(account__borrower=borrower_id, state__in=(PlanState.PROPOSED, PlanState.ACTIVE))
        .select_related("account", "decision")
        .prefetch_related(instalments)
        .order_by("-pk")
    )
    return [_running(plan) for plan in rows]


def _running(plan: Any) -> RunningPlan:
    unpaid = [each for each in plan.in_order if each.paid_on is None]
    return RunningPlan(
        plan=plan,
        paid=len(plan.in_order) - len(unpaid),
        instalments=len(plan.in_order),
        following=unpaid[0] if unpaid else None,
        left=sum((each.amount for each in unpaid), Decimal(0)),
    )
