"""The limits of contact in force."""

from datetime import time
from typing import Final

from django.conf import settings

from cases.rules.calendar import Calendar
from cases.rules.contact_budget.jurisdictions import CHINA, SHIPPED
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.tightening import PolicyLoosened, tightened
from cases.selectors.policies.holidays import calendar_in_use

HOURS: Final = frozenset({"contact_from", "contact_until", "weekend_from", "weekend_until"})


def contact_policies() -> dict[str, ContactPolicy]:
    """
    Return the shipped limits of each jurisdiction, tightened by the operator's own (settings.CONTACT, by jurisdiction).

    :raises PolicyLoosened: if one of them is looser than what ships.
    """
    return {code: contact_policy(jurisdiction=code) for code in SHIPPED}


def contact_policy(*, jurisdiction: str) -> ContactPolicy:
    """
    Return the limits in force of one jurisdiction.

    :raises PolicyLoosened: if the operator's own are looser than what ships.
    """
    changes = dict(settings.CONTACT.get(jurisdiction, {}))
    for name in HOURS & set(changes):
        # The environment gives them as text.
        changes[name] = time.fromisoformat(str(changes[name]))
    return tightened(SHIPPED[jurisdiction], **changes)


def contact_limit_problem() -> str:
    """Return what is wrong with the operator's own limits (settings.CONTACT), empty if nothing is."""
    unknown = sorted(set(settings.CONTACT) - set(SHIPPED))
    if unknown:
        return f"no such jurisdiction: {', '.join(unknown)}"
    for code in SHIPPED:
        try:
            contact_policy(jurisdiction=code)
        except (PolicyLoosened, TypeError, ValueError) as error:
            return f"{code}: {error}"
    return ""


def holidays_of(*, policy: ContactPolicy) -> Calendar | None:
    """Return the calendar of a policy that gives holidays off; None where they count not, or none is kept for the country."""
    if not policy.holidays_off or policy.jurisdiction != CHINA.jurisdiction:
        return None
    return calendar_in_use()
