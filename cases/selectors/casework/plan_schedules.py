"""The schedule of a plan, from the terms that its decision keeps."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases.models import Account
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
