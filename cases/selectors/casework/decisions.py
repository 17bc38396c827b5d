"""The explanation of a decision: reasons, basis, who decided, how long it counts, and how to appeal (PIPL art. 24)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language

from cases.enums import DecisionState, TermsField
from cases.models import Decision, TermsChange
from cases.rules.reasons import REASONS, WAYS_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """
    What the borrower may be told of a decision. Sentences are in the reader's language.

    `decided_by_a_person` is None while nobody has decided.
    """

    kind: str
    reasons: tuple[str, ...]
    changes: tuple[tuple[TermsField, str, str], ...]
    policy_version: str
    decided_by_a_person: bool | None
    effective_on: date | None
    expires_on: date | None
    way_back: str
    appeal: str


def explain_decision(*, decision: Decision) -> Explanation:
    """
    Return the explanation of one decision. `changes` are (term, before, after) of its ledger lines, the values as the ledger holds them.

    Reasons of the standing job are the titles of the policy version's own rules. One query, and one for the policy version
    where the decision does not hold it yet.
    """
    lines = TermsChange.objects.filter(decision=decision).order_by("pk")
    way_back = WAYS_BACK.get(decision.terms.get("way_back", ""), "")
    # Of a rejected one nobody decided anything that the borrower could be told of.
    is_decided = decision.state != DecisionState.PROPOSED and (decision.approved_by_id or decision.approved_under_id)
    return Explanation(
        kind=str(decision.get_kind_display()),
        reasons=reason_texts(decision=decision),
        changes=tuple((TermsField(line.field), line.before, line.after) for line in lines),
        policy_version=str(decision.policy_version),
        decided_by_a_person=decision.approved_by_id is not None if is_decided else None,
        effective_on=decision.effective_on,
        expires_on=decision.expires_on,
        way_back=str(way_back),
        appeal=str(WAYS_BACK["APPEAL"]),
    )


def reason_texts(*, decision: Decision) -> tuple[str, ...]:
    """Return the reasons in the reader's language, with what an officer wrote for the borrower last."""
    titles = _rule_titles(decision.policy_version.body)
    texts = [str(REASONS.get(code) or titles.get(code, code)) for code in decision.reasons]
    return tuple([*texts, decision.explanation] if decision.explanation else texts)


def _rule_titles(body: Any) -> dict[str, str]:
    """Return the titles of the rules in a policy's body, by code; a body of another shape has none."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    rules = (
        [rule for part in ("rewards", "restrictions") for rule in body.get(part, [])] if isinstance(body, dict) else []
    )
    return {rule["code"]: rule["title"][language] for rule in rules if isinstance(rule, dict) and "title" in rule}
