"""Versions of the policy, for lists and for whoever needs the one in force."""

from django.db.models import QuerySet

from cases.enums import PolicyState
from cases.models import PolicyVersion


def policy_versions() -> QuerySet[PolicyVersion]:
    """Return all versions with their people, newest first."""
    return PolicyVersion.objects.select_related("policy", "proposed_by", "approved_by").order_by("-number", "-pk")


def get_active_version() -> PolicyVersion | None:
    """Return the version in force, None if there is none."""
    return policy_versions().filter(state=PolicyState.ACTIVE).first()
