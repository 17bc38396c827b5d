"""The schedule of an offered plan, from the terms that its decision keeps."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localdate

from cases.models import Account, Decision, PlanInstalment, RepaymentPlan
from cases.rules.plans.schedule import PlanSchedule, schedule_plan
from cases.rules.plans.terms import from_json
from cases.selectors.policies.holidays import Calendars, calendars_in_use


def plan_schedule(
    *, account: Account, terms: Mapping[str, Any], starts_on: date, calendars: Calendars | None = None
) -> PlanSchedule:
    """
    Return the schedule of a plan from `starts_on`, in the account's currency, due on working days of its territory.

    Who makes several passes the `calendars`; else they are read. One query without them.

    :raises InvalidInput: if a stepped plan begins with payments below its interest.
    """
    calendars = calendars or calendars_in_use()
    calendar = calendars.of(jurisdiction=account.territory.jurisdiction, territory=account.territory_id)
    planned = from_json(terms=terms, currency=account.currency)
    return schedule_plan(terms=planned, starts_on=starts_on, calendar=calendar)


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
