"""A repayment plan for an account beside two others, before any of them is proposed."""

from datetime import date

from cases.models import Account
from cases.rules.plans.comparison import Comparison, compare_plans
from cases.rules.proposals import PlanWish, plan_terms_of
from cases.selectors.policies.holidays import calendar_in_use


def compared_plans(*, account: Account, wish: PlanWish, business_date: date) -> Comparison:
    """
    Return the plan that the officer wishes for all that is owed on an account (the door's scope), and two others.

    All start on `business_date` and fall due on working days of the account's territory. Nothing is written.

    :raises InvalidInput: if nothing is owed, or a stepped plan begins with payments below its interest.
    """
    terms = plan_terms_of(
        owed=max(account.outstanding_principal, account.arrears_amount),
        annual_rate=account.annual_rate,
        currency=account.currency,
        wish=wish,
    )
    calendar = calendar_in_use(jurisdiction=account.territory.jurisdiction, territory=account.territory_id)
    return compare_plans(terms=terms, means=wish.means, starts_on=business_date, calendar=calendar)
