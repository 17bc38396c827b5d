"""Why a case exists: the trigger hits that hold, as sentences, with the facts on entry and now and what would end each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from backoffice.core.errors import InvalidInput
from cases.models import AccountFacts, Borrower, Case, PolicyVersion, TriggerHit
from cases.rules.policy.body import PolicyRules, Rule
from cases.rules.policy.features import FEATURES
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.sentences import closing_sentences, rule_sentences
from cases.selectors.casework.people import others_of_case


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """
    One rule that holds for one account. `because` has the values on entry, `ends_when` those of the latest facts.

    `linked` is None where the account is of the case's own borrower, else the other borrower of the person. `facts_on` is the business date of the latest facts, None where none are kept.
    """

    rule: str
    title: str
    account_ref: str
    linked: Borrower | None
    entered_on: date
    muted: bool
    policy_number: int
    because: tuple[str, ...]
    ends_when: tuple[str, ...]
    facts_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExplanation:
    """Every reason that holds now for the borrowers of the case's person, the oldest first."""

    reasons: tuple[Reason, ...]


def why(*, case: Case, user: Any) -> CaseExplanation:
    """
    Return why a case exists, in the reader's language: the reasons of its borrower, and those of the person's other
    borrowers that `user` may see. Two queries for any number of reasons, and one for a person with several borrowers.

    A reason of a policy version that can no longer be read keeps its code and has no sentences. The caller has
    already made sure that the reader may see the case.
    """
    linked = {borrower.pk: borrower for borrower in others_of_case(case=case, user=user)}
    hits = list(
        TriggerHit.objects.filter(borrower_id__in=[case.borrower_id, *linked], left_on__isnull=True)
        .select_related("account", "policy_version")
        .order_by("entered_on", "pk")
    )
    latest = _latest_facts(account_ids={hit.account_id for hit in hits})
    policies: dict[int, PolicyRules | None] = {}
    return CaseExplanation(
        reasons=tuple(
            _reason(hit, latest.get(hit.account_id), policies, linked=linked.get(hit.borrower_id)) for hit in hits
        )
    )


def _latest_facts(*, account_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    rows = (
        AccountFacts.objects.filter(account_id__in=account_ids)
        .order_by("account_id", "-business_date")
        .distinct("account_id")
    )
    return {row["account_id"]: row for row in rows.values("account_id", "business_date", *FEATURES)}


def _reason(
    hit: TriggerHit,
    latest: dict[str, Any] | None,
    policies: dict[int, PolicyRules | None],
    *,
    linked: Borrower | None,
) -> Reason:
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
        linked=linked,
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
