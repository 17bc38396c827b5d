"""The conduct limits in force."""

from django.conf import settings

from visits.rules.conduct.policy import ConductPolicy, tightened


def conduct_policy() -> ConductPolicy:
    """
    Return the shipped limits, tightened by the operator's own (settings.CONDUCT, field by field).

    :raises PolicyLoosened: if one of them is looser than what ships.
    """
    return tightened(ConductPolicy(), **getattr(settings, "CONDUCT", {}))
