"""Versions of the policy, for lists and for whoever needs the one in force."""

from django.db.models import QuerySet
from django.utils.translation import get_language

from cases.enums import PolicyState
from cases.models import PolicyVersion


def policy_versions() -> QuerySet[PolicyVersion]:
    """Return all versions with their people, newest first."""
    return PolicyVersion.objects.select_related("policy", "proposed_by", "approved_by").order_by("-number", "-pk")


def get_active_version() -> PolicyVersion | None:
    """Return the version in force, None if there is none."""
    return policy_versions().filter(state=PolicyState.ACTIVE).first()


def titles_of(*, version: PolicyVersion | None) -> dict[str, str]:
    """Return the titles of a version's reasons by code, in the reader's language; nothing for None."""
    if version is None:
        return {}
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return {rule["code"]: str(rule["title"][language]) for rule in version.body.get("rules", ())}
