"""The conduct limits in force."""

from typing import Any

from django.conf import settings

from backoffice.access.models import Jurisdiction, Territory
from visits.rules.conduct.jurisdictions import CHINA, limits_of
from visits.rules.conduct.policy import ConductPolicy


def conduct_policy(*, territory: Territory | None = None) -> ConductPolicy:
    """
    Return the limits of a territory's jurisdiction, of China without one, with times by the clock at its addresses.

    They are the shipped ones, tightened by the operator's own (settings.CONDUCT, by the jurisdiction's code).

    :raises PolicyLoosened: if one of them is looser than what ships.
    """
    if territory is None:
        return limits_in(jurisdiction=CHINA, time_zone="")
    return limits_in(jurisdiction=territory.jurisdiction, time_zone=territory.time_zone)


def limits_in(*, jurisdiction: str, time_zone: str) -> ConductPolicy:
    """Return the limits of a jurisdiction by its code; see `conduct_policy`."""
    return limits_of(jurisdiction=jurisdiction, time_zone=time_zone, own=settings.CONDUCT.get(jurisdiction, {}))


def problems_of_own_limits(*, own: Any) -> list[str]:
    """Return what is wrong with an operator's limits (settings.CONDUCT), empty if they can be used."""
    if not isinstance(own, dict) or not all(isinstance(limits, dict) for limits in own.values()):
        return ['CONDUCT holds limits by the code of their jurisdiction: {"CN": {"notice_min_hours": 48}}.']
    problems = []
    for code, limits in own.items():
        if code not in Jurisdiction.values:
            problems.append(
                f"CONDUCT names no jurisdiction with {code}. Choose one of: {', '.join(Jurisdiction.values)}."
            )
            continue
        try:
            limits_of(jurisdiction=code, time_zone="UTC", own=limits)
        except (TypeError, ValueError) as error:
            problems.append(f"CONDUCT of {code}: {error}")
    return problems
