"""The plan that an approved decision offers, with its schedule."""

from datetime import datetime

from django.utils.timezone import localdate

from cases.models import Decision, PlanInstalment, RepaymentPlan
from cases.rules.plans.schedule import PlanSchedule
from cases.selectors.casework.plan_schedules import plan_schedule


def draft_plan(*, decision: Decision, at: datetime) -> RepaymentPlan:
    """Write the plan that an approved decision offers, with its schedule from today on, in the caller's transaction."""
    schedule = plan_schedule(account=decision.account, terms=decision.terms, starts_on=localdate(at))
    plan = RepaymentPlan.objects.create(
        account_id=decision.account_id,
        decision=decision,
        total_amount=schedule.total,
        annual_rate=schedule.annual_rate,
        starts_on=schedule.starts_on,
        agreement_ref="",
        created_at=at,
        updated_at=at,
    )
    write_instalments(plan=plan, schedule=schedule)
    return plan


def write_instalments(*, plan: RepaymentPlan, schedule: PlanSchedule) -> None:
    """Write the instalments of a schedule, in the caller's transaction."""
    PlanInstalment.objects.bulk_create(
        [
            PlanInstalment(plan=plan, number=i.number, due_on=i.due_on, amount=i.amount, interest=i.interest)
            for i in schedule.instalments
        ]
    )
