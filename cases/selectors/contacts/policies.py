"""The limits of contact in force."""

from django.conf import settings

from cases.rules.calendar import Calendar
from cases.rules.contact_budget.jurisdictions import CHINA, SHIPPED
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.tightening import tightened
from cases.selectors.policies.holidays import calendar_in_use


def contact_policies() -> dict[str, ContactPolicy]:
    """
    Return the shipped limits of each jurisdiction, tightened by the operator's own (settings.CONTACT, by jurisdiction).

    :raises PolicyLoosened: if one of them is looser than what ships.
    """
    changes = getattr(settings, "CONTACT", {})
    return {code: tightened(policy, **changes.get(code, {})) for code, policy in SHIPPED.items()}


def contact_policy(*, jurisdiction: str) -> ContactPolicy:
    """
    Return the limits in force of one jurisdiction.

    :raises PolicyLoosened: if the operator's own are looser than what ships.
    """
    return tightened(SHIPPED[jurisdiction], **getattr(settings, "CONTACT", {}).get(jurisdiction, {}))


def holidays_of(*, policy: ContactPolicy) -> Calendar | None:
    """Return the calendar of a policy that gives holidays off; None where they count not, or none is kept for the country."""
    if not policy.holidays_off or policy.jurisdiction != CHINA.jurisdiction:
        return None
    return calendar_in_use()
