"""The limits of each jurisdiction as a table of SQL, so that contacts of all territories are judged in one statement."""

from datetime import date, timedelta
from typing import Any, Final

from cases.rules.contact_budget.policy import ContactPolicy
from cases.selectors.contacts.policies import contact_policies, holidays_of

# `limits` of one row a jurisdiction; `holidays` of one row a day off.
LIMITS: Final = """limits AS MATERIALIZED (
    SELECT * FROM unnest(%(codes)s::text[], %(zones)s::text[], %(starts)s::time[], %(ends)s::time[], %(weekend_starts)s::time[],
        %(weekend_ends)s::time[], %(talks)s::int[], %(tries)s::int[], %(wish_days)s::int[])
    AS l(code, zone, starts, ends, weekend_starts, weekend_ends, talks, tries, wish_days)
), holidays AS MATERIALIZED (
    SELECT * FROM unnest(%(holiday_codes)s::text[], %(holiday_days)s::date[]) AS h(code, day)
)"""


def limit_parameters(*, first: date, last: date) -> dict[str, Any]:
    """Return the parameters of LIMITS, with the holidays of the days from `first` to `last`, both included."""
    policies = list(contact_policies().values())
    off = [(policy.jurisdiction, day) for policy in policies for day in _days_off(policy, first, last)]
    return {
        "codes": [policy.jurisdiction for policy in policies],
        "zones": [policy.official_time_zone for policy in policies],
        "starts": [policy.contact_from for policy in policies],
        "ends": [policy.contact_until for policy in policies],
        "weekend_starts": [policy.weekend_from for policy in policies],
        "weekend_ends": [policy.weekend_until for policy in policies],
        "talks": [policy.conversations_a_day for policy in policies],
        "tries": [policy.tries_a_number for policy in policies],
        "wish_days": [policy.wish_max_days for policy in policies],
        "holiday_codes": [code for code, _day in off],
        "holiday_days": [day for _code, day in off],
    }


def _days_off(policy: ContactPolicy, first: date, last: date) -> list[date]:
    calendar = holidays_of(policy=policy)
    if calendar is None:
        return []
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if calendar.is_national_holiday(day=day)]
