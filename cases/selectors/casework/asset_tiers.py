"""The tier of one account, read from its figures, its periods and its plans."""

from cases.enums import PlanState
from cases.models import Account, RepaymentPlan, Statement
from cases.rules.asset_tiers import TierReading, read_tier

# Periods looked back at; a stretch that is older has been observed or is still the tier by its days.
PERIODS = 36
RESTRUCTURED = (PlanState.ACTIVE, PlanState.FULFILLED, PlanState.BROKEN)


def tier_of(*, account: Account) -> TierReading:
    """Return the tier of an account on the day of its figures, with two queries; the caller may see the account."""
    closed = Statement.objects.filter(account=account, is_idle=False, period__lte=account.as_of).order_by("-period")
    plan = RepaymentPlan.objects.filter(account=account, state__in=RESTRUCTURED).order_by("-starts_on").first()
    return read_tier(
        product=account.product,
        days_past_due=account.days_past_due,
        closed=list(closed.values_list("days_past_due", flat=True)[:PERIODS]),
        restructured_on=None if plan is None else plan.starts_on,
        on=account.as_of,
    )
