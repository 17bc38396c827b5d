"""Versions of the policies, for lists and for whoever needs the one in force on a day."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from cases.enums import PolicyState
from cases.models import PolicyTerm, PolicyVersion


def policy_versions() -> QuerySet[PolicyVersion]:
    """Return all versions with their policies and people, newest first."""
    return PolicyVersion.objects.select_related("policy", "proposed_by", "approved_by").order_by("-number", "-pk")


def get_active_version(*, segment: str = "") -> PolicyVersion | None:
    """Return the version in force for a segment (the empty one: everybody without a policy of their own), or None."""
    return policy_versions().filter(state=PolicyState.ACTIVE, policy__segment=segment).first()


def versions_on(*, business_date: date) -> dict[str, PolicyVersion]:
    """
    Return the version in force on a day for each segment that had one, in one query; a past day as it was then.

    The empty segment judges every account whose segment is not named here.
    """
    terms = (
        PolicyTerm.objects.filter(Q(effective_until__isnull=True) | Q(effective_until__gt=business_date))
        .filter(effective_from__lte=business_date)
        .select_related("version__policy")
        .order_by("policy__segment", "pk")
    )
    return {term.version.policy.segment: term.version for term in terms}


def terms_of(*, policy_id: int) -> QuerySet[PolicyTerm]:
    """Return when which version of a policy was in force, newest first."""
    return (
        PolicyTerm.objects.filter(policy_id=policy_id)
        .select_related("version", "set_by")
        .order_by("-effective_from", "-pk")
    )


def scheduled_versions(*, policy_id: int) -> QuerySet[PolicyVersion]:
    """Return the approved versions of a policy that wait for their day, the next one first."""
    return (
        policy_versions()
        .filter(policy_id=policy_id, state=PolicyState.APPROVED, effective_from__isnull=False)
        .order_by("effective_from", "number")
    )


def titles_of(*, version: PolicyVersion | None) -> dict[str, str]:
    """Return the titles of a version's reasons by code, in the reader's language; nothing for None."""
    if version is None:
        return {}
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return {rule["code"]: str(rule["title"][language]) for rule in version.body.get("rules", ())}
