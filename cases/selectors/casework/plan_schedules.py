"""The schedule of a plan, from the terms that its decision keeps, and the terms that keep to what a borrower can afford."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from cases.models import Account
from cases.rules.plans.affordability import Means, first_share, shortest_affordable
from cases.rules.plans.limits import MAX_INSTALMENTS, allowed_count
from cases.rules.plans.schedule import PlanSchedule, PlanTerms, schedule_plan
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedPlan:
    """
    The terms of a plan as a decision keeps them, with the rate that it has under the cap.

    `is_affordable` says whether its payments keep to the means; None where these are unknown.
    """

    terms: dict[str, Any]
    is_affordable: bool | None


def sized_plan(
    *, account: Account, terms: Mapping[str, Any], means: Means, starts_on: date, calendars: Calendars | None = None
) -> SizedPlan:
    """
    Return a plan with as many instalments as `terms` say if these are affordable, else with the fewest that are.

    The payment of the first day is affordable too. Where no number of instalments up to 60 is, or the means are unknown,
    the terms stay as they are. `calendars` as in `plan_schedule`.

    :raises InvalidInput: as `plan_schedule` does.
    """
    calendars = calendars or calendars_in_use()
    calendar = calendars.of(jurisdiction=account.territory.jurisdiction, territory=account.territory_id)
    given = from_json(terms=terms, currency=account.currency)
    affordable = means.affordable(currency=account.currency)

    def scheduled(planned: PlanTerms) -> PlanSchedule:
        return schedule_plan(terms=planned, starts_on=starts_on, calendar=calendar)

    chosen, is_affordable = given, None
    if affordable is not None:
        share = first_share(total=given.total, wanted=given.first_share, affordable=affordable)
        capped = replace(given, first_share=share)
        fits = scheduled(capped).largest <= affordable
        count = (
            given.instalments
            if fits
            else shortest_affordable(
                affordable=affordable,
                most=allowed_count(total=given.total, wanted=MAX_INSTALMENTS),
                scheduled=lambda number: scheduled(replace(capped, instalments=number)),
            )
        )
        is_affordable = count is not None
        chosen = given if count is None else replace(capped, instalments=count)
    kept = {
        **terms,
        "annual_rate": f"{scheduled(chosen).annual_rate:.5f}",
        "instalments": chosen.instalments,
        "first_share": f"{chosen.first_share:.2f}",
    }
    return SizedPlan(terms=kept, is_affordable=is_affordable)
