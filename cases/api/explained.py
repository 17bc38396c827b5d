"""The reasons of a case as sentences: why each holds, and what would end it."""

from typing import Any

from cases.models import Case, TriggerHit
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
    policies: dict[int, PolicyRules] = {}
    return [_explained(hit, policies) for hit in hits]


def _explained(hit: TriggerHit, policies: dict[int, PolicyRules]) -> dict[str, Any]:
    version = hit.policy_version
    if version.pk not in policies:
        policies[version.pk] = parse_policy(version.body)
    policy = policies[version.pk]
    rule = next((rule for rule in policy.rules if rule.code == hit.rule), None)
    facts = {"currency": hit.account.currency, **hit.facts}
    return {
        "rule": hit.rule,
        "title": str(rule.title) if rule else hit.rule,
        "account_ref": hit.account.external_ref,
        "entered_on": hit.entered_on,
        "muted": hit.muted,
        "policy_version": version.number,
        "why": rule_sentences(rule.when, policy=policy, facts=facts) if rule else (),
        "what_would_close": closing_sentences(rule.when, policy=policy, facts=facts) if rule else (),
    }
