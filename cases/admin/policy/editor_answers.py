"""Answers to the policy editor: faults with their paths, sentences in both languages, findings and counts."""

from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.models import PolicyVersion
from cases.rules.policy.body import Rule
from cases.rules.policy.checks import check_policy
from cases.rules.policy.draft_reading import Part, PolicyReading, read_draft
from cases.rules.policy.json_text import read_policy_text
from cases.rules.policy.rule_sentences import gate_sentence, rule_sentence
from cases.rules.policy.sentences import tree_sentence
from cases.rules.trials.estimates import Estimate
from cases.selectors.policies.draft_counts import DraftCounts, Hits, draft_counts
from cases.selectors.policies.fact_counts import TooSlow

# Findings in one answer, the most severe first.
MOST_FINDINGS: Final = 60
LANGUAGES: Final = {"zh": "zh-hans", "en": "en"}


def checked(*, text: bytes, segment: str) -> tuple[PolicyReading | None, dict[str, Any]]:
    """Return the reading of a body given as JSON text, and the answer about it; no reading if it is not JSON."""
    try:
        body = read_policy_text(text)
    except InvalidInput as error:
        return None, {"faults": [{"path": error.field, "message": str(error)}], "sentences": {}, "findings": []}
    reading = read_draft(body)
    return reading, {
        "faults": [{"path": fault.path, "message": fault.message} for fault in reading.faults],
        "sentences": _sentences(reading),
        "findings": _findings(reading, segment),
    }


def _findings(reading: PolicyReading, segment: str) -> list[dict[str, Any]]:
    """Return the findings of the static checks, which need a policy without faults."""
    if reading.policy is None:
        return []
    return [
        {"kind": finding.kind, "severity": finding.severity, "paths": list(finding.paths), "message": finding.message}
        for finding in check_policy(reading.policy, segment=segment)[:MOST_FINDINGS]
    ]


def counts_answer(*, reading: PolicyReading, version: PolicyVersion, user: Any) -> dict[str, Any]:
    """Return how many accounts each part hits today, or a note on why that cannot be counted."""
    try:
        counts = draft_counts(reading=reading, segment=version.policy.segment, user=user)
    except TooSlow:
        return {"counts": None, "note": _("The database is too busy to count now. Type on; the next pause asks again.")}
    if counts is not None:
        return {"counts": _shown(counts), "note": ""}
    if not reading.is_countable:
        return {"counts": None, "note": _("Counts come back when currency, rates and gate have no fault.")}
    return {"counts": None, "note": _("No day has been judged yet, so nothing can be counted.")}


def _shown(counts: DraftCounts) -> dict[str, Any]:
    day = date_format(counts.business_date, "DATE_FORMAT")
    if counts.is_estimate:
        said = _("Estimated from {sampled} of {judged} accounts as they stood on {day}.")
    else:
        said = _("Counted over {judged} accounts as they stood on {day}.")
    versus = _("Against version {number}, which is in force.").format(number=counts.against) if counts.against else ""
    return {
        "said": f"{said.format(sampled=f'{counts.sampled:,}', judged=f'{counts.judged:,}', day=day)} {versus}".strip(),
        "passing": _("{overdue} are overdue, {passing} of them pass the gate.").format(
            overdue=_about(counts.accounts, counts), passing=_about(counts.parts["gate"].now, counts)
        ),
        "change": _("{entered} enter, {left} leave.").format(
            entered=f"{counts.parts['rules'].entered:,}", left=f"{counts.parts['rules'].left:,}"
        )
        if counts.against
        else "",
        "is_estimate": counts.is_estimate,
        "against": counts.against,
        "accounts": {"now": counts.accounts.value, "low": counts.accounts.low, "high": counts.accounts.high},
        "judged": counts.judged,
        "parts": {place: _hits(hits) for place, hits in counts.parts.items()},
    }


def _about(number: Estimate, counts: DraftCounts) -> str:
    return f"{'≈ ' if counts.is_estimate else ''}{number.value:,}"


def _hits(hits: Hits) -> dict[str, Any]:
    return {
        "now": hits.now.value,
        "low": hits.now.low,
        "high": hits.now.high,
        "before": hits.before,
        "entered": hits.entered,
        "left": hits.left,
    }


def _sentences(reading: PolicyReading) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, language in LANGUAGES.items():
        with override(language):
            if reading.gate is not None:
                found.setdefault("gate", {})[name] = gate_sentence(reading.gate, policy=reading.frame)
            for part in reading.parts:
                if part.when is not None:
                    found.setdefault(part.path, {})[name] = _sentence(part, reading)
    return found


def _sentence(part: Part, reading: PolicyReading) -> str:
    if part.rule is not None and (not isinstance(part.rule, Rule) or _days_known(reading)):
        return rule_sentence(part.rule, policy=reading.frame)
    assert part.when is not None  # noqa: S101 - asked for readable parts only
    return tree_sentence(part.when, policy=reading.frame)


def _days_known(reading: PolicyReading) -> bool:
    return not any(fault.path.startswith("parameters") for fault in reading.faults)
