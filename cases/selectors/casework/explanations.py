"""Why a case exists: the trigger hits that hold, as sentences, with the facts on entry and now and what would end each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from backoffice.core.errors import InvalidInput
from cases.models import AccountFacts, Case, PolicyVersion, TriggerHit
from cases.rules.policy.body import PolicyRules, Rule
from cases.rules.policy.features import FEATURES
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.sentences import closing_sentences, rule_sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """
    One rule that holds for one account. `because` has the values on entry, `ends_when` those of the latest facts.

    `facts_on` is the business date of the latest facts, None where none are kept.
    """

    rule: str
    title: str
    account_ref: str
    entered_on: date
    muted: bool
    policy_number: int
    because: tuple[str, ...]
    ends_when: tuple[str, ...]
    facts_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExplanation:
    """Every reason that holds now for the case's borrower, the oldest first."""

    reasons: tuple[Reason, ...]


def why(*, case: Case) -> CaseExplanation:
    """
    Return why a case exists, in the reader's language, with two queries for any number of reasons.

    A reason of a policy version that can no longer be read keeps its code and has no sentences. The caller has
    already made sure that the reader may see the case.
    """
    hits = list(
        TriggerHit.objects.filter(borrower_id=case.borrower_id, left_on__isnull=True)
        .select_related("account", "policy_version")
        .order_by("entered_on", "pk")
    )
    latest = _latest_facts(account_ids={hit.account_id for hit in hits})
    policies: dict[int, PolicyRules | None] = {}
    return CaseExplanation(reasons=tuple(_reason(hit, latest.get(hit.account_id), policies) for hit in hits))


def _latest_facts(*, account_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    rows = (
        AccountFacts.objects.filter(account_id__in=account_ids)
        .order_by("account_id", "-business_date")
        .distinct("account_id")
    )
    return {row["account_id"]: row for row in rows.values("account_id", "business_date", *FEATURES)}


def _reason(hit: TriggerHit, latest: dict[str, Any] | None, policies: dict[int, PolicyRules | None]) -> Reason:
    policy = _policy(hit.policy_version, policies)
    rule: Rule | None = policy.rule(hit.rule) if policy else None
    because: tuple[str, ...] = ()
    ends_when: tuple[str, ...] = ()
    if policy is not None and rule is not None:
        because = rule_sentences(rule.when, policy=policy, facts={"currency": hit.account.currency, **hit.facts})
        ends_when = closing_sentences(rule.when, policy=policy, facts=latest)
    return Reason(
        rule=hit.rule,
        title=str(rule.title) if rule else hit.rule,
        account_ref=hit.account.external_ref,
        entered_on=hit.entered_on,
        muted=hit.muted,
        policy_number=hit.policy_version.number,
        because=because,
        ends_when=ends_when,
        facts_on=latest["business_date"] if latest else None,
    )


def _policy(version: PolicyVersion, policies: dict[int, PolicyRules | None]) -> PolicyRules | None:
    if version.pk not in policies:
        try:
            policies[version.pk] = parse_policy(version.body)
        except InvalidInput:
            policies[version.pk] = None
    return policies[version.pk]
