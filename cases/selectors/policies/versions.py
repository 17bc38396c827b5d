"""Policy versions: all of them, those in force now or on a day, and those that judged a day."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from cases.enums import Job, PolicyState
from cases.models import EvaluationRun, PolicyTerm, PolicyVersion


def policy_versions() -> QuerySet[PolicyVersion]:
    """Return all versions with their policies and people, newest first."""
    return PolicyVersion.objects.select_related("policy", "proposed_by", "approved_by").order_by("-number", "-pk")


def get_active_version(*, segment: str = "") -> PolicyVersion | None:
    """Return the version in force for a segment, or None; the empty segment is every account without its own policy."""
    return policy_versions().filter(state=PolicyState.ACTIVE, policy__segment=segment).first()


def versions_in_force() -> dict[str, PolicyVersion]:
    """Return the versions in force now by segment; the empty segment judges every account without its own policy."""
    active = PolicyVersion.objects.filter(state=PolicyState.ACTIVE).select_related("policy")
    return {version.policy.segment: version for version in active.order_by("policy__segment")}


def version_in_force_beside(*, version: PolicyVersion) -> PolicyVersion | None:
    """Return the version in force for the accounts that `version` would judge: its segment's, else everybody's."""
    versions = versions_in_force()
    return versions.get(version.policy.segment) or versions.get("")


def versions_that_judged(*, business_date: date) -> dict[str, PolicyVersion]:
    """Return the versions by segment that judged a business date: those its run recorded, else those then in force."""
    run = EvaluationRun.objects.filter(job=Job.TRIGGERS, business_date=business_date).first()
    recorded = [] if run is None else run.policies.select_related("version__policy").order_by("segment")
    return {each.segment: each.version for each in recorded} or versions_on(business_date=business_date)


def versions_on(*, business_date: date) -> dict[str, PolicyVersion]:
    """
    Return the versions in force on a business date by segment, in one query; for a past day those of that time.

    The empty segment is every account whose segment has no policy of its own.
    """
    terms = (
        PolicyTerm.objects.filter(Q(effective_until__isnull=True) | Q(effective_until__gt=business_date))
        .filter(effective_from__lte=business_date)
        .select_related("version__policy")
        .order_by("policy__segment", "pk")
    )
    return {term.version.policy.segment: term.version for term in terms}


def terms_of(*, policy_id: int) -> QuerySet[PolicyTerm]:
    """Return the terms of a policy (which version was in force when), newest first."""
    return (
        PolicyTerm.objects.filter(policy_id=policy_id)
        .select_related("version", "set_by")
        .order_by("-effective_from", "-pk")
    )


def scheduled_versions(*, policy_id: int) -> QuerySet[PolicyVersion]:
    """Return the approved versions of a policy that have a day of activation, the next one first."""
    return (
        policy_versions()
        .filter(policy_id=policy_id, state=PolicyState.APPROVED, effective_from__isnull=False)
        .order_by("effective_from", "number")
    )


def titles_of(*, version: PolicyVersion | None) -> dict[str, str]:
    """Return the titles of a version's visit rules by code, in the reader's language; empty for None."""
    if version is None:
        return {}
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    return {rule["code"]: str(rule["title"][language]) for rule in version.body.get("rules", ())}
