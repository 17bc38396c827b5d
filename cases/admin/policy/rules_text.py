"""Policies and facts as sentences in the reader's language, for pages and lists."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from backoffice.core.pages.cells import lines
from cases.enums import DecisionKind
from cases.models import PolicyVersion
from cases.rules.policy.body import PolicyRules
from cases.rules.policy.features import FEATURES
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.proposal_table import table_of
from cases.rules.policy.rule_sentences import rule_sentence
from cases.rules.policy.sentences import rule_sentences, value_text
from cases.rules.reasons import REASONS
from cases.selectors.policies.versions import get_active_version


def rule_titles(version: PolicyVersion) -> dict[str, str]:
    """Return the titles of a version's visit rules by code; none if its body is not a valid policy."""
    try:
        rules = parse_policy(version.body)
    except InvalidInput:
        return {}
    return {rule.code: str(rule.title) for rule in rules.rules}


def policy_sentences(version: PolicyVersion) -> SafeString | str:
    """Return a whole policy as HTML: lists of sentences for gate, visit rules, rewards and restrictions."""
    try:
        rules = parse_policy(version.body)
    except InvalidInput as error:
        return format_html("{}: {}", error.field, error)
    blocks: list[tuple[Any, Any]] = [(_("Accounts looked at"), _sentences(rules.gate, rules))]
    most = rules.parameters.max_figures_age_days
    if most is not None:
        said = _("Older than {days} days: no new case, reward or restriction, and what holds stays.").format(days=most)
        blocks.append((_("Figures of the core"), said))
    blocks += [(_headed(rule.title, rule.needs_visit), _sentences(rule.when, rules)) for rule in rules.rules]
    for standing in (*rules.rewards, *rules.restrictions):
        effect = DecisionKind(standing.effect.kind).label
        blocks.append((f"{standing.title} → {effect}", _sentences(standing.when, rules)))
    blocks.append((_("Proposals after a verification"), _rows(rules)))
    return format_html_join("", '<div class="mb-4"><div class="font-semibold text-important">{}</div>{}</div>', blocks)


def _rows(rules: PolicyRules) -> SafeString | str:
    """Return the table of proposals: a line a row, in its order, the reasons behind what follows."""
    house = [] if rules.proposals else [_("This version has no table of its own; the house's decides:")]
    rows = [
        _("{number}. {title}: {sentence} Because: {reasons}").format(
            number=number,
            title=row.title,
            sentence=rule_sentence(row, policy=rules),
            reasons=" ".join(str(REASONS[code]) for code in row.reasons),
        )
        for number, row in enumerate(table_of(rules).rows, start=1)
    ]
    return lines([*house, *rows])


def _headed(title: Any, needs_visit: bool) -> str:
    return f"{title} · {_('asks for a visit')}" if needs_visit else str(title)


def _sentences(tree: Any, rules: PolicyRules) -> SafeString | str:
    return lines(rule_sentences(tree, policy=rules))


def current_titles() -> dict[str, str]:
    """Return the titles of the visit rules in force by code; none if no policy is in force."""
    version = get_active_version()
    return rule_titles(version) if version else {}


def fact_sentences(facts: Mapping[str, Any]) -> list[str]:
    """Return the facts of a hit as sentences: the values that its rule used when it began to hold."""
    currency = str(facts.get("currency", ""))
    return [
        f"{FEATURES[name].label}: {value_text(name, value, currency=currency)}"
        for name, value in facts.items()
        if name in FEATURES
    ]
