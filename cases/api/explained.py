"""The reasons of a case as sentences: why each holds, and what would end it."""

from typing import Any

from backoffice.core.errors import InvalidInput
from cases.models import Case, PolicyVersion, TriggerHit
from cases.rules.policy import PolicyRules, parse_policy
from cases.rules.sentences import closing_sentences, rule_sentences


def explained_hits(*, case: Case, user: Any) -> list[dict[str, Any]]:
    """Return the reasons that hold for the case's borrower, oldest first, with two queries for any number."""
    hits = (
        TriggerHit.objects.visible_to(user)
        .filter(borrower_id=case.borrower_id, left_on__isnull=True)
        .select_related("account", "policy_version")
        .order_by("entered_on", "pk")
    )
    policies: dict[int, PolicyRules | None] = {}
    return [_explained(hit, policies) for hit in hits]


def _explained(hit: TriggerHit, policies: dict[int, PolicyRules | None]) -> dict[str, Any]:
    version = hit.policy_version
    if version.pk not in policies:
        policies[version.pk] = _read(version)
    policy = policies[version.pk]
    rule = next((rule for rule in policy.rules if rule.code == hit.rule), None) if policy else None
    facts = {"currency": hit.account.currency, **hit.facts}
    why = rule_sentences(rule.when, policy=policy, facts=facts) if policy and rule else ()
    close = closing_sentences(rule.when, policy=policy, facts=facts) if policy and rule else ()
    return {
        "rule": hit.rule,
        "title": str(rule.title) if rule else hit.rule,
        "account_ref": hit.account.external_ref,
        "entered_on": hit.entered_on,
        "muted": hit.muted,
        "policy_version": version.number,
        "why": why,
        "what_would_close": close,
    }


def _read(version: PolicyVersion) -> PolicyRules | None:
    try:
        return parse_policy(version.body)
    except InvalidInput:
        # A version of an older shape: the hit keeps its code, without sentences.
        return None
