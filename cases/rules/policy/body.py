"""The rules of a policy version as frozen values: conditions, rules, effects, caps and parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from django.utils.translation import get_language


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison. `value` is Decimal or int for numbers, bool for flags, str or a tuple of them for words."""

    feature: str
    op: str
    value: Decimal | int | bool | str | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Every part holds."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The part does not hold; an unknown value meets no condition, so its negation holds."""

    part: "Tree"


Tree = Condition | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A name in both languages of the house."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A reason to look at an account. Lower `priority` is more urgent."""

    code: str
    title: Title
    priority: int
    needs_visit: bool
    when: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """
    What a standing rule proposes. `kind` is a DecisionKind.

    `percent` of the limit for LIMIT_INCREASE and LIMIT_CUT, `points` for RATE_REDUCTION as a fraction (0.005 is
    half a percentage point), `max_amount` a cap of the change in the policy's currency, `expires_days` from the day
    that it takes effect (always given for restrictions).
    """

    kind: str
    percent: Decimal | None = None
    points: Decimal | None = None
    max_amount: Decimal | None = None
    expires_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRule:
    """A reason to reward or to restrict. Of the rules with one kind of effect the first that holds counts."""

    code: str
    title: Title
    when: Tree
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """
    Bounds of the standing job. Shares are of the accounts judged; rates are fractions.

    `max_share_rewarded` and `max_share_restricted` stop a mistaken policy from moving a whole book in a night.
    """

    max_share_rewarded: Decimal = Decimal("0.20")
    max_share_restricted: Decimal = Decimal("0.05")
    rate_step: Decimal = Decimal("0.005")
    rate_max: Decimal = Decimal("0.03")
    max_limit_percent: Decimal = Decimal(50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Grades by the sum at stake in the policy's currency, and days by priority."""

    grade_a_amount: Decimal = Decimal(200_000)
    grade_b_amount: Decimal = Decimal(50_000)
    sla_days: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({1: 2, 2: 5, 3: 10}))
    visit_days: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({1: 7, 2: 14, 3: 21}))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRules:
    """A whole policy, read and checked. `rates`: units of a currency for one unit of the policy's own."""

    currency: str
    rates: Mapping[str, Decimal]
    parameters: Parameters
    gate: Tree
    rules: tuple[Rule, ...]
    rewards: tuple[StandingRule, ...] = ()
    restrictions: tuple[StandingRule, ...] = ()
    caps: Caps = field(default_factory=Caps)

    def rule(self, code: str) -> Rule | None:
        """Return the rule of that code, None if this version has none."""
        return next((rule for rule in self.rules if rule.code == code), None)


def leaves(tree: Tree) -> tuple[Condition, ...]:
    """Return every comparison of a tree, from left to right."""
    if isinstance(tree, Condition):
        return (tree,)
    parts = (tree.part,) if isinstance(tree, Not) else tree.parts
    return tuple(leaf for part in parts for leaf in leaves(part))


def features_of(tree: Tree) -> tuple[str, ...]:
    """Return the names of the features that a tree looks at, each once, in order."""
    return tuple(dict.fromkeys(leaf.feature for leaf in leaves(tree)))
