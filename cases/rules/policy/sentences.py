"""Conditions as sentences: what a rule asks, the account's value, and what would make the condition end."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.enums import AccountStatus, Product
from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, PolicyRules, Tree
from cases.rules.policy.feature import Unit
from cases.rules.policy.verified_facts import FACT_LABELS, feature_of

# The sentence of each operator, and for the negation the opposite operator.
_ASKED: Final[Mapping[str, str | Promise]] = {
    "gte": gettext_lazy("{label} at least {value}"),
    "gt": gettext_lazy("{label} more than {value}"),
    "lte": gettext_lazy("{label} at most {value}"),
    "lt": gettext_lazy("{label} less than {value}"),
    "eq": gettext_lazy("{label} exactly {value}"),
    "is": gettext_lazy("{label}: {value}"),
    "ne": gettext_lazy("{label} other than {value}"),
    "in": gettext_lazy("{label} one of {value}"),
    "not_in": gettext_lazy("{label} none of {value}"),
}
_WORDS: Final[Mapping[str, type[TextChoices]]] = {"status": AccountStatus, "product": Product, **FACT_LABELS}
_OPPOSITE: Final = {
    "gte": "lt",
    "gt": "lte",
    "lte": "gt",
    "lt": "gte",
    "eq": "ne",
    "ne": "eq",
    "in": "not_in",
    "not_in": "in",
}


def condition_sentence(
    condition: Condition, *, policy: PolicyRules, facts: Mapping[str, Any] | None = None, or_unknown: bool = False
) -> str:
    """
    Return one comparison as a sentence in the reader's language, with the account's value where `facts` holds it.

    Thresholds are in the policy's currency, the account's amounts in the currency of `facts`. `or_unknown` adds "or
    unknown" if the feature can be unknown.
    """
    feature = feature_of(condition.feature)
    text = str(_ASKED[condition.op]).format(
        label=feature.label, value=value_text(condition.feature, condition.value, currency=policy.currency)
    )
    if or_unknown and feature.nullable:
        text = _("{sentence} or unknown").format(sentence=text)
    if facts is None or condition.feature not in facts:
        return text
    currency = str(facts.get("currency") or policy.currency)
    return _("{sentence} (here: {value})").format(
        sentence=text, value=value_text(condition.feature, facts[condition.feature], currency=currency)
    )


def tree_sentence(
    tree: Tree, *, policy: PolicyRules, facts: Mapping[str, Any] | None = None, inside: bool = False
) -> str:
    """Return a tree as one sentence; a group `inside` another group is put in brackets."""
    if isinstance(tree, Condition):
        return condition_sentence(tree, policy=policy, facts=facts)
    if isinstance(tree, Not):
        return closing_sentence(tree.part, policy=policy, facts=facts, inside=inside, or_unknown=True)
    parts = [tree_sentence(part, policy=policy, facts=facts, inside=True) for part in tree.parts]
    return _joined(parts, every=isinstance(tree, AllOf), inside=inside)


def closing_sentence(
    tree: Tree,
    *,
    policy: PolicyRules,
    facts: Mapping[str, Any] | None = None,
    inside: bool = False,
    or_unknown: bool = False,
) -> str:
    """
    Return what must become true so that `tree` no longer holds: its negation, applied to the single comparisons.

    `or_unknown` adds that an unknown value is enough too: for the text of a rule, not for the answer to what would end
    a reason.
    """
    if isinstance(tree, Condition):
        return condition_sentence(_negated(tree), policy=policy, facts=facts, or_unknown=or_unknown)
    if isinstance(tree, Not):
        return tree_sentence(tree.part, policy=policy, facts=facts, inside=inside)
    parts = [
        closing_sentence(part, policy=policy, facts=facts, inside=True, or_unknown=or_unknown) for part in tree.parts
    ]
    return _joined(parts, every=isinstance(tree, AnyOf), inside=inside)


def rule_sentences(tree: Tree, *, policy: PolicyRules, facts: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Return one sentence for each part of a rule's tree that must hold."""
    parts = tree.parts if isinstance(tree, AllOf) else (tree,)
    return tuple(tree_sentence(part, policy=policy, facts=facts) for part in parts)


def closing_sentences(tree: Tree, *, policy: PolicyRules, facts: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Return the ways to end a reason, one sentence each; any one of them is enough."""
    parts = tree.parts if isinstance(tree, AllOf) else (tree,)
    return tuple(closing_sentence(part, policy=policy, facts=facts) for part in parts)


def value_text(name: str, value: Any, *, currency: str) -> str:
    """Return a feature's value in words with its unit; amounts in `currency`, "unknown" for None."""
    unit = feature_of(name).unit
    if value is None:
        return _("unknown")
    if unit == Unit.FLAG:
        return _("yes") if value else _("no")
    if unit == Unit.WORD:
        words = dict(_WORDS[name].choices) if name in _WORDS else {}
        return " / ".join(
            str(words.get(each, each)) for each in (value if isinstance(value, tuple | list) else [value])
        )
    number = _decimal(value)
    if number is None:
        return str(value)
    if unit == Unit.MONEY:
        places = 0 if number == number.to_integral_value() else 2
        # Digits in groups of three in both languages, as Chinese bank statements have them.
        return f"{currency} {number:,.{places}f}"
    if unit == Unit.SHARE:
        return _("{number} %").format(number=_plain(number * 100))
    if unit == Unit.PERCENT:
        return _("{number} %").format(number=_plain(number))
    if unit == Unit.DAYS:
        return _("{number} days").format(number=_plain(number))
    return _plain(number)


def _negated(condition: Condition) -> Condition:
    if condition.op == "is":
        return Condition(feature=condition.feature, op="is", value=not condition.value)
    return Condition(feature=condition.feature, op=_OPPOSITE[condition.op], value=condition.value)


def _joined(parts: list[str], *, every: bool, inside: bool) -> str:
    text = (_("; and ") if every else _("; or ")).join(parts)
    return f"({text})" if inside and len(parts) > 1 else text


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def points_text(fraction: Decimal | None) -> str:
    """Return a fraction as percentage points: 0.005 is "0.5"; a dash for None."""
    return "-" if fraction is None else _plain(fraction * 100)
